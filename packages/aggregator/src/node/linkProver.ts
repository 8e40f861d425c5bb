import type { AggregationInfo } from '@proof-of-training/halo2-wasm';
import type { Aggregate, AggregatePublic, WindowProof } from '../aggregate.js';
import type { AggregatedRun } from '../run.js';

/** What a run itself has where its windows have their own: the circuit carries it on, and whoever verifies compares it. */
export interface Named {
  /** Its rate, where windows have rates of their own. */
  eta?: string | undefined;
  /** Root of its dataset's tree, the tree's levels, and its frozen base's first digest, where commitments were renewed. */
  datasetRoot?: string | undefined;
  depth?: number | undefined;
  base?: string | undefined;
}

/** What of a run its windows need not have; undefined where they differ in nothing. */
export function namedBy({
  eta,
  datasetRoot,
  depth,
  base,
  etaOf,
  contentsOf,
}: AggregatedRun): Named | undefined {
  if (!etaOf && !contentsOf) return undefined;
  return {
    ...(etaOf && { eta }),
    ...(contentsOf && { datasetRoot, depth, ...(base !== undefined && { base }) }),
  };
}

/** A window with its shard's place in the dataset's tree. */
export interface Member extends WindowProof {
  shard: number;
  siblings: readonly string[];
  /** What the run has where its windows have their own: there where windows differ in it (`formOf`). */
  named?: Named;
}

/** What proves the links of a chain of aggregates: {@link AggregationThread}. */
export interface LinkProver {
  readonly info: AggregationInfo;
  /** The verifying key's bytes. */
  readonly key: Uint8Array;
  /**
   * `previous` continued by the members, at most `info.places` of them. `wanted`: what it will say, for who believes nobody else.
   * Errors: those of `Aggregation.prove`.
   */
  prove(
    previous: Aggregate | undefined,
    members: readonly Member[],
    wanted?: AggregatePublic,
  ): Promise<Aggregate>;
  /** Throws where the aggregate does not hold under this key. */
  verify(aggregate: Aggregate): Promise<void>;
  /** Ends it; a link that is being proven is given up. */
  close(): Promise<void>;
}
