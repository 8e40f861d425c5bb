import { shake256 } from '@noble/hashes/sha3.js';
import { concat, sha256 } from '../bytes.js';
import { EVENT } from './entry.js';
import type { Field } from './fields.js';

export const FIELD = 'proof-of-training/ledger-field@v1';
export const FIELDS = 'proof-of-training/ledger-event@v1';
export const SALTS = 'proof-of-training/ledger-salts@v1\n';
export const SALT_BYTES = 32;

/** A field as others see it: its name and the commitment to its value. */
export interface Commitment {
  name: string;
  commitment: Uint8Array;
}

/**
 * The salts of an event's fields, in the order of their names, from its 32 secret bytes: SHAKE256's output in pieces, so that a salt that
 * is shown says nothing of the others.
 */
export function saltsOf(secret: Uint8Array, fields: number): Uint8Array[] {
  const all = shake256(concat(SALTS, secret), { dkLen: fields * SALT_BYTES });
  return Array.from({ length: fields }, (_, i) => all.slice(i * SALT_BYTES, (i + 1) * SALT_BYTES));
}

/** A commitment to one field: it binds the log, the name and the value, and hides the value behind the salt. */
export function commitField(origin: string, { name, json }: Field, salt: Uint8Array): Uint8Array {
  return sha256(`${FIELD}\n${origin}\n${name}\n`, salt, json);
}

/** The entry of an event: a hash of its fields' names and commitments, in the order of the names. */
export function eventEntry(origin: string, fields: readonly Commitment[]): Uint8Array {
  const parts = fields.flatMap(({ name, commitment }) => [Uint8Array.of(name.length), name, commitment]);
  return concat(Uint8Array.of(EVENT), sha256(`${FIELDS}\n${origin}\n`, ...parts));
}

/** The entry of an event whose fields and secret are known. */
export function commitEvent(origin: string, fields: readonly Field[], secret: Uint8Array): Uint8Array {
  const salts = saltsOf(secret, fields.length);
  const committed = fields.map((field, i) => ({
    name: field.name,
    commitment: commitField(origin, field, salts[i]!),
  }));
  return eventEntry(origin, committed);
}
