import { etaToLearningRate } from '@proof-of-training/sgd-circuit';
import type { RegisteredRun } from '../client/types.js';
import type { RunDescription } from './description.js';

/** What an audit that fits establishes of a run: everything that was believed of its description and has been checked. */
export interface RunFacts {
  runId: string;
  datasetRoot: string;
  shards: number;
  /** Inputs, then each layer's outputs with its activation: `4 -> 8 relu -> 3 softmax`. */
  layers: string;
  loss: string;
  /** Samples of one step. */
  batch: number;
  /** `sgd`, or the rule of an optimiser of adapters. */
  rule: string;
  learningRate: number;
  /** Steps that are anchored, and the digest of the weights after them. */
  steps: number;
  weights: string;
  /** Digest of the frozen base, where adapters were trained. */
  base?: string;
}

/** The facts of a description that fits what a chain has. */
export function factsOf({ run }: RunDescription, { nextStep, weights }: RegisteredRun): RunFacts {
  const { spec } = run;
  const layers = spec.layers.map(({ outputs, activation }, l) => {
    const adapter = spec.lora?.adapters[l];
    return `${outputs} ${activation}${adapter ? ` (rank ${adapter.rank}, alpha ${adapter.alpha})` : ''}`;
  });
  return {
    runId: run.runId,
    datasetRoot: run.datasetRoot,
    shards: run.shardCount,
    layers: [spec.layers[0]!.inputs, ...layers].join(' -> '),
    loss: spec.loss,
    batch: spec.batch,
    rule: spec.lora?.optimizer?.rule ?? 'sgd',
    learningRate: etaToLearningRate(spec, BigInt(run.eta)),
    steps: nextStep,
    weights,
    ...(run.base !== undefined && { base: run.base }),
  };
}
