import { ed25519 } from '@noble/curves/ed25519.js';
import { ml_dsa44, ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';
import { bigEndian, bytesOf, concat, fromBase64, fromBigEndian, wholeNumber } from '../bytes.js';
import { KEY_TYPES, type VerifierKey } from './key.js';

/** Whether a signature of a note's text is this key's, by the rules of the key's type. */
export function verifySignature(key: VerifierKey, text: string, signature: Uint8Array): boolean {
  const { type, publicKey } = key;
  if (signature.length !== KEY_TYPES[type].signatureBytes) return false;
  if (type === 'ed25519') return isEd25519(signature, bytesOf(text), publicKey);
  if (type === 'ml-dsa-65') return ml_dsa65.verify(signature, bytesOf(text), publicKey);
  const [time, own] = [fromBigEndian(signature.subarray(0, 8)), signature.subarray(8)];
  if (!Number.isSafeInteger(time)) return false;
  if (type === 'cosignature-ed25519') return isEd25519(own, cosignedNote(text, time), publicKey);
  const message = cosignedHead(key.name, text, time);
  return message !== undefined && ml_dsa44.verify(own, message, publicKey);
}

/** Strictly as RFC 8032 says, not what ZIP 215 allows besides. */
function isEd25519(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return ed25519.verify(signature, message, publicKey, { zip215: false });
}

/** What a witness signs by Ed25519: its time before the checkpoint's text (tlog-cosignature). */
export function cosignedNote(text: string, time: number): Uint8Array {
  return bytesOf(`cosignature/v1\ntime ${time}\n${text}`);
}

/** What a witness signs by ML-DSA-44; undefined where the text is no checkpoint. */
export function cosignedHead(name: string, text: string, time: number): Uint8Array | undefined {
  const [origin = '', size = '', root = ''] = text.split('\n');
  const [end, hash, by, log] = [wholeNumber(size), fromBase64(root), bytesOf(name), bytesOf(origin)];
  if (end === undefined || hash?.length !== 32 || by.length > 255 || log.length > 255) return undefined;
  const named = (bytes: Uint8Array) => concat(Uint8Array.of(bytes.length), bytes);
  const numbers = concat(bigEndian(0, 8), bigEndian(end, 8));
  return concat('subtree/v1\n\0', named(by), bigEndian(time, 8), named(log), numbers, hash);
}
