import { createHash } from 'node:crypto';
import { AggregationThread } from '@proof-of-training/aggregator/node';
import type { ProverResult } from '@proof-of-training/core';
import { abortedError } from '@proof-of-training/core/executor';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import type { AggregationTask } from '../message/statement.js';
import { Kept } from './kept.js';

/** A circuit's key has a gigabyte: without a further link for so long, it is given up. */
const IDLE_MS = 60_000;

/** Threads that prove links of aggregates, one kept with its key for the next link of the run. */
export class LinkThreads {
  private readonly threads = new Kept<AggregationThread>(1, (thread) => thread.close(), IDLE_MS);

  constructor(private readonly settings: { threads: number; engine?: 'auto' | 'wasm' | 'native' }) {}

  /** Errors: those of `AggregationThread`; `PROVER_ABORTED`. */
  async prove(
    { spec, places, form, previous, members }: AggregationTask,
    { srs, bytes }: { srs: string; bytes: () => Promise<Uint8Array> },
    signal: AbortSignal,
  ): Promise<ProverResult> {
    const name = createHash('sha256')
      .update(canonicalJson({ srs, spec, places, form: form ?? {} }))
      .digest('hex');
    const begun = performance.now();
    let keygenMs = 0;
    const make = async () => {
      const thread = await AggregationThread.start({
        srs: await bytes(),
        spec,
        places,
        form,
        ...this.settings,
      });
      keygenMs = performance.now() - begun;
      return thread;
    };
    // What runs cannot be told: the thread is ended, and the next link makes its key again.
    const onAbort = () => void this.threads.drop(name);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.threads.use(name, make, async (thread) => {
        if (signal.aborted) throw abortedError(signal);
        const from = performance.now();
        const aggregate = await thread.prove(previous, members);
        const proof = new Uint8Array(Buffer.from(JSON.stringify(aggregate)));
        return { proof, ms: performance.now() - from, keygenMs, key: keygenMs > 0 ? 'made' : 'memory' };
      });
    } catch (e) {
      if (signal.aborted) throw abortedError(signal);
      // A thread that has ended serves nobody any more.
      await this.threads.drop(name);
      throw e;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  close(): Promise<void> {
    return this.threads.close();
  }
}
