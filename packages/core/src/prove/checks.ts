import { PotError } from 'halo2-wasm';
import { z } from 'zod';
import { checkArgument, type ShapeFor } from '../options/index.js';
import {
  bytes,
  engine,
  finite,
  flag,
  is,
  metrics,
  object,
  oneOf,
  positive,
  signal,
  threads,
} from '../options/kinds.js';
import type { PoolOptions, TaskOptions } from './pool.js';
import type { ProverTask } from './tasks.js';

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
  'verify',
);
const planned = is<object>(
  'a planned specification',
  (v) => object.safeParse((v as { shape?: unknown } | null)?.shape).success,
);

/** Refuses what is no task at all. Errors: `OPTION_INVALID`. */
export function requireTask(task: ProverTask): void {
  if (typeof task !== 'object' || task === null) {
    throw new PotError('OPTION_INVALID', 'a task is an object with kind and spec');
  }
  checkArgument(kind, task.kind, 'a task', 'kind');
  checkArgument(planned, task.spec, 'a task', 'spec');
}
