import type { InferenceReport } from '@proof-of-training/verifier';
import type { Committed } from '../jobs/job.js';
import { type JobOptions, type ProcessPool, stoppedError } from '../process/processPool.js';
import type { ZkmlMetrics } from './metrics.js';
import { adopt, type Generation, type Held, newCount } from './models.js';
import type { ExecuteOptions, ProofFile, ProveOptions, VerifyOptions, ZkmlTimeouts } from './options.js';
import type { Answer, Proven } from './results.js';
import { SharedWork } from './signals.js';
import { abortOf, failureOf, isExhausted, limitOf, type Stage, timeoutOf } from './stages.js';
import { requireHolds } from './verdict.js';

/** What an engine has processes do, each stage within its time, counted, and failing in its own way. */
export class Work {
  /** Absent while the engine does not run. */
  pool: ProcessPool | undefined;

  constructor(
    private readonly timeouts: Readonly<ZkmlTimeouts>,
    private readonly metrics: ZkmlMetrics,
  ) {}

  /** An answer that nothing is known of yet. */
  async answered(
    held: Held,
    inputs: Float64Array,
    options: ExecuteOptions,
    signal: AbortSignal,
  ): Promise<Answer> {
    if (options.proof === false) {
      const { opening } = await this.opened(held, signal);
      const job = { kind: 'infer', order: { opening, inputs } } as const;
      const { outputs } = await this.needed().run<'infer'>(job, { ...this.limit('inference'), signal });
      return { model: held.id, outputs, cached: false };
    }
    const proven = await this.proven(held, inputs, options, signal);
    const { reveal } = options;
    const expected = { weights: proven.commitment };
    const wanted = { expected, ...(reveal !== undefined && { reveal }) };
    await this.verified(proven.proof, wanted, undefined, signal);
    return { ...proven, cached: false };
  }

  /** The report of a proof that holds, of a model with these commitments where they are given. */
  verified(
    proof: ProofFile,
    { model: _, signal: __, ...wanted }: VerifyOptions,
    model: readonly Committed[] | undefined,
    signal: AbortSignal,
  ): Promise<InferenceReport> {
    const job = { kind: 'verify', order: { ...wanted, ...(model && { model }), proof } } as const;
    return this.staged('verify', async () => {
      const { report } = await this.needed().run<'verify'>(job, { ...this.limit('verify'), signal });
      return requireHolds(report);
    });
  }

  /** A proof, with a commitment that hides the weights in it. */
  proven(held: Held, inputs: Float64Array, options: ProveOptions, signal: AbortSignal): Promise<Proven> {
    const { show, reveal, context, transcript } = options;
    return this.staged('prove', async () => {
      for (let generation = await this.opened(held, signal); ; ) {
        const { opening, genesis, uses } = generation;
        const order = { opening, inputs, show, reveal, context, transcript };
        try {
          const take = (most: number) => uses.take(most);
          const how = { ...this.limit('prove'), signal, take };
          const made = await this.needed().run<'prove'>({ kind: 'prove', order }, how);
          const { commitment } = opening;
          return {
            model: held.id,
            commitment,
            ...(genesis && { genesis: structuredClone(genesis) }),
            ...made,
          };
        } catch (e) {
          if (!isExhausted(e) || 'opening' in held.source) throw e;
          generation = await this.opened(held, signal, generation);
        }
      }
    });
  }

  /** The commitment that is proven with, or a new one where `spent` is that. */
  async opened(held: Held, signal: AbortSignal, spent?: Generation): Promise<Generation> {
    if (held.latest && held.latest !== spent) return held.latest;
    if ('opening' in held.source) throw limitOf('uses', 0, 'proofs that open this commitment');
    if (!held.compiling || held.compiling.abandoned) held.compiling = this.compilation(held);
    return held.compiling.join(signal);
  }

  private compilation(held: Held): SharedWork<Generation> {
    const work = new SharedWork((signal) =>
      this.staged('compile', async () => {
        // `work` is there from here on.
        await null;
        try {
          const uses = newCount();
          const how = { ...this.limit('compile'), signal, take: (most: number) => uses.take(most) };
          const job = { kind: 'compile', model: held.source, range: true } as const;
          return adopt(held, { ...(await this.needed().run<'compile'>(job, how)), uses });
        } finally {
          if (held.compiling === work) delete held.compiling;
        }
      }),
    );
    return work;
  }

  /** Counts work, with its failures as the engine's own. */
  staged<T>(stage: Stage, work: () => Promise<T>): Promise<T> {
    return this.metrics.count(stage, () =>
      work().catch((e: unknown) => {
        throw (e as { name?: string } | null)?.name === 'AbortError' ? abortOf(e) : failureOf(stage, e);
      }),
    );
  }

  /** Of a job of this stage. */
  limit(stage: keyof ZkmlTimeouts): JobOptions {
    const seconds = this.timeouts[stage];
    return { seconds, expired: () => timeoutOf(stage, seconds) };
  }

  /** Errors: `ZKML_STOPPED`. */
  needed(): ProcessPool {
    if (this.pool) return this.pool;
    throw stoppedError();
  }
}
