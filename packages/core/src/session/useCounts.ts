import { PotError } from '@proof-of-training/halo2-wasm';
import type { Uses, WindowRecord } from './records.js';

/**
 * How often a run's salts were used: by each owner, those whose windows are no part of the run included, since their proofs opened the
 * same commitments.
 */
export class UseCounts {
  private constructor(private readonly byOwner: Map<number, Uses>) {}

  /** Of a new run. */
  static none(): UseCounts {
    return new UseCounts(new Map());
  }

  /**
   * Compares the counts in private/ with the records of the windows. More uses than records are believed: the process ended in
   * between, or records were taken away.
   *
   * Errors: `STATE_DAMAGED` where a count is lower than the records say: an older private/ would use a salt too often.
   */
  static checked(byOwner: Map<number, Uses>, records: readonly WindowRecord[]): UseCounts {
    const recorded = UseCounts.none();
    for (const { generation, shard } of records) recorded.add(generation, shard);
    for (const [generation, { shards, windows }] of recorded.byOwner) {
      const counted = byOwner.get(generation);
      const missing = Object.entries(shards).find(([shard, n]) => (counted?.shards[shard] ?? 0) < n);
      if (!missing && (counted?.windows ?? 0) >= windows) continue;
      throw new PotError(
        'STATE_DAMAGED',
        'the salts of the run folder were used more often than it has counted',
        {
          details: { generation, ...(missing && { shard: Number(missing[0]) }) },
          hint: 'private/ is older than windows/: restore the whole run folder from one copy, or start a new run.',
        },
      );
    }
    return new UseCounts(byOwner);
  }

  /** Windows in which a shard's salt was used. */
  shard(index: number): number {
    return this.sum((uses) => uses.shards[String(index)] ?? 0);
  }
  /** Windows in which a private base's salt was used. */
  get windows(): number {
    return this.sum((uses) => uses.windows);
  }

  /** Counts one more window of an owner; gives what is then to be stored of it. */
  add(generation: number, shard: number): Uses {
    const old = this.byOwner.get(generation) ?? { shards: {}, windows: 0 };
    const name = String(shard);
    const uses = {
      shards: { ...old.shards, [name]: (old.shards[name] ?? 0) + 1 },
      windows: old.windows + 1,
    };
    this.byOwner.set(generation, uses);
    return uses;
  }

  private sum(of: (uses: Uses) => number): number {
    return [...this.byOwner.values()].reduce((n, uses) => n + of(uses), 0);
  }
}
