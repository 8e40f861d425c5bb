import { activationText, etaToLearningRate, lossText, updateRule } from '@proof-of-training/sgd-circuit';
import type { RegisteredRun } from '../client/types.js';
import { type Announced, settingsOfRun } from './beginnings.js';
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
  /** `sgd`, or the rule of an optimiser. */
  rule: string;
  learningRate: number;
  /** Steps that are anchored, and the digest of the weights after them. */
  steps: number;
  weights: string;
  /** Where the first weights come from: the public seed, or the run's owner. */
  start: RunDescription['run']['start']['kind'];
  /** Digest of everything but the dataset that was fixed before the beacon. */
  settings: string;
  /** What the order comes from; without one it could have been chosen. */
  beacon?: NonNullable<RunDescription['run']['beacon']>;
  /** Block in which root and settings were announced, where the beacon is a block. */
  announcedIn?: number;
  /** Announcements of the dataset's root in the registry, this one included, where the server let them be counted. */
  announcements?: number;
  /** Digest of the frozen base, where adapters were trained. */
  base?: string;
}

/** The facts of a description that fits what a chain has. */
export function factsOf(
  { run }: RunDescription,
  { nextStep, weights }: RegisteredRun,
  announced?: Announced,
): RunFacts {
  const { spec } = run;
  const layers = spec.layers.map(({ outputs, activation }, l) => {
    const adapter = spec.lora?.adapters[l];
    return `${outputs} ${activationText(activation, spec.scales)}${adapter ? ` (rank ${adapter.rank}, alpha ${adapter.alpha})` : ''}`;
  });
  return {
    runId: run.runId,
    datasetRoot: run.datasetRoot,
    shards: run.shardCount,
    layers: [spec.layers[0]!.inputs, ...layers].join(' -> '),
    loss: lossText(spec),
    batch: spec.batch,
    rule: updateRule(spec)?.rule ?? 'sgd',
    learningRate: etaToLearningRate(spec, BigInt(run.eta)),
    steps: nextStep,
    weights,
    start: run.start.kind,
    settings: settingsOfRun(run),
    ...(run.beacon && { beacon: run.beacon }),
    ...announced,
    ...(run.base !== undefined && { base: run.base }),
  };
}
