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
export {
  type AggregatedRun,
  formOf,
  type HashPair,
  type OpenRun,
  type ShardLeaf,
  type WindowContents,
  type WindowPlace,
} from './run.js';
export {
  type AggregateFacts,
  type Beginning,
  beginningOf,
  factsOf,
  type Scheduled,
  scheduleBeginning,
  scheduleHash,
  scheduleStart,
  statementOf,
  windowParts,
} from './statement.js';
