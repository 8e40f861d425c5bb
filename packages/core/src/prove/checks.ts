import { type Engine, PotError } from '@proof-of-training/halo2-wasm';
import {
  bytes,
  checkArgument,
  engine,
  finite,
  flag,
  is,
  metrics,
  object,
  oneOf,
  positive,
  type ShapeFor,
  signal,
  threads,
} from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { KeyCacheOptions } from '../config/apply.js';
import type { ProverMetrics } from '../metrics/proverMetrics.js';
import type { Scheduler, SchedulerOptions } from './scheduler.js';
import type { ProverTask } from './tasks.js';

export interface PoolOptions extends SchedulerOptions {
  /** The structured reference string. */
  srs: Uint8Array;
  /** Shares workers and memory budget with other pools, which are closed together; then `workers` and `memoryBudgetMb` are its. */
  scheduler?: Scheduler;
  /** Where the pool counts; default: counters of its own. */
  metrics?: ProverMetrics;
  /** Checks every proof's witness against its statement before proving (`DEBUG_WITNESS`); costs three commitments. */
  debugMode?: boolean;
  /** Threads inside each proof; default: the scheduler decides, by the number of tasks (docs/operate/pools.md). */
  threads?: number;
  /** What the workers prove with; default: `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
  /** Where proving keys are kept from process to process; without it, each thread makes its own. */
  keyCache?: KeyCacheOptions;
}

/** Options of `ProverPool.start`. */
export const startOptions = z.strictObject({
  srs: bytes(),
  workers: threads.optional(),
  memoryBudgetMb: positive.optional(),
  scheduler: object.optional(),
  metrics: metrics.optional(),
  debugMode: flag.optional(),
  threads: threads.optional(),
  engine: engine.optional(),
  keyCache: object.optional(),
} satisfies ShapeFor<PoolOptions>);

/** How one task runs. */
export interface TaskOptions {
  /** Higher begins first; default 0. */
  priority?: number;
  /** A waiting task is removed, a running one's thread is ended. */
  signal?: AbortSignal;
  /** Estimate of the task's peak memory; default: the planner's. */
  memoryBytes?: number;
  /** Threads inside the task; default: the pool's. */
  threads?: number;
}

/** Options of `ProverPool.run`; what a priority must be, the scheduler says. */
export const taskOptions = z.strictObject({
  priority: finite.optional(),
  signal: signal.optional(),
  memoryBytes: positive.optional(),
  threads: threads.optional(),
} satisfies ShapeFor<TaskOptions>);

const kind = oneOf<ProverTask['kind']>(
  'commitWeights',
  'commitBase',
  'commitData',
  'vkDigest',
  'genesis',
  'window',
  'renewal',
  'verify',
);
const planned = is<object>(
  'a planned specification',
  (v) => object.safeParse((v as { shape?: unknown } | null)?.shape).success,
);

/**
 * Refuses what is no task at all. Errors: `OPTION_INVALID`.
 *
 * @example requireTask({ kind: 'vkDigest', spec });
 */
export function requireTask(task: ProverTask): void {
  if (typeof task !== 'object' || task === null) {
    throw new PotError('OPTION_INVALID', 'a task is an object with kind and spec');
  }
  checkArgument(kind, task.kind, 'a task', 'kind');
  checkArgument(planned, task.spec, 'a task', 'spec');
}
