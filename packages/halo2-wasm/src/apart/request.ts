import type { PotErrorJson } from '@proof-of-training/errors';
import type { AggregateForm } from '../aggregateForm.js';

/** What an aggregation key's digest is derived from. */
export interface DigestRequest {
  /** The windows' own SRS, with at least as many points as the aggregation circuit has rows. */
  srs: Uint8Array;
  /** Specification of the windows. */
  specJson: string;
  /** Windows that one proof takes, at most. */
  places: number;
  /** What the windows of a run may differ in; absent: in nothing. */
  form?: AggregateForm | undefined;
}

/** What the thread is sent once it is ready. */
export interface DigestTask extends DigestRequest {
  module: WebAssembly.Module;
}

/** What it sends. */
export type DigestReply =
  | { kind: 'ready' }
  | { kind: 'done'; digest: string }
  | { kind: 'failed'; error: PotErrorJson };
