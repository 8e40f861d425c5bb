import { type AggregatedRun, type AggregateFacts, factsOf } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import type { AggregateFile } from '../aggregate/file.js';
import { beginningOf, ratesOf, windowsOf } from './aggregateEnd.js';

/** Windows that an aggregate may cover: the verifier hashes the place of each. */
const MAX_WINDOWS = 1_000_000;
/** Steps with rates of their own that it may cover: each is one more hash. */
const MAX_RATES = 1 << 24;

/**
 * The aggregate is about this run, from its first step and its first weights on; or, where that is allowed, about a part of it. Errors:
 * `RUN_STEPS`; `AGGREGATE_PART`; `AGGREGATE_STATEMENT`, with the name of the first value that is another one.
 */
export function checkStatement(
  file: AggregateFile,
  own: AggregatedRun,
  { allowPart = false }: { allowPart?: boolean },
): string {
  const { aggregate } = file;
  const windows = windowsOf(file);
  if (
    !Number.isInteger(windows) ||
    windows < 1 ||
    windows > MAX_WINDOWS ||
    windows * ratesOf(file) > MAX_RATES
  ) {
    throw new PotError('RUN_STEPS', 'the aggregate is not about whole windows, or about too many');
  }
  const found = aggregate.public;
  const from = beginningOf(file, own);
  if (from.window > 0 && !allowPart) {
    throw new PotError(
      'AGGREGATE_PART',
      `the aggregate begins with step ${found.firstStep}, not with the run`,
      {
        details: { firstStep: found.firstStep, weightsBefore: found.weightsIn },
        hint: 'It proves nothing of the steps before. Where you know their end from elsewhere, accept a part (allowPart, --part).',
      },
    );
  }
  const facts = factsOf(own, aggregate.key.digest, from.window + windows, found.weightsOut, from);
  for (const name of Object.keys(facts) as (keyof AggregateFacts)[]) {
    if (found[name] !== facts[name]) {
      throw new PotError('AGGREGATE_STATEMENT', `the aggregate's ${name} is not the run's`, {
        details: { name, run: facts[name], aggregate: found[name] },
      });
    }
  }
  return from.window === 0
    ? `${windows} windows from the first step and the first weights of this run`
    : `${windows} windows from step ${found.firstStep} and weights ${found.weightsIn} on: of the steps before, nothing`;
}
