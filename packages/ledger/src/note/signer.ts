import { ed25519 } from '@noble/curves/ed25519.js';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { concat, toBase64 } from '../bytes.js';
import {
  formatVkey,
  hexOf,
  invalid,
  isKeyName,
  KEY_TYPES,
  keyParts,
  type VerifierKey,
  verifierKey,
} from './key.js';

/** Signs texts of notes as one key. */
export interface Signer {
  key: VerifierKey;
  sign(message: Uint8Array): Uint8Array;
}

/** The kinds of key that a log signs with; each has a secret seed of 32 bytes. */
export const LOG_KEY_TYPES = ['ed25519', 'ml-dsa-65'] as const;
export type LogKeyType = (typeof LOG_KEY_TYPES)[number];

/** A log's keys: `signers` is secret, `vkeys` is what verifiers pin. Of each, Ed25519 first. */
export interface LogKeys {
  signers: [ed25519: string, mlDsa: string];
  vkeys: [ed25519: string, mlDsa: string];
}

const SEED_BYTES = 32;
const SECRET = 'PRIVATE+KEY+';

/**
 * New keys for a log of this origin: one for Ed25519, one for ML-DSA-65, from the system's random numbers. Keep `signers` as you keep
 * passwords; publish `vkeys`. Errors: `LEDGER_KEY_INVALID`.
 *
 * @param origin the log's name, such as `example.com/log`: no spaces, no plus signs
 *
 * @example
 * const keys = generateLogKeys('example.com/log');
 * console.log(keys.vkeys);
 */
export function generateLogKeys(origin: string): LogKeys {
  if (!isKeyName(origin))
    throw invalid('a name is 1 to 255 characters without spaces, controls and plus signs');
  const both = LOG_KEY_TYPES.map((type) => {
    const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
    const { key } = signerOf(origin, type, seed);
    const secret = toBase64(concat(KEY_TYPES[type].prefix, seed));
    return { signer: `${SECRET}${origin}+${hexOf(key.id)}+${secret}`, vkey: formatVkey(key) };
  });
  return { signers: [both[0]!.signer, both[1]!.signer], vkeys: [both[0]!.vkey, both[1]!.vkey] };
}

/** Reads a signer, as {@link generateLogKeys} writes it; for Ed25519 that is Go's format. Errors: `LEDGER_KEY_INVALID`. */
export function parseSigner(text: string): Signer & { type: LogKeyType; seed: Uint8Array } {
  if (!text.startsWith(SECRET)) throw invalid('a signer begins with PRIVATE+KEY+');
  const { name, id, bytes } = keyParts(text.slice(SECRET.length));
  for (const type of LOG_KEY_TYPES) {
    const { prefix } = KEY_TYPES[type];
    const isIt = bytes.length === prefix.length + SEED_BYTES && prefix.every((byte, i) => byte === bytes[i]);
    if (!isIt) continue;
    const seed = bytes.slice(prefix.length);
    const signer = signerOf(name, type, seed);
    if (signer.key.id !== id) throw invalid('its id is not that of its name and key');
    return { ...signer, type, seed };
  }
  throw invalid('a signer is of type Ed25519 or ML-DSA-65');
}

function signerOf(name: string, type: LogKeyType, seed: Uint8Array): Signer {
  if (type === 'ed25519') {
    const key = verifierKey(name, type, ed25519.getPublicKey(seed));
    return { key, sign: (message) => ed25519.sign(message, seed) };
  }
  const { publicKey, secretKey } = ml_dsa65.keygen(seed);
  return { key: verifierKey(name, type, publicKey), sign: (message) => ml_dsa65.sign(message, secretKey) };
}
