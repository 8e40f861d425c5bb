import { z } from 'zod';
import type { ShapeFor } from '../options/index.js';
import { callback, config, engine, is, signal, srs, text, whole } from '../options/kinds.js';
import type { AggregateOptions } from './aggregateRun.js';

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
