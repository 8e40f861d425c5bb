export { AggregationThread, type ThreadOptions } from './node/aggregationThread.js';
export type { LinkProver, Member, Named } from './node/linkProver.js';
export {
  type AggregationProgress,
  type AggregatorOptions,
  ProofAggregator,
  type StartOptions,
} from './node/proofAggregator.js';
export { IntermediateStore } from './node/store.js';
