import { closest, distance } from 'fastest-levenshtein';

/**
 * The name whose last part (behind dots) begins alike or is nearest to `key`; undefined where none is near.
 * Case, `_` and `-` do not count: `learning_rate` is near to `learningRate`.
 */
export function nearestName(key: string, names: readonly string[]): string | undefined {
  const plain = (name: string) => name.toLowerCase().replace(/[-_]/g, '');
  const last = (name: string) => plain(name.slice(name.lastIndexOf('.') + 1));
  const wanted = plain(key);
  if (names.length === 0 || wanted === '') return undefined;
  const begins =
    names.find((name) => last(name) === wanted) ??
    (wanted.length >= 3 ? names.find((name) => last(name).startsWith(wanted)) : undefined);
  if (begins) return begins;
  const nearest = closest(wanted, names.map(last));
  if (distance(wanted, nearest) <= Math.max(2, wanted.length / 2)) {
    return names.find((name) => last(name) === nearest);
  }
  return names.find((name) => last(name).length >= 4 && wanted.startsWith(last(name)));
}
