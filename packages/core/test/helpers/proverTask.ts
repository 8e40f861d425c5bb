import { randomBytes } from 'node:crypto';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import {
  planGenesis,
  planSpec,
  profiles,
  type SgdSpec,
  type UnplannedSpec,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import type { ProofExecutor } from '../../src/prove/executor.js';
import type { ProverPool } from '../../src/prove/pool.js';
import type { ProverTask } from '../../src/prove/tasks.js';
import { seededRandom } from '../../src/trainConfig/random.js';

/** The smallest window: 4-3 without hidden layers, one step on two samples. */
export const tiny: UnplannedSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [{ inputs: 4, outputs: 3, activation: 'softmax', bias: true }],
  loss: 'softmaxCrossEntropy',
  batch: 2,
  steps: 1,
  scales: profiles.compact,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
};

export async function tinySpecs(): Promise<{ window: SgdSpec; genesis: SgdSpec; srs: Uint8Array }> {
  const halo2 = await loadProver();
  const window = planSpec(halo2, tiny).spec;
  const srs = (await developmentSrs(halo2, window.shape.k)).bytes;
  return { window, genesis: planGenesis(halo2, window).spec, srs };
}

/** A window's proof task with its digests. Proving it takes well under a second. */
export async function windowTask(
  pool: Pick<ProofExecutor, 'run'>,
  seed = 1,
): Promise<Extract<ProverTask, { kind: 'window' }>> {
  const { window: spec } = await tinySpecs();
  const halo2 = await loadProver();
  const random = seededRandom(seed);
  const integer = (scale: number) => Math.floor(random() * scale);
  const before = BigInt64Array.from({ length: 15 }, () => BigInt(integer(2 ** 34)) - 2n ** 33n);
  const x = Int32Array.from({ length: 8 }, () => integer(256));
  const y = Int32Array.from([0, 1, 0, 1, 0, 0]);
  const eta = 1000n;
  const executor = halo2.executor(JSON.stringify(spec), before);
  executor.step(x, y, eta);
  const after = executor.weights();
  executor.free();
  const [saltBefore, saltAfter, dataSalt] = [0, 1, 2].map(() => new Uint8Array(randomBytes(32)));
  const [weightsIn, weightsOut, data] = await Promise.all([
    pool.run({ kind: 'commitWeights', spec, weights: before, salt: saltBefore! }),
    pool.run({ kind: 'commitWeights', spec, weights: after, salt: saltAfter! }),
    pool.run({ kind: 'commitData', spec, x, y, salt: dataSalt! }),
  ]);
  return {
    kind: 'window',
    spec,
    public: {
      runId: `0x${'0'.repeat(63)}1`,
      firstStep: 0,
      epoch: 0,
      eta: eta.toString(),
      weightsIn: weightsIn.digest!,
      weightsOut: weightsOut.digest!,
      data: data.digest!,
    },
    before,
    saltBefore: saltBefore!,
    after: new BigInt64Array(0),
    saltAfter: saltAfter!,
    x,
    y,
    dataSalt: dataSalt!,
  };
}

/** A genesis proof's task. */
export async function genesisTask(
  pool: Pick<ProofExecutor, 'run'>,
): Promise<Extract<ProverTask, { kind: 'genesis' }>> {
  const { genesis: spec } = await tinySpecs();
  const weights = new BigInt64Array(15);
  const salt = new Uint8Array(randomBytes(32));
  const { digest } = await pool.run({ kind: 'commitWeights', spec, weights, salt });
  const statement = {
    runId: `0x${'0'.repeat(63)}1`,
    firstStep: 0,
    epoch: 0,
    eta: '1000',
    weightsIn: digest!,
    weightsOut: ZERO32,
    data: ZERO32,
  };
  return { kind: 'genesis', spec, public: statement, weights, salt };
}

/** The pool's live threads: for tests that kill them. */
export function threadsOf(pool: ProverPool): import('node:worker_threads').Worker[] {
  return (pool as unknown as { threads: { pool: { threads: import('node:worker_threads').Worker[] } } })
    .threads.pool.threads;
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((r) => setTimeout(r, 5));
}
