import type { Transcript } from '@proof-of-training/halo2-wasm';
import type { PublicInputs, SgdSpec } from '@proof-of-training/sgd-circuit';
import type { CommittedBase } from './base.js';
import { type Border, commitmentOf } from './border.js';
import type { TaskOptions } from './checks.js';
import type { ProofExecutor } from './executor.js';

/** A window's data, with the salt of their commitment. */
export interface WindowData {
  /** `[step][sample][input]`, scale a. */
  x: Int32Array;
  /** `[step][sample][output]`. */
  y: Int32Array;
  salt: Uint8Array;
  /** Where they are committed to already; absent, they are committed to now. */
  digest?: string;
}

/** Consecutive steps that one proof is to cover: of a session, a single step, or updates of one layer's adapter. */
export interface Window {
  spec: SgdSpec;
  /** Where it stands, and the rate: all public. */
  place: Pick<PublicInputs, 'runId' | 'firstStep' | 'epoch' | 'eta'>;
  before: Border;
  /** In exact mode the prover computes its weights itself. */
  after: Border;
  data: WindowData;
  /** The frozen base, where the specification has one. */
  base?: CommittedBase | Promise<CommittedBase> | undefined;
  transcript?: Transcript | undefined;
}

/** A window's public inputs, with the commitments behind them. */
export interface StatedWindow {
  statement: PublicInputs;
  points: { before: Uint8Array; after: Uint8Array; data?: Uint8Array; base?: Uint8Array };
  base: CommittedBase | undefined;
}

/** A window's proof: it has been verified. */
export interface WindowProof {
  statement: PublicInputs;
  proof: Uint8Array;
  /** Proving time, without waiting and key generation, in milliseconds. */
  ms: number;
  keygenMs: number;
}

/** Commits to what is not committed to yet, and says what the proof is about. Errors: those of the pool. */
export async function stateWindow(
  pool: ProofExecutor,
  { spec, place, before, after, data, base }: Window,
  options: TaskOptions = {},
): Promise<StatedWindow> {
  const { x, y, salt, digest } = data;
  const [weightsIn, weightsOut, committed, frozen] = await Promise.all([
    before.committed,
    after.committed,
    digest === undefined
      ? pool.run({ kind: 'commitData', spec, x, y, salt }, options).then(commitmentOf)
      : undefined,
    base,
  ]);
  const statement: PublicInputs = {
    ...place,
    weightsIn: weightsIn.digest,
    weightsOut: weightsOut.digest,
    data: digest ?? committed!.digest,
    ...(frozen && { base: frozen.digest }),
  };
  const points = {
    before: weightsIn.points,
    after: weightsOut.points,
    ...(committed && { data: committed.points }),
    ...(frozen && { base: frozen.points }),
  };
  return { statement, points, base: frozen };
}

/** Proves what {@link stateWindow} stated. Errors: those of the pool. */
export async function proveStated(
  pool: ProofExecutor,
  { spec, before, after, data, transcript }: Window,
  { statement, points, base }: StatedWindow,
  options: TaskOptions = {},
): Promise<WindowProof> {
  const made = await pool.run(
    {
      kind: 'window',
      spec,
      public: statement,
      before: before.weights,
      saltBefore: before.salt,
      after: spec.mode === 'exact' ? new BigInt64Array(0) : after.weights,
      saltAfter: after.salt,
      x: data.x,
      y: data.y,
      dataSalt: data.salt,
      points,
      ...(transcript && { transcript }),
      ...(base && { base: base.weights, baseSalt: base.salt }),
    },
    options,
  );
  return { statement, proof: made.proof!, ms: made.ms, keygenMs: made.keygenMs ?? 0 };
}

/**
 * Commits to a window, states what is proven of it, and proves it on a pool's threads, which verify the proof before they
 * give it. The one way from weights and data to a proof: sessions, single steps and layer-local updates all take it.
 *
 * Errors: those of the pool (docs/operate/pools.md).
 */
export async function proveWindow(
  pool: ProofExecutor,
  window: Window,
  options: TaskOptions = {},
): Promise<WindowProof> {
  return proveStated(pool, window, await stateWindow(pool, window, options), options);
}
