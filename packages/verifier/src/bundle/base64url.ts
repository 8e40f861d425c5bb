const DIGITS = new TextEncoder().encode('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_');
/** The value of each character below 128; NONE where it is no digit. */
const NONE = 255;
const VALUES = new Uint8Array(128).fill(NONE);
DIGITS.forEach((code, value) => {
  VALUES[code] = value;
});

/** Characters of so many bytes. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** Bytes as base64url, without padding. */
export function toBase64url(bytes: Uint8Array): string {
  const text = new Uint8Array(base64urlLength(bytes.length));
  let to = 0;
  for (let at = 0; at < bytes.length; at += 3) {
    const word = (bytes[at]! << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    // Behind the last byte the array ends: what is written there is dropped.
    for (let shift = 18; shift >= 0; shift -= 6) text[to++] = DIGITS[(word >> shift) & 63]!;
  }
  return new TextDecoder().decode(text);
}

/**
 * Bytes of base64url; undefined for a text that has other characters in it. Bits behind the last whole byte are not looked at:
 * whoever wants the one canonical text encodes again and compares.
 */
export function fromBase64url(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let [word, bits, at] = [0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const value = VALUES[text.charCodeAt(i)] ?? NONE;
    if (value === NONE) return undefined;
    word = ((word << 6) | value) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes[at++] = (word >> bits) & 0xff;
  }
  return bytes;
}
