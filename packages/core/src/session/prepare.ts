import { randomBytes } from 'node:crypto';
import { DEFAULT_TRANSCRIPT, type Halo2, loadProver, type Transcript } from '@proof-of-training/halo2-wasm';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import {
  initialCheckpoint,
  optimizerNumbers,
  quantiseAdapters,
  quantiseBase,
} from '@proof-of-training/lora-circuit';
import {
  type Planned,
  parseUnplannedSpec,
  planGenesis,
  profiles,
  quantiseWeights,
  type Scales,
  type SgdSpec,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import type { Run } from '@proof-of-training/verifier/run';
import {
  completeRun,
  KNOWN_BEACON_WARNING,
  merkleRoot,
  publicBaseSalt,
  type SeedStart,
  type Start,
  seededWeights,
  seedOf,
  settingsDigest,
  settingsOf,
  takeBeacon,
} from '@proof-of-training/verifier/run';
import { circomlibPair } from '../commit/index.js';
import { defaultWindow } from '../config/apply.js';
import { offsetFor } from '../dataset/offsets.js';
import { requireDistinctShards } from '../dataset/repeated.js';
import { DATA_NAMES, ShardedData } from '../dataset/shards.js';
import { baseBitsOf } from '../lora/baseBits.js';
import { type CommittedBase, commitBase } from '../prove/base.js';
import { type ProverPool, poolOptions } from '../prove/pool.js';
import { Scheduler } from '../prove/scheduler.js';
import { recordBatch } from '../record/index.js';
import { type Architecture, readArchitecture } from './architecture.js';
import type { Checkpoint } from './checkpoint.js';
import { loadTf } from './model.js';
import { deviationWarning } from './optimizer.js';
import type { CreateOptions } from './options.js';
import { planWindow } from './planning.js';
import { chooseStart } from './start.js';

/** Of a run's proofs where the caller names none: what can be aggregated. */
const SESSION_TRANSCRIPT: Transcript = 'poseidon';

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
  const wanted: UnplannedSpec = {
    kind: 'window',
    mode: 'exact',
    layers,
    loss,
    batch: options.batchSize ?? 32,
    steps: options.window ?? filledWindow(options, recorded.samples),
    scales,
    xOffset: offsetFor(recorded.x, scales),
    yOffset: loss === 'meanSquaredError' ? offsetFor(recorded.y, scales) : 0,
    toleranceLimbs: 0,
    ...loraPart(architecture, scales, options),
  };
  // Beforehand, so that what is said is about the specification and no argument of a function that the caller did not call.
  parseUnplannedSpec(wanted);
  const { optimizer, rate, deviations } = optimizerNumbers(wanted, architecture.optimizer);
  if (wanted.lora && optimizer) wanted.lora.optimizer = optimizer;
  for (const d of deviations) {
    // The default epsilon is the number format's own.
    if (d.name === 'epsilon' && architecture.optimizer.epsilon === undefined) continue;
    warn(deviationWarning(d));
  }
  const halo2 = await loadProver({ engine: settings.engine });
  const window = planWindow(halo2, wanted, {
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

/** One line for a person about rows that training never sees. */
function leftOutWarning({ leftOut }: ShardedData, samples: number): string {
  return `The last ${leftOut} of ${samples} rows do not fill a window and are never trained on: use a smaller batch or window to take them in.`;
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
    weights: adapters
      ? initialCheckpoint(spec, quantiseAdapters(spec, adapters))
      : quantiseWeights(spec, weights),
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

/** A run with the checkpoint that it begins with. */
export interface Identified {
  run: Run;
  first: Checkpoint;
  base?: CommittedBase;
}

/**
 * Derives the run's identity: commits to every shard, to the frozen base and to given first weights; then, once these
 * and all settings are fixed, asks for the beacon; then makes the first weights of a seed and commits to them.
 *
 * Errors: `BEACON_INVALID`, `BEACON_FAILED`, `VALUE_OUT_OF_RANGE`.
 */
export async function identify(
  prepared: Prepared,
  srs: Srs,
  pool: ProverPool,
  salts: Uint8Array,
  options: Pick<CreateOptions, 'onPrepare' | 'transcript' | 'beacon'>,
): Promise<Identified> {
  const { transcript = SESSION_TRANSCRIPT } = options;
  const { window, genesis, data, start } = prepared;
  const pair = await circomlibPair();
  const total = data.shards + (prepared.base ? 4 : 3);
  let done = 0;
  const count = <T>(value: T, what: string): T => {
    options.onPrepare?.(what, ++done, total);
    return value;
  };
  const commitFirst = ({ weights, salt }: Checkpoint) =>
    pool
      .run({ kind: 'commitWeights', spec: window.spec, weights, salt })
      .then((r) => count(r.digest!, 'committing to the first weights'));
  const committed = await commitments(prepared, pool, salts, count, commitFirst);
  const fixed = {
    nonce: `0x00${randomBytes(31).toString('hex')}`,
    spec: window.spec,
    genesisSpec: genesis.spec,
    eta: prepared.eta.toString(),
    start,
    ...(committed.base && { base: committed.base.digest }),
    // Left out where it is what is meant without it: one way to write a run down.
    ...(transcript !== DEFAULT_TRANSCRIPT && { transcript }),
    srs: { k: srs.k, hash: srs.hash, development: srs.development },
    keys: committed.keys,
  };
  const { shards } = committed;
  const datasetRoot = merkleRoot(shards, pair);
  const known = { ...fixed, datasetRoot, genesis: committed.genesis ?? '' };
  const settings = settingsDigest(settingsOf(known, shards.length));
  const beacon = options.beacon && (await takeBeacon(options.beacon, { datasetRoot, settings }));
  const drawn = { datasetRoot, ...(beacon && { beacon }) };
  const first = prepared.first ?? {
    weights: seededWeights(window.spec, start as SeedStart, seedOf(drawn, settings, 'weights')),
    salt: seedOf(drawn, settings, 'weights salt'),
  };
  const run = completeRun(
    { ...fixed, shards, genesis: committed.genesis ?? (await commitFirst(first)), ...(beacon && { beacon }) },
    pair,
  );
  return { run, first, ...(committed.base && { base: committed.base }) };
}

/** What can be committed to before the beacon, all at once. */
async function commitments(
  { window, genesis, data, first, base }: Prepared,
  pool: ProverPool,
  salts: Uint8Array,
  count: <T>(value: T, what: string) => T,
  commitFirst: (first: Checkpoint) => Promise<string>,
) {
  const shards = Array.from({ length: data.shards }, (_, s) =>
    pool
      .run({ kind: 'commitData', spec: window.spec, ...copy(data.shard(s)), salt: saltOf(salts, s) })
      .then((r) => count(r.digest!, 'committing to the data')),
  );
  const keys = [window.spec, genesis.spec].map((spec) =>
    pool.run({ kind: 'vkDigest', spec }).then((r) => count(r.digest!, 'deriving the keys')),
  );
  const frozen =
    base &&
    commitBase(pool, window.spec, base.weights, base.salt).then((b) => count(b, 'committing to the base'));
  const [leaves, [windowKey, genesisKey], given, committedBase] = await Promise.all([
    Promise.all(shards),
    Promise.all(keys),
    first && commitFirst(first),
    frozen,
  ]);
  return {
    shards: leaves,
    keys: { window: windowKey!, genesis: genesisKey! },
    genesis: given,
    base: committedBase,
  };
}

/** Salt of one shard. */
export function saltOf(salts: Uint8Array, shard: number): Uint8Array {
  return salts.slice(32 * shard, 32 * (shard + 1));
}

/** A window's data as arrays of their own, so that only they cross to a thread. */
export function copy(shard: { x: Int32Array; y: Int32Array }): { x: Int32Array; y: Int32Array } {
  return { x: shard.x.slice(), y: shard.y.slice() };
}
