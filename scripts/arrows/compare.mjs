/** Holds arrows that were found against those that are allowed. */
import { circlesOf } from './graph.mjs';

/** @typedef {ReadonlyMap<string, ReadonlySet<string>>} Graph what each node points to */
/** @typedef {Record<string, readonly string[]>} Allowed what each node may point to; nodes in order, what is above first */

/**
 * What is wrong, a line each: an arrow that is not listed, a listed one that nothing uses, a listed one that runs upwards, a node without an
 * entry, an entry without a node.
 *
 * @param {string} where for the lines
 * @param {Graph} found
 * @param {Allowed} allowed
 * @returns {string[]}
 *
 * @example compareArrows('packages', new Map([['a', new Set(['b'])]]), { a: [] }); // ['packages: a -> b is not listed']
 */
export function compareArrows(where, found, allowed) {
  const order = Object.keys(allowed);
  const listed = order.flatMap((from) => allowed[from].map((to) => ({ from, to })));
  const drawn = [...found].flatMap(([from, targets]) => [...targets].map((to) => ({ from, to })));
  const text = ({ from, to }) => `${where}: ${from} -> ${to}`;
  return [
    ...drawn.filter(({ from, to }) => !allowed[from]?.includes(to)).map((a) => `${text(a)} is not listed`),
    ...listed
      .filter(({ from, to }) => !found.get(from)?.has(to))
      .map((a) => `${text(a)} is listed and not used`),
    ...listed
      .filter(({ from, to }) => order.indexOf(to) <= order.indexOf(from))
      .map((a) => `${text(a)} runs upwards: ${a.to} does not stand below ${a.from}`),
    ...[...found.keys()].filter((node) => !order.includes(node)).map((n) => `${where}: ${n} has no entry`),
    ...order.filter((node) => !found.has(node)).map((n) => `${where}: ${n} has an entry and is not there`),
  ];
}

/**
 * Circles of files, a line each.
 *
 * @param {Graph} files
 */
export function fileCircles(files) {
  return circlesOf(files).map((circle) => `import circle: ${circle.join(', ')}`);
}

/**
 * Circles of modules inside a crate, a line each.
 *
 * @param {string} crate
 * @param {readonly string[]} circles
 */
export function crateCircles(crate, circles) {
  return circles.map((circle) => `${crate}: circle of modules ${circle}`);
}
