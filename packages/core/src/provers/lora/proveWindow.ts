import { createHash } from 'node:crypto';
import { canonicalJson, type PublicInputs } from '@proof-of-training/sgd-circuit';
import type { StepSecrets } from '../../auto/proveStep.js';
import type { StepProver } from '../../auto/stepProver.js';
import { encodeProof } from '../../bundle/parse.js';
import { FORMAT_VERSION, PROOF_FORMAT, type TrainingProof } from '../../bundle/schema.js';
import { type DualCommitment, treeOf } from '../../commit/index.js';
import type { TaskOptions } from '../../prove/checks.js';
import type { LoraWindow } from './windows.js';

/** A proof of consecutive updates of one layer's adapter, its input and upstream gradient taken as given. */
export interface LoraProof {
  /**
   * One layer's adapter: the proof takes the layer's input and the gradient with respect to its output as given, and says
   * nothing about the model that they come from. A verifier accepts it with `allowLayerLocal` alone.
   */
  proofType: 'lora-layer-local';
  /**
   * The proof is about adapters (and an optimiser's state) of bounded size: by itself it says nothing until
   * `commitments.before` is opened.
   */
  conditional: true;
  /** Numbers of the updates in the batch, in order. */
  updates: number[];
  proof: TrainingProof;
  /** SHA-256 (hex) over the proof file's canonical JSON. */
  proofHash: string;
  commitments: { before: DualCommitment; after: DualCommitment; data: string };
  /** Salts: keep them to open a commitment, never publish them. */
  secrets: StepSecrets;
  /**
   * What each update's gradient was multiplied with before it was committed to; the rate in the proof is the learning
   * rate divided by it. Known from the rate: `learningRate 2^e / eta`. By AdamW, whose step does not change with the
   * gradient's size, the rate stays as it is, and the epsilon in the proof is the one asked for times the scale.
   */
  gradientScales: number[];
  timing: { proveMs: number; keygenMs: number };
}

/** A checkpoint between two windows, committed to once for both. */
export interface Border {
  weights: BigInt64Array;
  salt: Uint8Array;
  committed: Promise<{ digest: string; points: Uint8Array }>;
}

/** Where a window stands. */
export interface WindowPlace {
  runId: string;
  before: Border;
  after: Border;
  dataSalt: Uint8Array;
}

/** Commits to a window's data and proves it. The proof is verified before it is returned. */
export async function proveWindow(
  prover: StepProver,
  window: LoraWindow,
  { runId, before, after, dataSalt }: WindowPlace,
  options: TaskOptions,
): Promise<LoraProof> {
  const { spec, steps, first, count } = window;
  const { numbers, chain } = steps;
  const { pool, srs } = await prover.at(spec.shape.k);
  const x = joined(steps.x.slice(first, first + count));
  const y = joined(steps.gradient.slice(first, first + count));
  const [key, weightsIn, weightsOut, data] = await Promise.all([
    prover.keyDigest(spec, options),
    before.committed,
    after.committed,
    pool.run({ kind: 'commitData', spec, x, y, salt: dataSalt }, options),
  ]);
  const statement: PublicInputs = {
    runId,
    firstStep: first,
    epoch: 0,
    eta: numbers.eta.toString(),
    weightsIn: weightsIn.digest,
    weightsOut: weightsOut.digest,
    data: data.digest!,
  };
  const made = await pool.run(
    {
      kind: 'window',
      spec,
      public: statement,
      before: before.weights,
      saltBefore: before.salt,
      after: chain.mode === 'tolerance' ? after.weights : new BigInt64Array(0),
      saltAfter: after.salt,
      x,
      y,
      dataSalt,
      points: { before: weightsIn.points, after: weightsOut.points, data: data.points! },
    },
    options,
  );
  const proof: TrainingProof = {
    format: PROOF_FORMAT,
    version: FORMAT_VERSION,
    spec,
    srs: { k: srs.k, hash: srs.hash, development: srs.development },
    key,
    public: statement,
    proof: encodeProof(made.proof!),
  };
  const range = [first, first + count] as const;
  return {
    proofType: 'lora-layer-local',
    conditional: true,
    updates: chain.indices.slice(...range),
    proof,
    proofHash: createHash('sha256').update(canonicalJson(proof)).digest('hex'),
    commitments: {
      before: { poseidon: statement.weightsIn, sha256: rootOf(before) },
      after: { poseidon: statement.weightsOut, sha256: rootOf(after) },
      data: statement.data,
    },
    secrets: { saltBefore: before.salt, saltAfter: after.salt, dataSalt },
    gradientScales: numbers.gradientScales.slice(...range),
    timing: { proveMs: made.ms, keygenMs: made.keygenMs ?? 0 },
  };
}

function rootOf({ weights, salt }: Border): string {
  return treeOf({ kind: 'weights', weights }, salt).root;
}

function joined(parts: readonly Int32Array[]): Int32Array {
  const all = new Int32Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
