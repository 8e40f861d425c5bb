import { encodeProof } from '@proof-of-training/verifier/files';
import type { Run } from '@proof-of-training/verifier/run';
import { etaOfWindow, firstStepOf, genesisStatement } from '@proof-of-training/verifier/run';
import type { CommittedBase } from '../prove/base.js';
import { type Border, borderOf } from '../prove/border.js';
import type { ProofExecutor } from '../prove/executor.js';
import { proveWindow } from '../prove/proveWindow.js';
import type { Checkpoint } from './checkpoint.js';
import type { Journal } from './journal.js';
import type { ProofRecord, WindowRecord } from './records.js';
import type { Renewals } from './renewals.js';

/** A closed window that waits for its proof. */
export interface WindowJob {
  window: number;
  epoch: number;
  shard: number;
  before: Checkpoint;
  after: Checkpoint;
  x: Int32Array;
  y: Int32Array;
  /** Numbers of the commitments that it uses, where those are not the first ones. */
  commitment?: number | undefined;
  baseCommitment?: number | undefined;
}

/** A proof that has just been stored. */
export interface ProofEvent {
  /** Number of the window; undefined for the genesis proof. */
  window: number | undefined;
  /** Proving time, without waiting and key generation, in milliseconds. */
  ms: number;
  keygenMs: number;
  proofBytes: number;
  /** Windows that still wait or are being proven. */
  pending: number;
}

export interface ProvingOptions {
  run: Run;
  pool: ProofExecutor;
  journal: Journal;
  /** Windows that may wait or be proven at once; {@link Proving.push} waits beyond. */
  maxPending: number;
  /** Windows that were closed before this object was made. */
  nextWindow: number;
  /** The frozen base, where the run has one. */
  base?: CommittedBase;
  /** The commitments of shards and base. */
  renewals: Renewals;
  onProof?: (event: ProofEvent) => void;
  signal?: AbortSignal;
}

/**
 * Proves closed windows in the background, several at once, each stored as soon as it is there. The first failure
 * is kept and thrown by every later call.
 */
export class Proving {
  private readonly borders = new Map<number, Border>();
  private readonly active = new Set<Promise<void>>();
  private failure: unknown;
  /** Windows whose proofs are not stored yet; -1 is the genesis proof. Their checkpoints are needed. */
  private readonly open = new Set<number>();
  /** The last checkpoint: training goes on from there. */
  private newest: number;

  constructor(private readonly options: ProvingOptions) {
    this.newest = options.nextWindow;
  }

  get pending(): number {
    return this.active.size;
  }

  throwIfFailed(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Names windows that are going to be pushed, so that their checkpoints are kept until then. */
  reserve(windows: readonly number[]): void {
    for (const window of windows) this.open.add(window);
  }

  /** Begins the genesis proof. */
  pushGenesis(checkpoint: Checkpoint): void {
    const { run, pool, base, signal } = this.options;
    const statement = genesisStatement(run);
    this.open.add(-1);
    this.track(async () => {
      const { weights, salt } = checkpoint;
      const task = {
        kind: 'genesis',
        spec: run.genesisSpec,
        public: statement,
        weights,
        salt,
        ...(run.transcript && { transcript: run.transcript }),
        ...(base && { base: base.weights, baseSalt: base.salt }),
      } as const;
      const { proof, ms, keygenMs } = await pool.run(task, { ...(signal && { signal }) });
      await this.store(undefined, { entry: { public: statement, proof: encodeProof(proof!) }, ms }, keygenMs);
      await this.finished(-1);
    });
  }

  /** Makes the renewals that closed windows need and that are not stored. */
  pushRenewals(windows: readonly WindowRecord[]): void {
    this.track(() => this.options.renewals.complete(windows));
  }

  /** Begins a window's proof; waits first while too many are open. */
  async push(job: WindowJob): Promise<void> {
    while (this.active.size >= this.options.maxPending) {
      this.throwIfFailed();
      await Promise.race(this.active);
    }
    this.throwIfFailed();
    this.open.add(job.window);
    this.newest = Math.max(this.newest, job.window + 1);
    this.track(() => this.prove(job));
  }

  /** Waits until every proof is stored. */
  async drain(): Promise<void> {
    while (this.active.size > 0) await Promise.race(this.active);
    this.throwIfFailed();
  }

  private async prove(job: WindowJob): Promise<void> {
    const { run, pool, renewals, signal } = this.options;
    const [{ digest, salt }, base] = await Promise.all([
      renewals.shard(job.shard, job.commitment),
      renewals.base(job.baseCommitment),
    ]);
    const { statement, proof, ms, keygenMs } = await proveWindow(
      pool,
      {
        spec: run.spec,
        place: {
          runId: run.runId,
          firstStep: firstStepOf(run.spec, job.window),
          epoch: job.epoch,
          eta: etaOfWindow(run, job.window),
        },
        before: this.border(job.window, job.before),
        after: this.border(job.window + 1, job.after),
        data: { x: job.x, y: job.y, salt, digest },
        base,
        transcript: run.transcript,
      },
      { ...(signal && { signal }) },
    );
    await this.store(job.window, { entry: { public: statement, proof: encodeProof(proof) }, ms }, keygenMs);
    this.borders.delete(job.window - 1);
    await this.finished(job.window);
  }

  /** Drops the checkpoints that nothing needs any more: each serves the window before it and the one after. */
  private async finished(window: number): Promise<void> {
    this.open.delete(window);
    for (const index of [window, window + 1]) {
      const needed = this.open.has(index - 1) || this.open.has(index) || index >= this.newest;
      if (index >= 0 && !needed) await this.options.journal.dropCheckpoint(index);
    }
  }

  /** Made once a checkpoint: it serves the window before and the window after. */
  private border(index: number, checkpoint: Checkpoint): Border {
    let border = this.borders.get(index);
    if (!border) {
      const { run, pool, signal } = this.options;
      // A window's proof waits for its digests: they go before the other windows' proofs.
      border = borderOf(pool, run.spec, checkpoint, { priority: 1, ...(signal && { signal }) });
      this.borders.set(index, border);
    }
    return border;
  }

  private async store(window: number | undefined, record: ProofRecord, keygenMs = 0): Promise<void> {
    await this.options.journal.writeProof(window, record);
    const proofBytes = Math.floor((record.entry.proof.length * 3) / 4);
    this.options.onProof?.({ window, ms: record.ms, keygenMs, proofBytes, pending: this.active.size - 1 });
  }

  private track(work: () => Promise<void>): void {
    const promise: Promise<void> = work()
      .catch((e) => {
        this.failure ??= e;
      })
      .finally(() => this.active.delete(promise));
    this.active.add(promise);
  }
}
