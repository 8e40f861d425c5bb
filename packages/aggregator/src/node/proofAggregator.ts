import { join } from 'node:path';
import { type Engine, isPotError, PotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import type { Aggregate, AggregatePublic, WindowProof } from '../aggregate.js';
import { checkNext, checkTranscript, checkWindows } from '../rules.js';
import { formOf, type OpenRun } from '../run.js';
import { type Beginning, beginningOf, statementOf } from '../statement.js';
import { AggregationThread } from './aggregationThread.js';
import { type LinkProver, type Member, namedBy } from './linkProver.js';
import { IntermediateStore } from './store.js';

/** What has been reached. */
export interface AggregationProgress {
  /** Windows of the run up to the end of the newest aggregate. */
  windows: number;
  /** Windows of the run known so far. */
  total: number;
  /** Time of the link that has just been proven, in milliseconds; absent where a stored one was taken up. */
  ms?: number;
}

export interface AggregatorOptions {
  /** Where the aggregate begins; default: with the run. Windows before it are not given, and nothing is proven of them. */
  from?: Beginning;
  /** Folder in which every intermediate aggregate is kept, so that a later call continues after a crash. Nothing in it is secret. */
  dir?: string;
  /** After each link. Must not throw. */
  onProgress?: (progress: AggregationProgress) => void;
}

export interface StartOptions extends AggregatorOptions {
  run: OpenRun;
  /** The run's own SRS, with as many points as the aggregation circuit has rows. */
  srs: Uint8Array;
  /** Windows that one proof takes in, at most; default: as many as fit the rows that two need. It decides the key. */
  windowsPerProof?: number;
  /** What proves: `wasm`, `native` or `auto`; default: `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
  /** Threads of one proof; 0 (default): all cores. */
  threads?: number;
  /** Cancels: what runs is given up with `PROVER_ABORTED`, what was stored is kept. */
  signal?: AbortSignal;
}

/** As many windows a proof as fit the rows that two need anyway. */
const PLACES = 0;

/**
 * Makes one proof of constant size of a run's windows: a chain of links, each of which verifies the one before and up to
 * `windowsPerProof` further windows. They are proven in a thread, by either engine.
 *
 * @example
 * const aggregator = await ProofAggregator.start({ run, srs, dir: 'run/aggregates' });
 * const aggregate = await aggregator.aggregateProofs(bundle.windows);
 * await aggregator.close();
 */
export class ProofAggregator {
  private readonly from: Beginning;
  private newest: Aggregate | undefined;
  /** Windows of the run up to the end of the newest aggregate. */
  private covered: number;
  private waiting: Member[] = [];
  /** Digest that the last known window ended with. */
  private weights: string;
  private readonly store: IntermediateStore | undefined;
  private turn: Promise<unknown> = Promise.resolve();

  /** `prover` is of the run's windows. Errors: `AGGREGATE_TRANSCRIPT`; `AGGREGATE_SPEC`, where it takes another circuit's windows. */
  constructor(
    private readonly run: OpenRun,
    readonly prover: LinkProver,
    private readonly options: AggregatorOptions = {},
  ) {
    checkTranscript(run);
    const { windowKey, digest } = prover.info;
    if (windowKey !== run.windowKey) {
      throw new PotError(
        'AGGREGATE_SPEC',
        "the run's windows are of another circuit than this aggregator takes",
        {
          details: { run: run.windowKey, aggregator: windowKey },
        },
      );
    }
    this.from = options.from ?? beginningOf(run);
    this.weights = this.from.weights;
    this.covered = this.from.window;
    // Aggregates of other runs, of other keys and with other beginnings go elsewhere.
    const begins = this.from.window === 0 ? '' : `-from-${this.from.window}`;
    const folder = `${run.runId.slice(2, 18)}-${digest.slice(2, 18)}${begins}`;
    this.store = options.dir === undefined ? undefined : new IntermediateStore(join(options.dir, folder));
  }

  /** Makes the aggregation circuit's keys: seconds. Errors: those of the constructor and of {@link AggregationThread.start}. */
  static async start(options: StartOptions): Promise<ProofAggregator> {
    const { run, srs, windowsPerProof: places = PLACES, engine, threads, signal } = options;
    checkTranscript(run);
    const prover = await AggregationThread.start({
      srs,
      spec: run.spec,
      places,
      form: formOf(run),
      ...(engine && { engine }),
      ...(threads !== undefined && { threads }),
      ...(signal && { signal }),
    });
    try {
      return new ProofAggregator(run, prover, options);
    } catch (e) {
      await prover.close();
      throw e;
    }
  }

  /** Windows of the run up to the end of the newest aggregate; where there is none, up to the beginning. */
  get windows(): number {
    return this.covered;
  }

  /** The newest aggregate. */
  get aggregate(): Aggregate | undefined {
    return this.newest;
  }

  /**
   * Takes the next windows, in order; proves a link whenever enough for one are there. All rules are checked before anything is
   * proven, and a refused window leaves everything as it was.
   *
   * Errors: those of {@link checkNext}; of the prover, `VERIFY_*` for a proof that does not hold: then the windows that no
   * aggregate covers yet are forgotten, and must be given again.
   */
  add(...proofs: WindowProof[]): Promise<void> {
    return this.inTurn(async () => {
      this.take(proofs);
      while (this.waiting.length >= this.prover.info.places) await this.link();
    });
  }

  /** Proves what waits, if anything does: the aggregate of all windows so far. Errors: `AGGREGATE_EMPTY`; those of {@link add}. */
  finish(): Promise<Aggregate> {
    return this.inTurn(async () => {
      while (this.waiting.length > 0) await this.link();
      if (!this.newest) throw new PotError('AGGREGATE_EMPTY', 'there is no window to aggregate');
      return this.newest;
    });
  }

  /**
   * The aggregate of these windows, the run's from its first one on, or from the beginning in the options on. Those that this object or
   * its folder has an aggregate of are not proven again.
   *
   * Errors: those of {@link add}; `INTERMEDIATE_DAMAGED`, `INTERMEDIATE_FOREIGN` (of other windows), `INTERMEDIATE_INVALID` (it does not
   * verify) for a stored one.
   */
  async aggregateProofs(proofs: readonly WindowProof[]): Promise<Aggregate> {
    await this.inTurn(async () => {
      checkWindows(this.run, proofs, this.from);
      await this.resume(proofs);
      this.take(proofs.slice(this.covered + this.waiting.length - this.from.window));
    });
    return this.finish();
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    await this.prover.close();
  }

  /** One call after the other. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {});
    return result;
  }

  /** Starts from the furthest aggregate of a part of these windows that is known. */
  private async resume(proofs: readonly WindowProof[]): Promise<void> {
    const total = this.from.window + proofs.length;
    const stored = await this.store?.furthest(total * this.run.spec.steps);
    const own = this.covered <= total ? this.newest : undefined;
    const best = stored && (!own || stored.public.endStep > own.public.endStep) ? stored : own;
    this.reset(best);
    if (!best) return;
    this.requireOf(best, proofs);
    if (best !== stored) return;
    await this.prover.verify(best).catch((cause) => {
      // Only an answer about the aggregate is one; a thread that has ended is not.
      if (!isPotError(cause) || cause.code.startsWith('PROVER_')) throw cause;
      throw intermediate('INTERMEDIATE_INVALID', 'does not verify', cause);
    });
    this.options.onProgress?.({ windows: this.covered, total });
  }

  /** Throws unless the aggregate says what these windows say. */
  private requireOf(aggregate: Aggregate, proofs: readonly WindowProof[]): void {
    const last = proofs[this.covered - this.from.window - 1];
    const wanted = last && this.statement(this.covered, last.public.weightsOut);
    if (canonicalJson(wanted) !== canonicalJson(aggregate.public)) {
      throw intermediate('INTERMEDIATE_FOREIGN', 'is of other windows than these');
    }
  }

  /** What an aggregate up to window `end` has to say. */
  private statement(end: number, weightsOut: string): AggregatePublic {
    return statementOf(this.run, this.prover.info.digest, end, weightsOut, this.from);
  }

  private reset(aggregate: Aggregate | undefined): void {
    this.newest = aggregate;
    this.covered = aggregate ? aggregate.public.endStep / this.run.spec.steps : this.from.window;
    this.weights = aggregate?.public.weightsOut ?? this.from.weights;
    this.waiting = [];
  }

  /** All of them, or none. */
  private take(proofs: readonly WindowProof[]): void {
    let weights = this.weights;
    const first = this.covered + this.waiting.length;
    const members = proofs.map((proof, i) => {
      checkNext(this.run, first + i, weights, proof);
      weights = proof.public.weightsOut;
      const { shard } = this.run.at(first + i);
      const named = namedBy(this.run);
      // Under a renewed commitment a shard has no place in the dataset's tree.
      const siblings = this.run.contentsOf ? [] : this.run.shard(shard).siblings;
      return { ...proof, shard, siblings, ...(named && { named }) };
    });
    this.weights = weights;
    this.waiting.push(...members);
  }

  private async link(): Promise<void> {
    const members = this.waiting.slice(0, this.prover.info.places);
    const total = this.covered + this.waiting.length;
    const start = performance.now();
    try {
      const { weightsOut } = members[members.length - 1]!.public;
      const wanted = this.statement(this.covered + members.length, weightsOut);
      const next = await this.prover.prove(this.newest, members, wanted);
      if (canonicalJson(next.public) !== canonicalJson(wanted)) {
        throw new PotError('AGGREGATE_STATEMENT', 'the new aggregate does not say what the run says');
      }
      await this.store?.write(next);
      this.newest = next;
      this.covered += members.length;
      this.waiting = this.waiting.slice(members.length);
    } catch (e) {
      const absolute = this.covered;
      this.reset(this.newest);
      throw withWindow(e, absolute);
    }
    this.options.onProgress?.({ windows: this.covered, total, ms: performance.now() - start });
  }
}

/** The error with the window's number in the run instead of in the link. */
function withWindow(e: unknown, first: number): unknown {
  if (!isPotError(e) || typeof e.details.window !== 'number') return e;
  const window = first + e.details.window;
  const message = `window ${window}: ${e.shortMessage}`;
  return PotError.fromJSON({ ...e.toJSON(), message, details: { ...e.details, window } }, e);
}

function intermediate(code: PotErrorCode, what: string, cause?: unknown): PotError {
  return new PotError(code, `a stored intermediate aggregate ${what}`, {
    hint: 'Remove it from the folder of intermediates: what it stood for is made again.',
    ...(cause !== undefined && { cause }),
  });
}
