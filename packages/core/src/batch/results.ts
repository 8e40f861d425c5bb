import { PotError } from '@proof-of-training/halo2-wasm';

interface Taker<R> {
  id: number | undefined;
  give(result: R | undefined): void;
}

/** Results by id, in the order in which they came; each is taken once, by the one who waits longest for it. */
export class Results<R> {
  /** Ids without a result. */
  private readonly expected = new Set<number>();
  private readonly ready = new Map<number, R>();
  private takers: Taker<R>[] = [];
  private onSettled: (() => void)[] = [];
  private ended = false;

  get open(): number {
    return this.expected.size;
  }

  expect(id: number): void {
    this.expected.add(id);
  }

  put(id: number, result: R): void {
    this.expected.delete(id);
    const taker = this.takers.find((t) => t.id === id) ?? this.takers.find((t) => t.id === undefined);
    if (taker) this.hand(taker, result);
    else this.ready.set(id, result);
    // Others that wait for the same one wait for nothing.
    if (taker) for (const other of this.takers.filter((t) => t.id === id)) this.hand(other, undefined);
    if (this.expected.size === 0) for (const resolve of this.onSettled.splice(0)) resolve();
  }

  /** Waits until every expected result is there. */
  settled(): Promise<void> {
    return this.expected.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          this.onSettled.push(resolve);
        });
  }

  /** Nothing more will come: who waits gets nothing. */
  end(): void {
    this.ended = true;
    for (const taker of [...this.takers]) this.hand(taker, undefined);
  }

  /** The next result, or that of `id`; undefined at the end. */
  next(id?: number): Promise<R | undefined> {
    return this.wait(id).result;
  }

  /** Like {@link next}. Errors: `STREAM_TIMEOUT`, `STREAM_ENDED`, `STREAM_UNKNOWN_TASK`. */
  async take(timeoutMs = Number.POSITIVE_INFINITY, id?: number): Promise<R> {
    if (id !== undefined && !this.expected.has(id) && !this.ready.has(id)) {
      throw unknownTask(id);
    }
    const { result, cancel } = this.wait(id);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      if (Number.isFinite(timeoutMs)) timer = setTimeout(resolve, Math.max(0, timeoutMs), 'late');
    });
    let got = await Promise.race([result, late]);
    clearTimeout(timer);
    if (got === 'late') {
      if (cancel()) {
        throw new PotError('STREAM_TIMEOUT', `no result within ${timeoutMs} ms`, {
          details: { timeoutMs, open: this.open, ...(id !== undefined && { id }) },
          hint: 'The task goes on: ask again, or give it more time.',
        });
      }
      // Handed over at the last moment: not lost.
      got = await result;
    }
    if (got === undefined && !this.ended) throw unknownTask(id);
    if (got === undefined) {
      throw new PotError('STREAM_ENDED', 'the stream was stopped, and every result is taken');
    }
    return got;
  }

  /** `cancel` gives false where a result has been handed over already. */
  private wait(id: number | undefined): { result: Promise<R | undefined>; cancel: () => boolean } {
    const found = id ?? this.ready.keys().next().value;
    if (found !== undefined && this.ready.has(found)) {
      const result = this.ready.get(found)!;
      this.ready.delete(found);
      return { result: Promise.resolve(result), cancel: () => false };
    }
    if (this.ended) return { result: Promise.resolve(undefined), cancel: () => false };
    let give: Taker<R>['give'] = () => {};
    const result = new Promise<R | undefined>((resolve) => {
      give = resolve;
    });
    const taker = { id, give };
    this.takers.push(taker);
    const cancel = () => {
      const there = this.takers.includes(taker);
      this.takers = this.takers.filter((t) => t !== taker);
      return there;
    };
    return { result, cancel };
  }

  private hand(taker: Taker<R>, result: R | undefined): void {
    this.takers = this.takers.filter((t) => t !== taker);
    taker.give(result);
  }
}

function unknownTask(id?: number): PotError {
  return new PotError('STREAM_UNKNOWN_TASK', `task ${id} is not open: unknown, or its result was taken`);
}
