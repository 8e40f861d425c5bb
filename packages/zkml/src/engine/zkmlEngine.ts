import type { InferenceReport } from '@proof-of-training/verifier';
import { checkOptions, kinds } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { Committed, Setup } from '../jobs/job.js';
import { ProcessPool, stoppedError } from '../process/processPool.js';
import { AnswerCache, type AnswerKey } from './answerCache.js';
import { inputsFor } from './inputs.js';
import { ZkmlMetrics } from './metrics.js';
import { adopt, described, heldOf, Models, type RegisteredModel } from './models.js';
import {
  type ExecuteOptions,
  engineShape,
  executeShape,
  LIMITS,
  type ProofFile,
  type ProveOptions,
  proveShape,
  type RegisterModelOptions,
  registerShape,
  sharesOf,
  TIMEOUTS,
  type VerifyOptions,
  verifyShape,
  type ZkmlEngineOptions,
  type ZkmlLimits,
  type ZkmlTimeouts,
} from './options.js';
import type { Answer, Outcome, Proven, ProvenAnswer } from './results.js';
import { withSignal } from './signals.js';
import { failureOf, limitOf, timeoutOf } from './stages.js';
import { Work } from './work.js';

const waitShape = z.object({ signal: kinds.signal.optional() });

/**
 * Proven inferences as a service: registers models, commits to them, proves, verifies and answers, several at once, in processes of its
 * own. What takes too long or is cancelled is ended with its process.
 *
 * Errors of every method: `OPTION_*`, and one of `ZKML_*` for each way in which it can fail (docs/operate/zkml.md), whose details have the
 * code of what is behind it.
 *
 * @example
 * const engine = new ZkmlEngine({ workers: 2 });
 * await engine.start();
 * await engine.registerModel({ id: 'credit', onnx: await readFile('credit.onnx'), inputRange: [0, 1] });
 * const { proof, outputs } = await engine.executeInference({ model: 'credit', inputs: [0.2, 0.7] });
 * await engine.stop();
 */
export class ZkmlEngine {
  readonly metrics: ZkmlMetrics;
  readonly limits: Readonly<ZkmlLimits>;
  readonly timeouts: Readonly<ZkmlTimeouts>;
  private readonly models: Models;
  private readonly cache: AnswerCache<Answer>;
  private readonly setup: Setup;
  private readonly workers: number;
  private readonly work: Work;

  constructor(options: ZkmlEngineOptions = {}) {
    checkOptions(z.object(engineShape), options, 'ZkmlEngine');
    const { engine, srs, config } = options;
    const { workers, threads } = sharesOf(options);
    this.workers = workers;
    this.limits = { ...LIMITS, ...given(options.limits) };
    this.timeouts = { ...TIMEOUTS, ...given(options.timeouts) };
    this.models = new Models(this.limits);
    this.cache = new AnswerCache(this.limits.cached);
    this.setup = {
      threads,
      development: srs === 'development',
      ...(engine && { engine }),
      ...(typeof srs === 'object' && { srs }),
      ...(config && { config }),
    };
    this.metrics = new ZkmlMetrics(() => ({
      models: this.models.size,
      waiting: this.work.pool?.queued ?? 0,
      running: this.work.pool?.running ?? 0,
      workers: this.workers,
      killed: this.work.pool?.killed ?? 0,
      crashed: this.work.pool?.crashed ?? 0,
      cached: this.cache.size,
      hits: this.cache.hits,
      misses: this.cache.misses,
    }));
    this.work = new Work(this.timeouts, this.metrics);
  }

  /** Whether it runs. */
  get running(): boolean {
    return this.work.pool !== undefined;
  }

  /**
   * Starts it: with one process, which shows that the engine can be had. Errors: `ZKML_INFERENCE_FAILED`, with the cause.
   *
   * @example
   * await engine.start();
   */
  async start(): Promise<{ engine: string }> {
    const pool = this.work.pool ?? new ProcessPool(this.setup, this.workers, this.limits.waiting);
    this.work.pool = pool;
    try {
      return await pool.run<'ready'>({ kind: 'ready' }, this.work.limit('verify'));
    } catch (e) {
      if (this.work.pool === pool) this.work.pool = undefined;
      await pool.stop();
      throw failureOf('inference', e);
    }
  }

  /**
   * Ends all processes and what they do (`ZKML_STOPPED`), and forgets models and answers: their commitments' salts are gone then.
   *
   * @example
   * await engine.stop();
   */
  async stop(): Promise<void> {
    const pool = this.work.pool;
    this.work.pool = undefined;
    this.models.clear();
    this.cache.clear();
    await pool?.stop();
  }

  /**
   * Registers a model: its file is read and bounded, an opening compared with its commitment, in a process of its own.
   *
   * @example
   * const { digest, features } = await engine.registerModel({ id: 'credit', onnx, sha256, inputRange: [0, 1] });
   */
  async registerModel(options: RegisterModelOptions): Promise<RegisteredModel> {
    this.work.needed();
    checkOptions(z.object(registerShape), options, 'registerModel');
    return this.work.staged('register', async () => {
      const held = heldOf(options, this.limits);
      const free = this.models.reserve(held.id);
      try {
        const job = { kind: 'inspect', model: held.source } as const;
        const pool = this.work.needed();
        const info = await pool.run<'inspect'>(job, this.work.limit('compile'));
        if (this.work.pool !== pool) throw stoppedError();
        const model = { ...held, info };
        if (held.latest) adopt(model, held.latest);
        this.models.add(model);
        return described(model);
      } finally {
        free();
      }
    });
  }

