import { createHash, randomBytes } from 'node:crypto';
import { PotError } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { nameSchema } from './rule.js';

/** Metadata of a decision, by name. */
export type Metadata = Record<string, string | number | boolean | null>;

/** What opens a salted field: given to whoever may see it. */
export interface OpenedField {
  value: string | number | boolean | null;
  /** 32 bytes, hexadecimal. */
  salt: string;
}

const valueSchema = z.union([z.string().max(4096), z.number(), z.boolean(), z.null()]);
const digest = z.string().regex(/^[0-9a-f]{64}$/);

export const metadataSchema = z
  .record(nameSchema, valueSchema)
  .refine((fields) => Object.keys(fields).length <= 64, 'must have at most 64 fields');

export const disclosedSchema = z.record(nameSchema, z.strictObject({ value: valueSchema, salt: digest }));

/** As a file has it: in the clear, or its digest. In the order of names. */
export const fieldsSchema = z
  .array(
    z.union([
      z.strictObject({ name: nameSchema, value: valueSchema }),
      z.strictObject({ name: nameSchema, digest }),
    ]),
  )
  .max(64)
  .refine(
    (fields) => fields.every(({ name }, i) => i === 0 || fields[i - 1]!.name < name),
    'must be in order',
  );

export type Field = z.infer<typeof fieldsSchema>[number];

/** Fields of metadata, those named salted by their digests alone, and what opens them. Errors: `OPTION_INVALID`. */
export function fieldsOf(metadata: Metadata, salted: readonly string[]) {
  const unknown = salted.find((name) => !Object.hasOwn(metadata, name));
  if (unknown !== undefined)
    throw new PotError('OPTION_INVALID', `salted: the metadata has no ${unknown}`, {
      details: { option: 'salted' },
    });
  const opened: Record<string, OpenedField> = {};
  const names = Object.keys(metadata).sort();
  const fields = names.map((name): Field => {
    const value = metadata[name]!;
    if (!salted.includes(name)) return { name, value };
    opened[name] = { value, salt: randomBytes(32).toString('hex') };
    return { name, digest: fieldDigest(name, opened[name]) };
  });
  return { fields, opened };
}

/** What is known of the metadata, with what was disclosed. Errors: `EXPECTED_MISMATCH` for a disclosure that does not fit. */
export function knownFields(fields: readonly Field[], disclosed: Record<string, OpenedField>): Metadata {
  const known = fields.flatMap((field) => {
    const given = Object.hasOwn(disclosed, field.name) ? disclosed[field.name] : undefined;
    if ('value' in field) {
      if (given) throw mismatch(field.name);
      return [[field.name, field.value] as const];
    }
    if (!given) return [];
    if (fieldDigest(field.name, given) !== field.digest) throw mismatch(field.name);
    return [[field.name, given.value] as const];
  });
  const names = fields.map(({ name }) => name);
  const odd = Object.keys(disclosed).find((name) => !names.includes(name));
  if (odd !== undefined) throw mismatch(odd);
  return Object.fromEntries(known);
}

/** Errors: `EXPECTED_MISMATCH`, always made: that a field is not what it should be. */
export function mismatch(name: string): PotError {
  return new PotError('EXPECTED_MISMATCH', `metadata ${name} is not what the verifier expects`, {
    details: { name: `metadata.${name}` },
  });
}

function fieldDigest(name: string, { value, salt }: OpenedField): string {
  const text = `proof-of-training/compliance-field@v1\n${canonicalJson([name, salt, value])}`;
  return createHash('sha256').update(text).digest('hex');
}
