// What aggregates say, without anything that proves them: works in browsers too.
export {
  type Aggregate,
  type AggregatePublic,
  aggregatePublicSchema,
  aggregateSchema,
  MAX_PLACES,
  type WindowProof,
} from './aggregate.js';
export { checkNext, checkTranscript, checkWindows } from './rules.js';
export type { AggregatedRun, HashPair, OpenRun, ShardLeaf, WindowPlace } from './run.js';
export {
  type AggregateFacts,
  type Beginning,
  beginningOf,
  factsOf,
  scheduleHash,
  scheduleNext,
  scheduleRate,
  scheduleStart,
  statementOf,
} from './statement.js';
