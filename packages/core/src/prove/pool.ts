import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { type Engine, loadProver, PotError, proverModule } from 'halo2-wasm';
import { Piscina } from 'piscina';
import { circomlibPair } from '../commit/poseidon.js';
import { ColumnDigests } from '../run/columnDigests.js';
import type { ProverReply, ProverResult, ProverTask, WorkerSetup } from './tasks.js';

export interface PoolOptions {
  /** The structured reference string. */
  srs: Uint8Array;
  /** Threads; default: the machine's cores, at most 4 (each may need 1 GB). */
  workers?: number;
  /** Threads that each worker has for one proof; default: a share of the cores with the native engine, else 1. */
  threads?: number;
  /** What the workers prove with; default: `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
}

// The same file whether this one runs from src/ (tests) or from dist/.
const WORKER = fileURLToPath(new URL('../../dist/prove/worker.js', import.meta.url));

/** Prover threads, each with its own instance of the one compiled module. Close it when done. */
export class ProverPool {
  private closed = false;

  private constructor(
    private readonly pool: Piscina<ProverTask, ProverReply>,
    readonly workers: number,
  ) {}

  /** Errors: `WASM_LOAD`, `ENGINE_UNKNOWN`, `ENGINE_UNAVAILABLE`. */
  static async start(options: PoolOptions): Promise<ProverPool> {
    const workers = options.workers ?? Math.min(availableParallelism(), 4);
    const srs = new SharedArrayBuffer(options.srs.byteLength);
    new Uint8Array(srs).set(options.srs);
    // The choice is made here, once: no worker may make another one.
    const { engine } = await loadProver({ engine: options.engine });
    const share = Math.max(1, Math.floor(availableParallelism() / Math.max(1, workers)));
    const threads = options.threads ?? (engine === 'native' ? share : 1);
    const setup: WorkerSetup = {
      engine,
      threads,
      ...(engine === 'wasm' && { module: await proverModule(threads) }),
      srs,
    };
    const pool = new Piscina<ProverTask, ProverReply>({
      filename: WORKER,
      workerData: setup,
      minThreads: Math.min(1, workers),
      maxThreads: workers,
      concurrentTasksPerWorker: 1,
      idleTimeout: Number.POSITIVE_INFINITY,
    });
    return new ProverPool(pool, workers);
  }

  /**
   * Runs one task on a free thread. `signal` stops it by ending its thread.
   *
   * Errors: those of the prover; `PROVER_ABORTED`; `PROVER_CLOSED`; `PROVER_CRASHED` where a thread died.
   */
  async run(task: ProverTask, signal?: AbortSignal): Promise<ProverResult> {
    if (this.closed) throw new PotError('PROVER_CLOSED', 'the prover pool is closed');
    let reply: ProverReply;
    try {
      reply = await this.pool.run(task, signal ? { signal } : {});
    } catch (cause) {
      if (signal?.aborted) throw new PotError('PROVER_ABORTED', 'proving was aborted', { cause });
      if (this.closed)
        throw new PotError('PROVER_CLOSED', 'the prover pool was closed during a proof', { cause });
      throw new PotError('PROVER_CRASHED', 'a prover thread ended unexpectedly', {
        cause,
        hint: 'Often memory: use fewer workers, a smaller circuit, or a machine with more.',
      });
    }
    if (!reply.ok) throw PotError.fromJSON(reply.error);
    return { ...reply.result, ...(await digestOf(task, reply.result)) };
  }

  /** Ends the threads; tasks that run are given up. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.pool.destroy();
  }
}

/** The Poseidon digest of a commitment that a thread made: here, so that only one thread loads circomlibjs. */
async function digestOf(task: ProverTask, { points }: ProverResult): Promise<{ digest?: string }> {
  if (!points) return {};
  const digests = new ColumnDigests(await circomlibPair());
  return {
    digest: task.kind === 'commitData' ? digests.data(task.spec, points) : digests.weights(task.spec, points),
  };
}
