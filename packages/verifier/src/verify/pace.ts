import type { InParts } from '../dataset/inParts.js';

/** Milliseconds for which a verification has its thread before others get it. */
const TURN_MS = 50;

/** How far one long check has come. */
export interface CheckProgress {
  /** The check's name, as in the report. */
  check: string;
  done: number;
  total: number;
}

/** What a long verification may be told, and may tell. */
export interface PaceOptions {
  /** Called about twenty times a second while a check without proofs takes longer than that. */
  onProgress?: (progress: CheckProgress) => void;
  /** Ends the verification with its reason. */
  signal?: AbortSignal;
}

/** Shares a thread between a verification and everybody else in it, and ends the verification where it is aborted. */
export class Pace {
  private since = performance.now();

  constructor(private readonly options: PaceOptions) {}

  /** To be called between parts of the work. Throws the signal's reason where it is aborted. */
  async breathe(): Promise<void> {
    const { signal } = this.options;
    signal?.throwIfAborted();
    if (performance.now() - this.since < TURN_MS) return;
    await nextTurn();
    this.since = performance.now();
    signal?.throwIfAborted();
  }

  /** What the work gives, done in turns. `total`: its parts. */
  async finish<T>(check: string, work: InParts<T>, total: number): Promise<T> {
    this.options.signal?.throwIfAborted();
    for (let done = 0; ; done++) {
      const part = work.next();
      if (part.done) return part.value;
      // A look at the clock costs as much as a small part.
      if (done % 16 !== 15 || performance.now() - this.since < TURN_MS) continue;
      this.options.onProgress?.({ check, done: done + 1, total });
      await this.breathe();
    }
  }
}

/**
 * Comes back when events, timers and messages that wait have had their turn. By a message, since browsers let timers of a
 * tab that is not looked at wait for a second or more.
 */
export function nextTurn(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
