import { createHmac } from 'node:crypto';
import type { Prover } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { bytes, checkArgument, is, object } from '@proof-of-training/verifier/options';
import { ColumnDigests } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import { circomlibPair } from './poseidon.js';
import { canonicalBytes, Sha256Tree } from './sha256.js';

/** Two commitments to one tensor group. */
export interface DualCommitment {
  /** Poseidon digest of the column commitments: what proofs carry and prove about. 0x hex. */
  poseidon: string;
  /** Salted SHA-256 root over the canonical integer bytes: for files. Declared, not proven, until opened. */
  sha256: string;
}

/** A checkpoint (weights, then the optimiser's state where the specification has one), or the data of one window. */
export type Committable =
  | { kind: 'weights'; weights: BigInt64Array }
  | { kind: 'data'; x: Int32Array; y: Int32Array };

/** A commitment with the tree that opens single leaves of it; the tree is secret. */
export interface Committed {
  commitment: DualCommitment;
  tree: Sha256Tree;
}

const someProver = is<object>(
  'a prover (loadProver)',
  (v) => typeof (v as { commitWeights?: unknown } | null)?.commitWeights === 'function',
);
const integers = is<Int32Array>('an Int32Array', (v) => v instanceof Int32Array);
const committable = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('weights'),
      weights: is('a BigInt64Array', (v) => v instanceof BigInt64Array),
    }),
    z.strictObject({ kind: z.literal('data'), x: integers, y: integers }),
  ],
  'must be { kind: weights, weights } or { kind: data, x, y }',
);

/**
 * Commits to weights or data, both ways, under one secret salt of 32 bytes that serves these contents alone.
 * Blinding values of the columns and salts of the leaves are derived from it with different labels.
 *
 * Errors: `OPTION_INVALID`; those of the prover (shape, range).
 *
 * @example
 * const { commitment, tree } = await commit(prover, spec, { kind: 'weights', weights }, salt);
 */
export async function commit(
  prover: Prover,
  spec: SgdSpec,
  contents: Committable,
  salt: Uint8Array,
): Promise<Committed> {
  checkArgument(someProver, prover, 'commit', 'prover');
  checkArgument(object, spec, 'commit', 'spec');
  checkArgument(committable, contents, 'commit', 'contents');
  checkArgument(bytes(32), salt, 'commit', 'salt');
  const tree = treeOf(contents, salt);
  const digests = new ColumnDigests(await circomlibPair());
  const specJson = JSON.stringify(spec);
  const poseidon =
    contents.kind === 'weights'
      ? digests.weights(spec, prover.commitWeights(specJson, contents.weights, salt))
      : digests.data(spec, prover.commitData(specJson, contents.x, contents.y, salt));
  return { commitment: { poseidon, sha256: tree.root }, tree };
}

/** The SHA-256 side alone: the tree over the canonical bytes, its leaf salts derived from `salt`. */
export function treeOf(contents: Committable, salt: Uint8Array): Sha256Tree {
  const secret = createHmac('sha256', salt).update('proof-of-training/sha256-tree/v1').digest();
  return new Sha256Tree(bytesOf(contents), secret);
}

function bytesOf(contents: Committable): Uint8Array {
  if (contents.kind === 'weights') return canonicalBytes(contents.weights);
  const x = canonicalBytes(contents.x);
  const y = canonicalBytes(contents.y);
  const bytes = new Uint8Array(x.length + y.length);
  bytes.set(x);
  bytes.set(y, x.length);
  return bytes;
}
