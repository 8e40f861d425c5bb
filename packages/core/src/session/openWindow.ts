import { PotError } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import type { Checkpoint } from './checkpoint.js';

/** The window that is being trained: where it began, and what its steps have come to. */
export class OpenWindow {
  private loss = 0;
  private hits = 0;
  private taken = 0;

  constructor(
    private at: number,
    private from: Checkpoint,
  ) {}

  /** Its number in the run. */
  get index(): number {
    return this.at;
  }
  /** The checkpoint that it began with. */
  get start(): Checkpoint {
    return this.from;
  }
  /** Steps that were taken in it. */
  get steps(): number {
    return this.taken;
  }

  /** Counts one step: its loss, and how many of its batch's samples were right before it. */
  add(loss: number, correct: number): void {
    this.loss += loss;
    this.hits += correct;
    this.taken++;
  }

  /** Loss and accuracy, the means over a whole window. */
  means({ steps, batch }: Pick<SgdSpec, 'steps' | 'batch'>): { loss: number; accuracy: number } {
    return { loss: this.loss / steps, accuracy: this.hits / (steps * batch) };
  }

  /** Forgets its steps: it is where it began. */
  discard(): void {
    this.loss = 0;
    this.hits = 0;
    this.taken = 0;
  }

  /** Goes on to the window after it, which begins with `start`. */
  next(start: Checkpoint): void {
    this.discard();
    this.from = start;
    this.at++;
  }
}

/** The refusal to finish a run with steps in its open window. */
export function windowOpen(taken: number, { steps }: Pick<SgdSpec, 'steps'>): PotError {
  return new PotError('SESSION_WINDOW_OPEN', `${taken} steps are in a window that is not full`, {
    hint: `Train to a multiple of ${steps} steps, or finish({ discardOpenWindow: true }).`,
  });
}
