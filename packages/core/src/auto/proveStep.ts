import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson, type PublicInputs } from '@proof-of-training/sgd-circuit';
import { encodeProof } from '../bundle/parse.js';
import { FORMAT_VERSION, PROOF_FORMAT, type TrainingProof } from '../bundle/schema.js';
import { circomlibPair, type DualCommitment, treeOf } from '../commit/index.js';
import type { TaskOptions } from '../prove/checks.js';
import { ColumnDigests } from '../run/columnDigests.js';
import type { IntegerStep } from './integerStep.js';
import type { StepPlace } from './stepOptions.js';
import type { StepProver } from './stepProver.js';

/** Salts of the commitments: keep them to open a checkpoint, never publish them. Each serves one content. */
export interface StepSecrets {
  saltBefore: Uint8Array;
  saltAfter: Uint8Array;
  dataSalt: Uint8Array;
}

export interface ProvenStep {
  proof: TrainingProof;
  /** SHA-256 (hex) over the proof file's canonical JSON. */
  proofHash: string;
  /** `base`: digest of the frozen base, there where the model has adapters. */
  commitments: { before: DualCommitment; after: DualCommitment; data: string; base?: string };
  secrets: StepSecrets;
  /** Milliseconds of proving, and of key generation where it was needed. */
  timing: { proveMs: number; keygenMs: number };
}

/** Commits to both checkpoints and the batch, and proves the step. The proof is verified before it is returned. */
export async function proveStep(
  prover: StepProver,
  step: IntegerStep,
  place: StepPlace,
  options: TaskOptions = {},
): Promise<ProvenStep> {
  const spec = prover.plan(step.spec);
  const { pool, srs } = await prover.at(spec.shape.k);
  const secrets: StepSecrets = {
    saltBefore: place.saltBefore ?? randomBytes(32),
    saltAfter: randomBytes(32),
    dataSalt: randomBytes(32),
  };
  const { before, after, x, y } = step;
  const { saltBefore, saltAfter, dataSalt } = secrets;
  const [key, weightsIn, weightsOut, data, base] = await Promise.all([
    pool.run({ kind: 'vkDigest', spec }, options),
    pool.run({ kind: 'commitWeights', spec, weights: before, salt: saltBefore }, options),
    pool.run({ kind: 'commitWeights', spec, weights: after, salt: saltAfter }, options),
    pool.run({ kind: 'commitData', spec, x, y, salt: dataSalt }, options),
    step.base && prover.base(spec, step.base, place.baseSalt, options.priority),
  ]);
  const digests = new ColumnDigests(await circomlibPair());
  const inputs: PublicInputs = {
    runId: place.runId ?? `0x00${randomBytes(31).toString('hex')}`,
    firstStep: place.step ?? 0,
    epoch: place.epoch ?? 0,
    eta: step.eta.toString(),
    weightsIn: digests.weights(spec, weightsIn.points!),
    weightsOut: digests.weights(spec, weightsOut.points!),
    data: digests.data(spec, data.points!),
    ...(base && { base: base.digest }),
  };
  const points = { before: weightsIn.points!, after: weightsOut.points!, data: data.points! };
  const frozen = base && { base: base.weights, baseSalt: base.salt };
  const task = {
    kind: 'window',
    spec,
    public: inputs,
    before,
    after,
    x,
    y,
    ...secrets,
    ...frozen,
    points: { ...points, ...(base && { base: base.points }) },
  } as const;
  const made = await pool.run(task, options);
  const proof: TrainingProof = {
    format: PROOF_FORMAT,
    version: FORMAT_VERSION,
    spec,
    srs: { k: srs.k, hash: srs.hash, development: srs.development },
    key: key.digest!,
    public: inputs,
    proof: encodeProof(made.proof!),
  };
  return {
    proof,
    proofHash: createHash('sha256').update(canonicalJson(proof)).digest('hex'),
    commitments: {
      before: { poseidon: inputs.weightsIn, sha256: rootOf(before, saltBefore) },
      after: { poseidon: inputs.weightsOut, sha256: rootOf(after, saltAfter) },
      data: inputs.data,
      ...(base && { base: base.digest }),
    },
    secrets,
    timing: { proveMs: made.ms, keygenMs: made.keygenMs ?? 0 },
  };
}

function rootOf(weights: BigInt64Array, salt: Uint8Array): string {
  return treeOf({ kind: 'weights', weights }, salt).root;
}
