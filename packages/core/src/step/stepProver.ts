import { createHash } from 'node:crypto';
import { type Halo2, loadProver } from '@proof-of-training/halo2-wasm';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import type { SgdSpec, UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { checkOptions } from '@proof-of-training/verifier/options';
import { publicBaseSalt } from '@proof-of-training/verifier/run';
import { cellsUpTo } from '../plan/limits.js';
import { planCircuit } from '../plan/planCircuit.js';
import { type CommittedBase, commitBase } from '../prove/base.js';
import type { TaskOptions } from '../prove/checks.js';
import type { ProofExecutor } from '../prove/executor.js';
import { poolOptions } from '../prove/pool.js';
import { startExecutor } from '../prove/queueExecutor.js';
import { closedError, Scheduler } from '../prove/scheduler.js';
import { chooseSrs } from '../run/chooseSrs.js';
import { type StepProverOptions, stepProverOptions } from './stepOptions.js';

/** A base of a million weights takes 8 MB. */
const KEPT_BASES = 4;

/**
 * Prover threads, keys and commitments to frozen bases that are kept from one step's proof to the next. Close it when done.
 *
 * @example
 * const prover = await StepProver.start();
 * const first = await autoProveTrainingStep(w0, w1, batch0, 0.1, { prover });
 * const second = await autoProveTrainingStep(w1, w2, batch1, 0.1, { prover });
 * await prover.close();
 */
export class StepProver implements AsyncDisposable {
  private readonly pools = new Map<number, Promise<{ pool: ProofExecutor; srs: Srs }>>();
  /** The bases of the last steps, by their contents: one is committed to once. */
  private readonly bases = new Map<string, Promise<CommittedBase>>();
  private readonly keys = new Map<string, string>();
  private closed = false;
  /** One for the pools of all sizes. */
  readonly scheduler: Scheduler;

  private constructor(
    readonly halo2: Halo2,
    private readonly options: StepProverOptions,
  ) {
    this.scheduler = new Scheduler({ workers: 1, ...poolOptions(options) });
  }

  /** Errors: `OPTION_UNKNOWN`, `OPTION_INVALID`, `ENGINE_*`, `WASM_LOAD`. */
  static async start(options: StepProverOptions = {}): Promise<StepProver> {
    return StepProver.begin(checkOptions(stepProverOptions, options, 'StepProver.start'));
  }

  /** With options that have been checked, of a prover that has others besides. */
  static async begin(options: StepProverOptions): Promise<StepProver> {
    const { engine } = poolOptions(options);
    return new StepProver(await loadProver({ engine }), options);
  }

  /** Rows and columns for a step's circuit. Errors: those of the planner, e.g. a circuit that is too large. */
  plan(spec: UnplannedSpec): SgdSpec {
    const { srs, config } = this.options;
    return planCircuit(this.halo2, spec, { srs, limits: [cellsUpTo(config?.circuit.maxConstraints)] }).spec;
  }

  /** Threads over an SRS for `2^k` rows. Errors: `SRS_SIZE`, `PROVER_CLOSED`. */
  async at(k: number): Promise<{ pool: ProofExecutor; srs: Srs }> {
    if (this.closed) throw closedError();
    let entry = this.pools.get(k);
    if (!entry) {
      entry = this.open(k);
      entry.catch(() => this.pools.delete(k));
      this.pools.set(k, entry);
    }
    return entry;
  }

  /**
   * The commitment to a frozen base, kept from step to step.
   *
   * Errors: those of {@link at} and of the prover.
   */
  async base(
    spec: SgdSpec,
    weights: BigInt64Array,
    salt: Uint8Array = publicBaseSalt(),
    priority = 0,
  ): Promise<CommittedBase> {
    const { shape, layers, lora } = spec;
    const layout = JSON.stringify([shape.k, shape.baseColumns, lora?.baseBits, layers]);
    const bytes = new Uint8Array(weights.buffer, weights.byteOffset, weights.byteLength);
    const key = createHash('sha256').update(layout).update(salt).update(bytes).digest('hex');
    let base = this.bases.get(key);
    if (!base) {
      base = this.at(shape.k).then(({ pool }) => commitBase(pool, spec, weights, salt, { priority }));
      base.catch(() => this.bases.delete(key));
      this.bases.set(key, base);
      const oldest = this.bases.keys().next().value;
      if (this.bases.size > KEPT_BASES && oldest !== undefined) this.bases.delete(oldest);
    }
    return base;
  }

  /** The digest of a circuit's verifying key, derived once. Errors: those of {@link at} and of the prover. */
  async keyDigest(spec: SgdSpec, options: TaskOptions = {}): Promise<string> {
    const name = JSON.stringify(spec);
    const known = this.keys.get(name);
    if (known) return known;
    const { pool } = await this.at(spec.shape.k);
    const { digest } = await pool.run({ kind: 'vkDigest', spec }, options);
    this.keys.set(name, digest!);
    return digest!;
  }

  /** Waits for what runs (with `force`, ends it), refuses what waits with `PROVER_CLOSED`, and ends the threads. */
  async close({ force = false }: { force?: boolean } = {}): Promise<void> {
    this.closed = true;
    const open = await Promise.allSettled(this.pools.values());
    await Promise.all(
      open.map((entry) => (entry.status === 'fulfilled' ? entry.value.pool.close({ force }) : undefined)),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async open(k: number): Promise<{ pool: ProofExecutor; srs: Srs }> {
    const srs = await chooseSrs(this.halo2, k, this.options);
    const options = { ...this.options, engine: this.halo2.engine, scheduler: this.scheduler };
    return { srs, pool: await startExecutor(srs.bytes, options) };
  }
}
