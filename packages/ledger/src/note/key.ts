import { PotError } from '@proof-of-training/errors';
import { bigEndian, concat, fromBase64, fromBigEndian, sha256, toBase64 } from '../bytes.js';

/**
 * Kinds of note signatures that are known here: the log's own two, and those of witnesses (C2SP tlog-cosignature).
 *
 * C2SP assigns no type to ML-DSA-65: type 0xff and a name, as signed-note says.
 */
export const KEY_TYPES = {
  ed25519: { prefix: Uint8Array.of(0x01), publicBytes: 32, signatureBytes: 64 },
  'ml-dsa-65': {
    prefix: concat(Uint8Array.of(0xff), 'proof-of-training/ml-dsa-65\n'),
    publicBytes: 1952,
    signatureBytes: 3309,
  },
  'cosignature-ed25519': { prefix: Uint8Array.of(0x04), publicBytes: 32, signatureBytes: 8 + 64 },
  'cosignature-ml-dsa-44': { prefix: Uint8Array.of(0x06), publicBytes: 1312, signatureBytes: 8 + 2420 },
} as const;

export type KeyType = keyof typeof KEY_TYPES;

/** A key that verifies signatures of notes. */
export interface VerifierKey {
  /** Who signs: for a log's own keys its origin. */
  name: string;
  /** The first four bytes of a hash of name, type and key, as a number. */
  id: number;
  type: KeyType;
  publicKey: Uint8Array;
}

/** Longest name of a key, and origin of a log. */
export const MAX_NAME = 255;

/** A key by its parts. Errors: `LEDGER_KEY_INVALID`. */
export function verifierKey(name: string, type: KeyType, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name))
    throw invalid('a name is 1 to 255 characters without spaces, controls and plus signs');
  const { prefix, publicBytes } = KEY_TYPES[type];
  if (publicKey.length !== publicBytes) throw invalid(`a key of ${type} has ${publicBytes} bytes`);
  const id = fromBigEndian(sha256(name, '\n', prefix, publicKey).subarray(0, 4));
  return { name, id, type, publicKey };
}

/**
 * A verifier key as text (C2SP signed-note): `<name>+<id>+<base64 of type and key>`.
 *
 * @example
 * const { vkeys } = generateLogKeys('example.com/log');
 * formatVkey(parseVkey(vkeys[0])) === vkeys[0]; // true
 */
export function formatVkey({ name, id, type, publicKey }: VerifierKey): string {
  return `${name}+${hexOf(id)}+${toBase64(concat(KEY_TYPES[type].prefix, publicKey))}`;
}

/**
 * Reads a verifier key. Errors: `LEDGER_KEY_INVALID`, also for a type that is not known here.
 *
 * @example
 * parseVkey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k').type; // 'ed25519'
 */
export function parseVkey(vkey: string): VerifierKey {
  const { name, id, bytes } = keyParts(vkey);
  for (const type of Object.keys(KEY_TYPES) as KeyType[]) {
    const { prefix, publicBytes } = KEY_TYPES[type];
    const isIt = bytes.length === prefix.length + publicBytes && prefix.every((byte, i) => byte === bytes[i]);
    if (!isIt) continue;
    const key = verifierKey(name, type, bytes.slice(prefix.length));
    if (key.id !== id) throw invalid('its id is not that of its name and key');
    return key;
  }
  throw invalid('it is of no known type');
}

/** The parts of `<name>+<id>+<base64>`. */
export function keyParts(text: string): { name: string; id: number; bytes: Uint8Array } {
  const [, name, id, key] = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)$/.exec(text.slice(0, 8192)) ?? [];
  const bytes = fromBase64(key ?? '');
  if (!name || !id || !bytes || !isKeyName(name))
    throw invalid('it is not name, id and base64 between plus signs');
  return { name, id: Number.parseInt(id, 16), bytes };
}

/** A key's id as its eight hex digits. */
export function hexOf(id: number): string {
  return id.toString(16).padStart(8, '0');
}

/** A key's id as its four bytes. */
export function idBytes(id: number): Uint8Array {
  return bigEndian(id, 4);
}

/** Whether a text can name a key: no spaces of Unicode, no control characters, no plus sign. */
export function isKeyName(name: string): boolean {
  return name.length > 0 && name.length <= MAX_NAME && !/[\s+\p{Cc}\p{Z}\p{Cs}]/u.test(name);
}

/** Never quotes the text: it may be a secret key. */
export function invalid(why: string): PotError {
  return new PotError('LEDGER_KEY_INVALID', `this is no key of a note: ${why}`, {
    hint: 'Give a key as it was published, <name>+<id>+<key>, or a signer as generateLogKeys gave it.',
  });
}
