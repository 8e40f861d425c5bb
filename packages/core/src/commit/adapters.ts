import { randomBytes } from 'node:crypto';
import type { Halo2 } from '@proof-of-training/halo2-wasm';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import { quantiseAdapters } from '@proof-of-training/lora-circuit';
import { planSpec, profiles, type Scales, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { type CheckpointOpening, encodeWeights, FORMAT_VERSION } from '@proof-of-training/verifier/files';
import { commit, type DualCommitment } from './commit.js';

/** One linear layer's adapter, as a PEFT file has it. */
export interface AdapterTensors {
  name: string;
  rank: number;
  alpha: number;
  inputs: number;
  outputs: number;
  /** `[rank][inputs]`, row by row. */
  A: ArrayLike<number>;
  /** `[outputs][rank]`, row by row. */
  B: ArrayLike<number>;
}

/** Commitments to one adapter. */
export interface CommittedAdapter {
  name: string;
  commitment: DualCommitment;
  /** What opens it. Secret. */
  opening: CheckpointOpening;
}

/**
 * Commits to each adapter of a file by itself, as a layer-local proof's specification has it, with a salt of its own. The
 * committed numbers are the integers of the number format nearest to the file's.
 *
 * @param scales number format; default: the default profile
 * @param srs for an SRS's `k`: gives the SRS to commit with
 *
 * Errors: those of `quantiseAdapters`, of the planner and of the prover.
 */
export async function commitAdapters(
  halo2: Halo2,
  srs: (k: number) => Promise<Srs>,
  adapters: readonly AdapterTensors[],
  scales: Scales = profiles.default,
): Promise<CommittedAdapter[]> {
  const made: CommittedAdapter[] = [];
  for (const adapter of adapters) {
    const { spec } = planSpec(halo2, localSpec(adapter, scales));
    const string = await srs(spec.shape.k);
    const weights = quantiseAdapters(spec, [adapter]);
    const salt = new Uint8Array(randomBytes(32));
    const prover = halo2.prover(string.bytes);
    try {
      const { commitment } = await commit(prover, spec, { kind: 'weights', weights }, salt);
      made.push({
        name: adapter.name,
        commitment,
        opening: {
          format: 'proof-of-training/opening',
          version: FORMAT_VERSION,
          spec,
          srs: { k: string.k, hash: string.hash, development: string.development },
          commitment: commitment.poseidon,
          weights: encodeWeights(weights),
          salt: Buffer.from(salt).toString('base64url'),
        },
      });
    } finally {
      prover.free();
    }
  }
  return made;
}

function localSpec({ rank, alpha, inputs, outputs }: AdapterTensors, scales: Scales): UnplannedSpec {
  return {
    kind: 'window',
    mode: 'exact',
    layers: [{ inputs, outputs, activation: 'linear', bias: false }],
    loss: 'meanSquaredError',
    batch: 1,
    steps: 1,
    scales,
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: 0,
    lora: { adapters: [{ rank, alpha }], baseBits: 0, local: true },
  };
}
