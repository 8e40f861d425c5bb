import { abortedError } from '@proof-of-training/core/executor';

interface Waiting {
  priority: number;
  enter(): void;
}

/** Lets so many in at once, higher priorities first: what is not in the queue yet costs no space in the store. */
export class Gate {
  private readonly waiting: Waiting[] = [];
  private inside = 0;

  constructor(private readonly limit: () => number) {}

  get queued(): number {
    return this.waiting.length;
  }
  get running(): number {
    return this.inside;
  }

  /** Waits for a place; whoever has it calls {@link leave}. Errors: `PROVER_ABORTED`. */
  async enter(priority: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw abortedError(signal);
    await new Promise<void>((resolve, reject) => {
      const onAbort = () => {
        this.waiting.splice(this.waiting.indexOf(entry), 1);
        reject(abortedError(signal));
      };
      const entry: Waiting = {
        priority,
        enter: () => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      signal.addEventListener('abort', onAbort, { once: true });
      const at = this.waiting.findIndex((w) => w.priority < priority);
      this.waiting.splice(at < 0 ? this.waiting.length : at, 0, entry);
      this.fill();
    });
  }

  leave(): void {
    this.inside--;
    this.fill();
  }

  private fill(): void {
    while (this.inside < this.limit()) {
      const next = this.waiting.shift();
      if (!next) return;
      this.inside++;
      next.enter();
    }
  }
}
