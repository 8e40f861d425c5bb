import { createHash } from 'node:crypto';
import { PotError } from '@proof-of-training/halo2-wasm';

/** What training has arrived at at a window's border, with the salt of its commitment. Secret. */
export interface Checkpoint {
  /** The trained weights, then the optimiser's state where it has one: `checkpointCount(spec)` integers. */
  weights: BigInt64Array;
  /** 32 bytes, used for these integers only. */
  salt: Uint8Array;
}

const SALT = 32;
const HASH = 32;

/** File form: salt, weights (64-bit little-endian), SHA-256 of both. */
export function encodeCheckpoint({ weights, salt }: Checkpoint): Uint8Array {
  const bytes = new Uint8Array(SALT + weights.byteLength + HASH);
  bytes.set(salt, 0);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < weights.length; i++) view.setBigInt64(SALT + 8 * i, weights[i]!, true);
  bytes.set(sha256(bytes.subarray(0, bytes.length - HASH)), bytes.length - HASH);
  return bytes;
}

/** The inverse. Errors: `STATE_DAMAGED`. */
export function decodeCheckpoint(bytes: Uint8Array, count: number, name: string): Checkpoint {
  const body = bytes.subarray(0, bytes.length - HASH);
  if (bytes.length !== SALT + 8 * count + HASH || !sha256(body).equals(bytes.subarray(bytes.length - HASH))) {
    throw new PotError('STATE_DAMAGED', `${name} is damaged`, {
      hint: 'Restore the run folder from a copy, or start a new run.',
    });
  }
  const view = new DataView(body.buffer, body.byteOffset + SALT, 8 * count);
  const weights = new BigInt64Array(count);
  for (let i = 0; i < count; i++) weights[i] = view.getBigInt64(8 * i, true);
  return { salt: body.slice(0, SALT), weights };
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
