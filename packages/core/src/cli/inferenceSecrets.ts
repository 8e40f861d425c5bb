import { PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceContents } from '@proof-of-training/verifier';
import { decodeWeights, encodeWeights, fromBase64url, toBase64url } from '@proof-of-training/verifier/files';
import { z } from 'zod';
import { readJsonFile } from './files.js';

const base64url = z.string().regex(/^[A-Za-z0-9_-]*$/);
/** 64-bit little-endian integers, and 32 bytes. */
const contentSchema = z.strictObject({ entries: base64url, salt: base64url });
const secretsSchema = z.strictObject({ inputs: contentSchema.optional(), outputs: contentSchema.optional() });

/** What opens the digests that a proof shows in place of values. */
export interface InferenceSecrets {
  inputs?: InferenceContents;
  outputs?: InferenceContents;
}

/** The text of a file of secrets; undefined where nothing is committed. */
export function secretsText(secrets: InferenceSecrets): string | undefined {
  const opened = Object.entries(secrets).map(([name, { entries, salt }]) => {
    return [name, { entries: encodeWeights(entries), salt: toBase64url(salt) }];
  });
  return opened.length > 0 ? `${JSON.stringify(Object.fromEntries(opened))}\n` : undefined;
}

/** Reads what {@link secretsText} wrote. Errors: `FILE_READ`, `FILE_JSON`, `FORMAT_FOREIGN`. */
export async function readSecrets(path: string): Promise<InferenceSecrets> {
  const parsed = secretsSchema.safeParse(await readJsonFile(path));
  if (!parsed.success) throw foreign(path);
  const contents = ({ entries, salt }: z.infer<typeof contentSchema>): InferenceContents => {
    const [integers, hidden] = [decodeWeights(entries), fromBase64url(salt)];
    if (!integers || hidden?.length !== 32) throw foreign(path);
    return { entries: integers, salt: hidden };
  };
  const { inputs, outputs } = parsed.data;
  return { ...(inputs && { inputs: contents(inputs) }), ...(outputs && { outputs: contents(outputs) }) };
}

function foreign(path: string): PotError {
  return new PotError('FORMAT_FOREIGN', `${path} has no secrets of an inference`);
}
