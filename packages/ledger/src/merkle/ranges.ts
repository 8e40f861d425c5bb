/** Leaves from `from` to below `to` of a tree. */
export type Range = readonly [from: number, to: number];

/**
 * The subtrees whose hashes are the path of an inclusion proof, from the leaf's sibling to the root's child (RFC 6962, section 2.1.1).
 *
 * @param index below `size`
 */
export function inclusionRanges(index: number, size: number): Range[] {
  const path: Range[] = [];
  for (let [from, to]: Range = [0, size]; to - from > 1; ) {
    const middle = from + splitOf(to - from);
    if (index < middle) {
      path.push([middle, to]);
      to = middle;
    } else {
      path.push([from, middle]);
      from = middle;
    }
  }
  return path.reverse();
}

/**
 * The subtrees whose hashes prove that the first `old` leaves of a tree of `size` are the smaller tree's (RFC 6962, section 2.1.2).
 *
 * @param old from 1 to `size`
 */
export function consistencyRanges(old: number, size: number): Range[] {
  const path: Range[] = [];
  let whole = true;
  let [from, to]: Range = [0, size];
  while (old !== to) {
    const middle = from + splitOf(to - from);
    if (old <= middle) {
      path.push([middle, to]);
      to = middle;
    } else {
      path.push([from, middle]);
      from = middle;
      whole = false;
    }
  }
  return [...(whole ? [] : [[from, to] as const]), ...path.reverse()];
}

/** A range as whole subtrees, the larger ones first: level (its leaves are 2^level), and number from the left at that level. */
export function subtreesOf([from, to]: Range): { level: number; index: number }[] {
  const parts: { level: number; index: number }[] = [];
  for (let at = from; at < to; ) {
    let level = 0;
    while (at % 2 ** (level + 1) === 0 && at + 2 ** (level + 1) <= to) level++;
    parts.push({ level, index: at / 2 ** level });
    at += 2 ** level;
  }
  return parts;
}

/** The largest power of two below `n`, which is 2 or more. */
function splitOf(n: number): number {
  let k = 1;
  while (k * 2 < n) k *= 2;
  return k;
}
