import type { AggregationProgress } from '@proof-of-training/aggregator/node';
import type { Engine } from '@proof-of-training/halo2-wasm';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import type { ShapeFor } from '@proof-of-training/verifier/options';
import { callback, config, engine, is, signal, srs, text, whole } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { PotConfig } from '../config/schema.js';

export interface AggregateOptions {
  /** The run's own SRS, with as many points as the aggregation circuit has rows. Needed unless it is the development one. */
  srs?: Srs;
  /** Windows that one proof takes in, at most; default: as many as fit the rows that two need. It decides the aggregation key. */
  windowsPerProof?: number;
  /**
   * The first window that goes in, from 0; default 0: the whole run. A later one makes an aggregate of a *part*: it says that the
   * windows from there on were trained, from the weights before them, and nothing of how those came about. For a run that is anchored on a
   * chain again and again as it grows.
   */
  fromWindow?: number;
  /** What proves: `wasm`, `native` or `auto`; default: the configuration's, else `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
  /** Threads of one proof; 0 (default): all cores. */
  threads?: number;
  /** Folder of intermediate aggregates: a later call continues from them. */
  dir?: string;
  /** Its cache is where the development SRS is looked for. */
  config?: PotConfig;
  onProgress?: (progress: AggregationProgress) => void;
  signal?: AbortSignal;
}

/** Options of `aggregateRun`. */
export const aggregateOptions = z.strictObject({
  srs: srs.optional(),
  windowsPerProof: whole(1).optional(),
  // Which windows there are to begin with, aggregateRun says (`AGGREGATE_FROM_WINDOW`).
  fromWindow: is('a number', (v) => typeof v === 'number').optional(),
  engine: engine.optional(),
  threads: whole(0, 1024).optional(),
  dir: text.optional(),
  config: config.optional(),
  onProgress: callback.optional(),
  signal: signal.optional(),
} satisfies ShapeFor<AggregateOptions>);

/** What of an aggregate its size is read from. */
export const sized = z.object(
  {
    aggregate: z.object({
      proof: text,
      accumulator: z.array(z.unknown()),
      public: z.object({ firstStep: whole(0), endStep: whole(1) }),
    }),
  },
  'must be an aggregate (aggregateRun, parseAggregate)',
);
