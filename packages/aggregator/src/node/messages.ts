import type { AggregateForm, AggregationInfo, EngineName, PotErrorJson } from '@proof-of-training/halo2-wasm';

/** What the thread starts with. */
export interface ThreadSetup {
  srs: SharedArrayBuffer;
  specJson: string;
  places: number;
  form?: AggregateForm | undefined;
  engine: EngineName;
  /** 0: all cores. */
  threads: number;
}

/** What the thread is asked for. */
export type Order =
  | { kind: 'start' }
  | { kind: 'prove'; previous: string; members: string }
  | { kind: 'verify'; aggregate: string };

export type Request = Order & { id: number };

/** What it answers to `start`. */
export interface Started {
  info: AggregationInfo;
  key: Uint8Array;
}

export type Reply = { id: number; ok: true; value: unknown } | { id: number; ok: false; error: PotErrorJson };
