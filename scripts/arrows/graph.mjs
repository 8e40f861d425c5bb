/** Circles of a directed graph: its strongly connected components of more than one node, sorted. */

/**
 * @param {ReadonlyMap<string, ReadonlySet<string>>} graph what each node points to; what is no key points to nothing
 * @returns {string[][]} the nodes of each circle
 *
 * @example circlesOf(new Map([['a', new Set(['b'])], ['b', new Set(['a'])]])); // [['a', 'b']]
 */
export function circlesOf(graph) {
  const reach = new Map([...graph.keys()].map((node) => [node, reachedFrom(graph, node)]));
  const circles = new Map();
  for (const node of graph.keys()) {
    const circle = [...reach.get(node)].filter((other) => reach.get(other)?.has(node)).sort();
    if (circle.length > 1) circles.set(circle[0], circle);
  }
  return [...circles.values()].sort((a, b) => (a[0] < b[0] ? -1 : 1));
}

/** What can be reached from a node in one step or more. */
function reachedFrom(graph, from) {
  const reached = new Set();
  const open = [from];
  while (open.length > 0) {
    for (const next of graph.get(open.pop()) ?? []) {
      if (reached.has(next)) continue;
      reached.add(next);
      open.push(next);
    }
  }
  return reached;
}

/**
 * Adds an arrow.
 *
 * @param {Map<string, Set<string>>} graph
 * @param {string} from
 * @param {string} to
 */
export function addArrow(graph, from, to) {
  const known = graph.get(from);
  if (known) known.add(to);
  else graph.set(from, new Set([to]));
}
