import { type GraphProver, PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceProof, Shown } from '../bundle/inference.js';
import type { Checklist } from './report.js';

/** Inputs or outputs as integers, with the salt of their commitment where they are committed. */
export interface InferenceContents {
  /** Of each tensor or output its entries, one after the other. */
  entries: BigInt64Array;
  salt?: Uint8Array;
}

/**
 * Compares inputs and outputs with those that the verifier was given: public ones by their values, committed ones by their digest.
 * Gives false where one differs.
 */
export async function checkContents(
  list: Checklist,
  { public: statement }: InferenceProof,
  prover: GraphProver,
  given: { inputs?: InferenceContents; outputs?: InferenceContents },
): Promise<boolean> {
  for (const name of ['inputs', 'outputs'] as const) {
    const contents = given[name];
    if (!contents) continue;
    const same = await list.run(name, () => {
      if (!holds(statement[name], contents, (salt) => prover.digest(name, contents.entries, salt))) {
        throw new PotError('EXPECTED_MISMATCH', `the ${name} are not those of the proof`, {
          details: { name },
        });
      }
      return `the ${name} of the proof are the given ones`;
    });
    if (!same) return false;
  }
  return true;
}

function holds(
  shown: Shown,
  { entries, salt }: InferenceContents,
  digest: (salt: Uint8Array) => string,
): boolean {
  if (shown === 'nothing') return entries.length === 0;
  if ('committed' in shown) {
    if (!salt) throw new PotError('OPTION_INVALID', 'what is committed can be compared with its salt alone');
    return digest(salt) === shown.committed;
  }
  const values = shown.public.flat();
  return values.length === entries.length && values.every((v, i) => BigInt(v) === entries[i]);
}
