import type { AggregateForm, Transcript } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';

/** Poseidon of two field elements, given and taken as 0x hex (circomlib's parameters). */
export type HashPair = (left: string, right: string) => string;

/** Where the public schedule puts a window. */
export interface WindowPlace {
  epoch: number;
  /** Index of its shard. */
  shard: number;
}

/** The commitments that a window uses, by their digests. */
export interface WindowContents {
  /** Of its shard. */
  data: string;
  /** Of the frozen base, where there is one. */
  base?: string | undefined;
}

/** A shard in the dataset's tree. */
export interface ShardLeaf {
  /** Digest of its commitment. */
  digest: string;
  /** Nodes beside its path, from below. */
  siblings: readonly string[];
}

/** What a run fixes, as far as a statement about its windows needs it. */
export interface AggregatedRun {
  runId: string;
  /** Circuit of the windows. */
  spec: SgdSpec;
  /** Of the run's proofs; absent: `blake2b`, which cannot be aggregated. */
  transcript?: Transcript | undefined;
  /** Integer learning rate, decimal: of all windows, or what a schedule multiplies. */
  eta: string;
  /** Rate of window n, decimal: there where windows have rates of their own (a schedule of rates). */
  etaOf?: ((window: number) => string) | undefined;
  /** Digest of the first weights. */
  genesis: string;
  datasetRoot: string;
  /** Levels of the dataset's tree. */
  depth: number;
  /** Digest of the frozen base, where there is one. */
  base?: string | undefined;
  /** Digest of the windows' verifying key. */
  windowKey: string;
  /** The commitments of window n: there where those of the run were renewed, so that windows have digests of their own. */
  contentsOf?: ((window: number) => WindowContents) | undefined;
  /** Epoch and shard of window n. */
  at: (window: number) => WindowPlace;
  /** The rates of window n's steps (`stepRates`), as many in each window: there where steps have rates of their own (`hasStepRates`). */
  rates?: ((window: number) => readonly bigint[]) | undefined;
  pair: HashPair;
}

/**
 * What windows of the run may differ in: it decides the aggregation circuit.
 *
 * @example
 * const aggregation = halo2.aggregation(srs, JSON.stringify(run.spec), 2, { form: formOf(run) });
 */
export function formOf({ etaOf, contentsOf }: Pick<AggregatedRun, 'etaOf' | 'contentsOf'>): AggregateForm {
  return { ...(etaOf && { rates: true }), ...(contentsOf && { renewed: true }) };
}

/** A run whose shards are known too: what makes aggregates. */
export interface OpenRun extends AggregatedRun {
  shard: (index: number) => ShardLeaf;
}
