import { canonicalJson } from '../event/canonical.js';
import type { TaintTag } from '../events/taint.js';

/** Combinations that are remembered. */
const MAX_REMEMBERED = 1 << 20;
/** Sets have numbers below this: two of them make one number. */
const MAX_SETS = 2 ** 26;

/**
 * Sets of tags as numbers: a tag, and a set of tags, is kept once, and combining two sets that were combined before is one look. The set of
 * no tags is 0.
 *
 * @example
 * const taints = new Taints();
 * const both = taints.combine(taints.of([first]), taints.of([second]));
 * console.log(taints.tags(both));
 */
export class Taints {
  private readonly known: TaintTag[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly sets: (readonly number[])[] = [[]];
  private readonly setNumbers = new Map<string, number>([['', 0]]);
  private readonly combined = new Map<number, number>();

  /** The set of these tags. */
  of(tags: readonly TaintTag[]): number {
    return this.setOf(tags.map((tag) => this.numberOf(tag)));
  }

  /** The tags of both. */
  combine(a: number, b: number): number {
    if (a === b || b === 0) return a;
    if (a === 0) return b;
    const key = a < b ? a * MAX_SETS + b : b * MAX_SETS + a;
    const found = this.combined.get(key);
    if (found !== undefined) return found;
    const union = this.setOf([...this.sets[a]!, ...this.sets[b]!]);
    if (this.combined.size >= MAX_REMEMBERED) this.combined.clear();
    this.combined.set(key, union);
    return union;
  }

  /** The tags of a set. */
  tags(set: number): TaintTag[] {
    return (this.sets[set] ?? []).map((number) => this.known[number]!);
  }

  private numberOf(tag: TaintTag): number {
    const key = canonicalJson(tag);
    const number = this.numbers.get(key) ?? this.known.length;
    if (number === this.known.length) {
      this.known.push(Object.freeze({ ...tag }));
      this.numbers.set(key, number);
    }
    return number;
  }

  private setOf(tags: readonly number[]): number {
    const sorted = [...new Set(tags)].sort((a, b) => a - b);
    const key = sorted.join();
    const number = this.setNumbers.get(key) ?? this.sets.length;
    if (number === this.sets.length) {
      this.sets.push(sorted);
      this.setNumbers.set(key, number);
    }
    return number;
  }
}
