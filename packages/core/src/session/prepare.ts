import { randomBytes } from 'node:crypto';
import { type Halo2, loadProver } from '@proof-of-training/halo2-wasm';
import { quantiseAdapters, quantiseBase } from '@proof-of-training/lora-circuit';
import {
  initialCheckpoint,
  labelsOf,
  optimizerNumbers,
  type Planned,
  parseUnplannedSpec,
  planGenesis,
  profiles,
  quantiseWeights,
  type Scales,
  type SgdSpec,
  type UnplannedSpec,
  withOptimizer,
} from '@proof-of-training/sgd-circuit';
import { KNOWN_BEACON_WARNING, publicBaseSalt, type Start } from '@proof-of-training/verifier/run';
import { defaultWindow } from '../config/apply.js';
import { offsetFor } from '../dataset/offsets.js';
import { requireDistinctShards } from '../dataset/repeated.js';
import { DATA_NAMES, ShardedData } from '../dataset/shards.js';
import { baseBitsOf } from '../lora/baseBits.js';
import { poolOptions } from '../prove/pool.js';
import { Scheduler } from '../prove/scheduler.js';
import { type RecordedBatch, recordBatch } from '../record/index.js';
import { integerNetwork } from '../record/integers.js';
import { type Architecture, readArchitecture } from './architecture.js';
import type { Checkpoint } from './checkpoint.js';
import { loadTf } from './model.js';
import { deviationWarning } from './optimizer.js';
import type { CreateOptions } from './options.js';
import { planWindow } from './planning.js';
import { chooseStart } from './start.js';

/** Settings checked and numbers made, before anything is written or proven. */
export interface Prepared {
  halo2: Halo2;
  architecture: Architecture;
  window: Planned;
  genesis: Planned;
  eta: bigint;
  learningRate: number;
  data: ShardedData;
  start: Start;
  /** The first weights, where they are given: those of a seed come with the run's identity. */
  first?: Checkpoint;
  /** The frozen base with the salt of its commitment, where there are adapters. */
  base?: Checkpoint;
}

/** Checks everything that can be refused early. Errors: typed, naming the tensor, layer or setting. */
export async function prepare(options: CreateOptions): Promise<Prepared> {
  const settings = poolOptions(options);
  const { memoryBudgetBytes } = new Scheduler(settings);
  const warn = options.onWarning ?? console.warn;
  if (options.beacon && typeof options.beacon !== 'function') warn(KNOWN_BEACON_WARNING);
  const architecture = await readArchitecture(options.model, options);
  const start = chooseStart(await loadTf(), options.model, architecture, options.start ?? 'auto', warn);
  const scales: Scales =
    typeof options.profile === 'object' ? options.profile : profiles[options.profile ?? 'default'];
  const { layers, loss } = architecture;
  const { x, y } = options.data;
  const recorded = await recordBatch(
    { xs: x, ys: y },
    layers[0]!.inputs,
    layers[layers.length - 1]!.outputs,
    loss,
    DATA_NAMES,
  );
  const wanted = specOf(architecture, recorded, scales, options);
  // Beforehand, so that what is said is about the specification and no argument of a function that the caller did not call.
  parseUnplannedSpec(wanted);
  const { optimizer, rate, deviations } = optimizerNumbers(wanted, architecture.optimizer);
  for (const d of deviations) {
    // The default epsilon is the number format's own.
    if (d.name === 'epsilon' && architecture.optimizer.epsilon === undefined) continue;
    warn(deviationWarning(d));
  }
  const halo2 = await loadProver({ engine: settings.engine });
  const window = planWindow(halo2, withOptimizer(wanted, optimizer), {
    srs: options.srs,
    memoryBytes: memoryBudgetBytes,
    maxConstraints: options.config?.circuit.maxConstraints,
    weightColumns: options.weightColumns,
    aggregated: options.planFor === 'aggregation',
    baseShape: options.baseShape,
  });
  const data = ShardedData.quantise(window.spec, recorded);
  if (!options.allowRepeatedShards) requireDistinctShards(data);
  if (data.leftOut > 0) warn(leftOutWarning(data, recorded.samples));
  return {
    halo2,
    architecture,
    window,
    genesis: planGenesis(halo2, window.spec),
    eta: rate.eta,
    learningRate: rate.effective,
    data,
    start,
    ...checkpoints(window.spec, architecture, start, options),
  };
}

/** A window's circuit, before it is planned; the optimiser is not in it yet. */
function specOf(
  architecture: Architecture,
  recorded: RecordedBatch,
  scales: Scales,
  options: CreateOptions,
): UnplannedSpec {
  return {
    kind: 'window',
    mode: 'exact',
    ...networkPart(architecture, scales),
    batch: options.batchSize ?? 32,
    steps: options.window ?? filledWindow(options, recorded.samples),
    scales,
    xOffset: offsetFor(recorded.x, scales),
    yOffset: labelsOf(architecture.loss) === 'real' ? offsetFor(recorded.y, scales) : 0,
    toleranceLimbs: 0,
    ...loraPart(architecture, scales, options),
  };
}

/** One line for a person about rows that training never sees. */
function leftOutWarning({ leftOut }: ShardedData, samples: number): string {
  return `The last ${leftOut} of ${samples} rows do not fill a window and are never trained on: use a smaller batch or window to take them in.`;
}

/** Layers, loss and penalties in a number format. Errors: `ACTIVATION_UNREPRESENTABLE`, `LOSS_UNREPRESENTABLE`, `ACTIVATION_FORMAT`. */
function networkPart(
  { layers, loss, penalties }: Architecture,
  scales: Scales,
): Pick<UnplannedSpec, 'layers' | 'loss' | 'penalties'> {
  return integerNetwork(
    layers.map((layer, l) => ({ ...layer, ...(penalties[l] && { l2: penalties[l] }) })),
    loss,
    scales,
  );
}

/** The specification's part about adapters; nothing for a model without. */
function loraPart(
  { adapters }: Architecture,
  scales: Scales,
  { baseBits }: CreateOptions,
): Pick<UnplannedSpec, 'lora'> {
  if (!adapters) return {};
  const list = adapters.map((a) => (a ? { rank: a.rank, alpha: a.alpha } : null));
  return { lora: { adapters: list, baseBits: baseBitsOf(scales, baseBits), local: false } };
}

/** The first weights that are trained, with an optimiser's state, where they are given; the base that is not trained. */
function checkpoints(
  spec: SgdSpec,
  { weights, adapters }: Architecture,
  start: Start,
  { privateBase }: CreateOptions,
): Pick<Prepared, 'first' | 'base'> {
  const given = () => ({
    weights: initialCheckpoint(
      spec,
      adapters ? quantiseAdapters(spec, adapters) : quantiseWeights(spec, weights),
    ),
    salt: randomBytes(32),
  });
  const first = start.kind === 'given' && { first: given() };
  if (!adapters) return { ...first };
  return {
    ...first,
    base: {
      weights: quantiseBase(spec, weights),
      salt: privateBase ? randomBytes(32) : publicBaseSalt(),
    },
  };
}

/** The default window, halved until the data fill one. */
function filledWindow({ batchSize = 32, config }: CreateOptions, samples: number): number {
  let steps = defaultWindow(config);
  while (steps > 1 && steps * batchSize > samples) steps >>= 1;
  return steps;
}
