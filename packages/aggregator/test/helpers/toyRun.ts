import { createHash } from 'node:crypto';
import { profiles, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { WindowProof } from '../../src/aggregate.js';
import type { HashPair, OpenRun } from '../../src/run.js';

export const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;

/** A hash that is quick and no Poseidon: the rules do not depend on which one it is. */
export const quickPair: HashPair = (a, b) =>
  `0x00${createHash('sha256').update(`${a} ${b}`).digest('hex').slice(0, 62)}`;

const spec: SgdSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [{ inputs: 4, outputs: 3, activation: 'softmax', bias: true }],
  loss: 'softmaxCrossEntropy',
  batch: 2,
  steps: 2,
  scales: profiles.default,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
  shape: { k: 13, weightColumns: 1, dataColumns: 1, lanes: 1, laneColumns: 1 },
};

/** A run over three shards, which are used in the order 2, 0, 1 in every epoch. */
export function toyRun(more: Partial<OpenRun> = {}): OpenRun {
  const order = [2, 0, 1];
  return {
    runId: hex(1),
    spec,
    transcript: 'poseidon',
    eta: '51',
    genesis: hex(10),
    datasetRoot: hex(3),
    depth: 2,
    windowKey: hex(4),
    at: (window) => ({ epoch: Math.floor(window / 3), shard: order[window % 3]! }),
    shard: (index) => ({ digest: hex(20 + index), siblings: [hex(30), hex(31)] }),
    pair: quickPair,
    ...more,
  };
}

/** Windows of {@link toyRun} that keep all rules. Their proofs are no proofs. */
export function toyWindows(count: number, run = toyRun()): WindowProof[] {
  return Array.from({ length: count }, (_, n) => {
    const { epoch, shard } = run.at(n);
    return {
      public: {
        runId: run.runId,
        firstStep: n * run.spec.steps,
        epoch,
        eta: run.etaOf?.(n) ?? run.eta,
        weightsIn: hex(10 + n),
        weightsOut: hex(11 + n),
        data: run.shard(shard).digest,
      },
      proof: Buffer.from(`window ${n}`).toString('base64url'),
    };
  });
}
