import { PotError } from '@proof-of-training/halo2-wasm';
import type { Uses, WindowRecord } from './records.js';

/** What a window uses: a shard, and which commitments to it and to a private base, by their numbers; none: the first, 0. */
export type Used = Pick<WindowRecord, 'shard' | 'commitment' | 'baseCommitment'>;

/**
 * How often a run's salts were used: by each owner, those whose windows are no part of the run included, since their proofs opened the
 * same commitments. Renewals are not counted here: each commitment is kept free for the two that it can be part of (limits.ts).
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
    for (const { generation, ...used } of records) recorded.add(generation, used);
    for (const [generation, { shards, windows, bases = {} }] of recorded.byOwner) {
      const counted = byOwner.get(generation);
      const lower = (of: Record<string, number>, by: Record<string, number> = {}) =>
        Object.entries(of).find(([name, n]) => (by[name] ?? 0) < n);
      const missing = lower(shards, counted?.shards);
      if (!missing && !lower(bases, counted?.bases) && (counted?.windows ?? 0) >= windows) continue;
      throw new PotError(
        'STATE_DAMAGED',
        'the salts of the run folder were used more often than it has counted',
        {
          details: { generation, ...(missing && { shard: Number(missing[0].split('.')[0]) }) },
          hint: 'private/ is older than windows/: restore the whole run folder from one copy, or start a new run.',
        },
      );
    }
    return new UseCounts(byOwner);
  }

  /** Windows in which a shard's salt was used: that of its first commitment, or of a later one. */
  shard(index: number, commitment = 0): number {
    return this.sum((uses) => uses.shards[nameOf(index, commitment)] ?? 0);
  }
  /** Windows in which a private base's salt was used. */
  base(commitment = 0): number {
    return this.sum(({ windows, bases = {} }) =>
      commitment > 0
        ? (bases[String(commitment)] ?? 0)
        : windows - Object.values(bases).reduce((n, later) => n + later, 0),
    );
  }

  /** Counts one more window of an owner; gives what is then to be stored of it. */
  add(generation: number, { shard, commitment = 0, baseCommitment = 0 }: Used): Uses {
    const old = this.byOwner.get(generation) ?? { shards: {}, windows: 0 };
    const name = nameOf(shard, commitment);
    const later = String(baseCommitment);
    const uses = {
      ...old,
      shards: { ...old.shards, [name]: (old.shards[name] ?? 0) + 1 },
      windows: old.windows + 1,
      ...(baseCommitment > 0 && { bases: { ...old.bases, [later]: (old.bases?.[later] ?? 0) + 1 } }),
    };
    this.byOwner.set(generation, uses);
    return uses;
  }

  private sum(of: (uses: Uses) => number): number {
    return [...this.byOwner.values()].reduce((n, uses) => n + of(uses), 0);
  }
}

function nameOf(shard: number, commitment: number): string {
  return commitment > 0 ? `${shard}.${commitment}` : String(shard);
}
