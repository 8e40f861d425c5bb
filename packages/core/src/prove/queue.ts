/** Entries by priority: higher first, equal ones in the order in which they came. */
export class PriorityQueue<T extends { readonly priority: number }> {
  private readonly entries: T[] = [];

  get length(): number {
    return this.entries.length;
  }

  push(entry: T): void {
    let [low, high] = [0, this.entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.entries[middle]!.priority >= entry.priority) low = middle + 1;
      else high = middle;
    }
    this.entries.splice(low, 0, entry);
  }

  peek(): T | undefined {
    return this.entries[0];
  }

  shift(): T | undefined {
    return this.entries.shift();
  }

  /** Whether it was there. */
  remove(entry: T): boolean {
    const at = this.entries.indexOf(entry);
    if (at >= 0) this.entries.splice(at, 1);
    return at >= 0;
  }

  /** Empties the queue; gives what was in it, in order. */
  drain(): T[] {
    return this.entries.splice(0);
  }
}
