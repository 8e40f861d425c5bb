import { planSpec, type SgdSpec, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { type Engine, type Halo2, loadProver, PotError } from 'halo2-wasm';
import { DEVELOPMENT_WARNING, developmentSrs, type Srs } from 'halo2-wasm/node';
import { ProverPool } from '../prove/pool.js';

/** What a proof should not exceed. */
const SMALL_PROOF_BYTES = 8192;

export interface StepProverOptions {
  /** The reference string; without it, the INSECURE development one, with a warning. */
  srs?: Srs;
  /** Prover threads; default 1. */
  workers?: number;
  /** `wasm`, `native` or `auto`; default: `ZK_ENGINE`, else `auto` (docs/engines.md). */
  engine?: Engine;
  onWarning?: (message: string) => void;
}

/**
 * Prover threads and keys that are kept from one step's proof to the next. Close it when done.
 *
 * @example
 * const prover = await StepProver.start();
 * const first = await autoProveTrainingStep(w0, w1, batch0, 0.1, { prover });
 * const second = await autoProveTrainingStep(w1, w2, batch1, 0.1, { prover });
 * await prover.close();
 */
export class StepProver {
  private readonly pools = new Map<number, Promise<{ pool: ProverPool; srs: Srs }>>();
  private warned = false;

  private constructor(
    readonly halo2: Halo2,
    private readonly options: StepProverOptions,
  ) {}

  static async start(options: StepProverOptions = {}): Promise<StepProver> {
    return new StepProver(await loadProver({ engine: options.engine }), options);
  }

  /**
   * Rows and columns for a step's circuit: as the planner chooses, but with twice the rows and fewer columns where the
   * proof would be larger than 8 KB. Errors: those of the planner, e.g. a circuit that is too large.
   */
  plan(spec: UnplannedSpec): SgdSpec {
    const first = planSpec(this.halo2, spec);
    if (first.info.proofBytes <= SMALL_PROOF_BYTES) return first.spec;
    const k = first.spec.shape.k + 1;
    if (this.options.srs && this.options.srs.k < k) return first.spec;
    const second = planSpec(this.halo2, spec, { k });
    return second.info.proofBytes < first.info.proofBytes ? second.spec : first.spec;
  }

  /** Threads over a string for at least `2^k` rows. Errors: `SRS_SIZE`. */
  async at(k: number): Promise<{ pool: ProverPool; srs: Srs }> {
    const { srs } = this.options;
    if (srs && srs.k < k) {
      throw new PotError(
        'SRS_SIZE',
        `the reference string is for 2^${srs.k} rows, the circuit needs 2^${k}`,
        {
          hint: `Import one for k = ${k}: pot srs import --k ${k}.`,
        },
      );
    }
    const size = srs?.k ?? k;
    let entry = this.pools.get(size);
    if (!entry) {
      entry = this.open(size);
      entry.catch(() => this.pools.delete(size));
      this.pools.set(size, entry);
    }
    return entry;
  }

  /** Ends the threads. */
  async close(): Promise<void> {
    const open = await Promise.allSettled(this.pools.values());
    this.pools.clear();
    for (const entry of open) if (entry.status === 'fulfilled') await entry.value.pool.close();
  }

  private async open(k: number): Promise<{ pool: ProverPool; srs: Srs }> {
    const srs = this.options.srs ?? (await developmentSrs(this.halo2, k));
    if (srs.development && !this.warned) {
      this.warned = true;
      (this.options.onWarning ?? console.warn)(DEVELOPMENT_WARNING);
    }
    const { engine } = this.halo2;
    return {
      srs,
      pool: await ProverPool.start({ srs: srs.bytes, workers: this.options.workers ?? 1, engine }),
    };
  }
}