  /** Forgets a model and what it answered. False where there was none. */
  unregisterModel(id: string): boolean {
    const held = this.models.remove(id);
    if (held) this.cache.forget(held.cacheKey);
    return held !== undefined;
  }

  /** What is known of a model. Errors: `ZKML_MODEL_INVALID`. */
  model(id: string): RegisteredModel {
    return described(this.models.get(id));
  }

  /** All models. */
  listModels(): RegisteredModel[] {
    return this.models.all().map(described);
  }

  /**
   * Commits to a model, and proves that its weights are in range, unless that was done. Proving does it where it was not.
   *
   * @example
   * const { commitment, genesis } = await engine.compile('credit');
   */
  async compile(id: string, options: { signal?: AbortSignal } = {}): Promise<Committed> {
    checkOptions(waitShape, options, 'compile');
    const held = this.models.get(id);
    const { opening, genesis } = await withSignal(options.signal, undefined, (signal) =>
      this.work.opened(held, signal),
    );
    return { commitment: opening.commitment, ...(genesis && { genesis: structuredClone(genesis) }) };
  }

  /**
   * Proves what a model gives, compiling it first where that was not done. A commitment that was opened as often as it may be is followed
   * by another of the same model.
   *
   * @example
   * const { proof, commitment } = await engine.prove({ model: 'credit', inputs, reveal: { output: 0, atLeast: 0 } });
   */
  async prove(options: ProveOptions): Promise<Proven> {
    checkOptions(z.object(proveShape), options, 'prove');
    const held = this.models.get(options.model);
    const inputs = inputsFor(held, options.inputs);
    return withSignal(options.signal, undefined, (signal) => this.work.proven(held, inputs, options, signal));
  }

  /**
   * Verifies a proof. Gives the report where it holds, and throws everywhere else: `ZKML_PROOF_INVALID` for what is no proof,
   * `ZKML_SECURITY` for one of another model or of something else than is expected, `ZKML_VERIFICATION_FAILED`.
   *
   * @example
   * const { inference } = await engine.verify(file, { model: 'credit', reveal: { output: 0, atLeast: 0 } });
   */
  async verify(proof: ProofFile, options: VerifyOptions = {}): Promise<InferenceReport> {
    checkOptions(z.object(verifyShape), options, 'verify');
    const { model } = options;
    const commitments = model === undefined ? undefined : this.models.get(model).commitments;
    return withSignal(options.signal, undefined, (signal) =>
      this.work.verified(proof, options, commitments, signal),
    );
  }

  /**
   * Answers with a proof that was verified here, or without one. What was answered to this owner before comes from the cache.
   *
   * @example
   * const { outputs, proof, cached } = await engine.executeInference({ model: 'credit', inputs, owner: 'user-17' });
   */
  executeInference(options: ExecuteOptions & { proof?: true }): Promise<ProvenAnswer>;
  executeInference(options: ExecuteOptions): Promise<Answer>;
  async executeInference(options: ExecuteOptions): Promise<Answer> {
    checkOptions(z.object(executeShape), options, 'executeInference');
    this.work.needed();
    const held = this.models.get(options.model);
    const inputs = inputsFor(held, options.inputs);
    const { owner, show, reveal, context, transcript, proof } = options;
    const shown = { show, reveal, context, transcript, proof };
    const key: AnswerKey | undefined =
      owner === undefined ? undefined : { model: held.cacheKey, owner, inputs, shown };
    return this.work.staged('inference', async () => {
      const known = key && this.cache.get(key);
      if (known) return { ...known, cached: true };
      const seconds = this.timeouts.inference;
      const limit = { seconds, expired: () => timeoutOf('inference', seconds) };
      const answer = await withSignal(options.signal, limit, (signal) =>
        this.work.answered(held, inputs, options, signal),
      );
      // It may have been taken away meanwhile.
      if (key && this.models.all().includes(held)) this.cache.set(key, answer);
      return answer;
    });
  }

  /**
   * Answers many requests, as many at once as there are processes. Each ends for itself: in the place of each is its answer or its error.
   *
   * @example
   * const outcomes = await engine.executeInferences(rows.map((inputs) => ({ model: 'credit', inputs })));
   * console.log(outcomes.filter(({ ok }) => ok).length);
   */
  async executeInferences(requests: readonly ExecuteOptions[]): Promise<Outcome[]> {
    const most = this.limits.batch;
    if (requests.length > most) throw limitOf('limits.batch', most, 'requests at once');
    for (const request of requests) checkOptions(z.object(executeShape), request, 'executeInferences');
    const settled = await Promise.allSettled(requests.map((request) => this.executeInference(request)));
    return settled.map((one) =>
      one.status === 'fulfilled'
        ? { ok: true, answer: one.value }
        : { ok: false, error: failureOf('inference', one.reason) },
    );
  }
}

/** Options that were given: one that is undefined counts as left out. */
function given<T extends object>(options: T | undefined): Partial<T> {
  return Object.fromEntries(Object.entries(options ?? {}).filter(([, v]) => v !== undefined)) as Partial<T>;
}
