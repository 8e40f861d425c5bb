import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  type AggregateForm,
  type AggregationInfo,
  type Engine,
  type EngineName,
  loadProver,
  PotError,
  type PotErrorJson,
} from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { type Aggregate, aggregateSchema } from '../aggregate.js';
import type { LinkProver, Member } from './linkProver.js';
import type { Order, Reply, Request, Started, ThreadSetup } from './messages.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const FILE = fileURLToPath(new URL('../../dist/node/worker.js', import.meta.url));

export interface ThreadOptions {
  /** The windows' own SRS, with as many points as the aggregation circuit has rows. */
  srs: Uint8Array;
  spec: SgdSpec;
  /** Windows that one proof takes in, at most. */
  places: number;
  /** What the windows of a run may differ in (`formOf`); absent: in nothing. */
  form?: AggregateForm | undefined;
  /** What proves: `wasm`, `native` or `auto`; default: `ZK_ENGINE`, else `auto`. Keys and what verifies are the same. */
  engine?: Engine;
  /** Threads of one proof; 0 (default): all cores. */
  threads?: number;
  /** Ends the thread, also while it starts. */
  signal?: AbortSignal;
}

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * A {@link LinkProver} in a thread of its own, with either engine.
 *
 * @example
 * const thread = await AggregationThread.start(options);
 * const aggregate = await thread.prove(undefined, members);
 * await thread.verify(aggregate);
 * await thread.close();
 */
export class AggregationThread implements LinkProver {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private next = 0;
  private ended: PotError | undefined;
  private started: Started | undefined;
  /** Stops listening to the signal. */
  private forget: () => void = () => {};

  private constructor(
    readonly engine: EngineName,
    { srs, spec, places, form, threads = 0, signal }: ThreadOptions,
  ) {
    const shared = new SharedArrayBuffer(srs.length);
    new Uint8Array(shared).set(srs);
    const setup: ThreadSetup = { srs: shared, specJson: JSON.stringify(spec), places, form, engine, threads };
    this.worker = new Worker(FILE, { workerData: setup });
    this.worker.on('message', (reply: Reply) => this.settle(reply));
    this.worker.on('error', (cause) => this.end(crashed(cause)));
    this.worker.on('exit', () => this.end(crashed()));
    if (signal) {
      const abort = () => void this.stop(aborted(signal));
      if (signal.aborted) abort();
      else {
        signal.addEventListener('abort', abort, { once: true });
        this.forget = () => signal.removeEventListener('abort', abort);
      }
    }
  }

  /**
   * Makes the circuit's keys: seconds natively, more in WebAssembly (docs/operate/aggregating.md).
   *
   * Errors: `ENGINE_UNKNOWN`, `ENGINE_UNAVAILABLE`, `THREADS_UNAVAILABLE`; those of `Halo2.aggregation`; `PROVER_ABORTED`; `PROVER_CRASHED`.
   */
  static async start(options: ThreadOptions): Promise<AggregationThread> {
    // The choice is made here, once: the thread may make no other one.
    const { engine } = await loadProver({ engine: options.engine });
    const thread = new AggregationThread(engine, options);
    try {
      thread.started = (await thread.ask({ kind: 'start' })) as Started;
      return thread;
    } catch (e) {
      await thread.close();
      throw e;
    }
  }

  get info(): AggregationInfo {
    return this.started!.info;
  }

  /** The verifying key's bytes. */
  get key(): Uint8Array {
    return this.started!.key;
  }

  async prove(previous: Aggregate | undefined, members: readonly Member[]): Promise<Aggregate> {
    const json = await this.ask({
      kind: 'prove',
      previous: previous ? JSON.stringify(previous) : '',
      members: JSON.stringify(members.map(plain)),
    });
    return aggregateSchema.parse(JSON.parse(json as string));
  }

  async verify(aggregate: Aggregate): Promise<void> {
    await this.ask({ kind: 'verify', aggregate: JSON.stringify(aggregate) });
  }

  close(): Promise<void> {
    return this.stop(new PotError('PROVER_CLOSED', 'the aggregator is closed'));
  }

  private ask(order: Order): Promise<unknown> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.next++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ ...order, id } satisfies Request);
    });
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.ok) waiting?.resolve(reply.value);
    else waiting?.reject(PotError.fromJSON(reply.error as PotErrorJson));
  }

  /** Refuses what waits and what comes. The first reason stays. */
  private end(reason: PotError): void {
    this.ended ??= reason;
    this.forget();
    for (const { reject } of this.waiting.values()) reject(this.ended);
    this.waiting.clear();
  }

  private async stop(reason: PotError): Promise<void> {
    this.end(reason);
    // WebAssembly ends at once. A native call cannot be interrupted: the thread ends when it returns, and nobody waits for that.
    this.worker.unref();
    void this.worker.terminate();
  }
}

/** What the Rust side reads: nothing else. */
function plain({ public: statement, proof, shard, siblings, named }: Member): Member {
  return { public: statement, proof, shard, siblings, ...(named && { named }) };
}

function aborted(signal: AbortSignal): PotError {
  return new PotError('PROVER_ABORTED', 'the aggregation was cancelled', { cause: signal.reason });
}

function crashed(cause?: unknown): PotError {
  return new PotError('PROVER_CRASHED', 'the thread that aggregates has ended', {
    hint: 'It may have run out of memory: give fewer windows a proof. Stored intermediate aggregates are kept.',
    ...(cause !== undefined && { cause }),
  });
}
