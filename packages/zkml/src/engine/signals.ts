import type { PotError } from '@proof-of-training/halo2-wasm';
import { abortOf } from './stages.js';

/** Runs work with a signal that aborts where the caller's does, or after some seconds: its reason is a PotError in either case. */
export async function withSignal<T>(
  given: AbortSignal | undefined,
  limit: { seconds: number; expired: () => PotError } | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(abortOf(given!.reason));
  if (given?.aborted) throw abortOf(given.reason);
  given?.addEventListener('abort', abort);
  const timer = limit && setTimeout(() => controller.abort(limit.expired()), limit.seconds * 1000);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    given?.removeEventListener('abort', abort);
  }
}

/** Work that several wait for: it is ended when nobody does any more. */
export class SharedWork<T> {
  private readonly controller = new AbortController();
  private readonly result: Promise<T>;
  private waiting = 0;

  /** Whether it was ended since nobody waits. */
  get abandoned(): boolean {
    return this.controller.signal.aborted;
  }

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.result = work(this.controller.signal);
    this.result.catch(() => {});
  }

  /** Waits for it, until `signal`. */
  async join(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    let leave: (() => void) | undefined;
    const left = new Promise<never>((_, reject) => {
      leave = () => reject(signal.reason);
      signal.addEventListener('abort', leave);
    });
    this.waiting++;
    try {
      return await Promise.race([this.result, left]);
    } finally {
      signal.removeEventListener('abort', leave!);
      if (--this.waiting === 0) this.controller.abort(abortOf('nobody waits for it'));
    }
  }
}
