interface Entry<T> {
  made: Promise<T>;
  users: number;
  idle?: NodeJS.Timeout;
}

/** Things that cost time to make and memory to keep, by name: those that were used last are kept for the next one. */
export class Kept<T> {
  private readonly entries = new Map<string, Entry<T>>();

  /** @param most kept at once beside those in use; @param idleMs unused for so long, one is given up */
  constructor(
    private readonly most: number,
    private readonly end: (thing: T, options: { now: boolean }) => Promise<void>,
    private readonly idleMs?: number,
  ) {}

  /** Works with the thing of a name, which is made where it is not there. */
  async use<R>(name: string, make: () => Promise<T>, work: (thing: T) => Promise<R>): Promise<R> {
    const entry = this.entries.get(name) ?? this.begin(name, make);
    clearTimeout(entry.idle);
    // The last one that was used stands last.
    this.entries.delete(name);
    this.entries.set(name, entry);
    entry.users++;
    try {
      return await work(await entry.made);
    } finally {
      entry.users--;
      if (entry.users === 0 && this.idleMs !== undefined) {
        entry.idle = setTimeout(() => void this.forget(name, entry), this.idleMs).unref();
      }
      await this.dropOld();
    }
  }

  /** Gives one up that is broken: the next one makes it anew. */
  async drop(name: string): Promise<void> {
    const entry = this.entries.get(name);
    if (entry) await this.forget(name, entry);
  }

  /** Ends all of them at once. */
  async close(): Promise<void> {
    const all = [...this.entries.values()];
    this.entries.clear();
    for (const { idle } of all) clearTimeout(idle);
    const made = await Promise.allSettled(all.map((entry) => entry.made));
    await Promise.all(
      made.map((m) => (m.status === 'fulfilled' ? this.end(m.value, { now: true }) : undefined)),
    );
  }

  private begin(name: string, make: () => Promise<T>): Entry<T> {
    const entry: Entry<T> = { made: make(), users: 0 };
    entry.made.catch(() => {
      if (this.entries.get(name) === entry) this.entries.delete(name);
    });
    return entry;
  }

  private async forget(name: string, entry: Entry<T>): Promise<void> {
    clearTimeout(entry.idle);
    if (this.entries.get(name) === entry) this.entries.delete(name);
    await entry.made.then((thing) => this.end(thing, { now: false })).catch(() => {});
  }

  private async dropOld(): Promise<void> {
    for (const [name, entry] of this.entries) {
      if (this.entries.size <= this.most) return;
      if (entry.users === 0) await this.forget(name, entry);
    }
  }
}
