/**
 * Names in a run's folder. What an owner writes has the number of its lease (its generation) in the name, so that one that has lost
 * the run, and writes once more before it notices, cannot replace what its successor has written.
 */
export const RUN = 'run.json';
export const GENESIS = 'genesis.json';

export function windowName(window: number, generation: number): string {
  return `windows/${padded(window)}-${generation}.json`;
}

export function proofName(window: number, generation: number): string {
  return `proofs/${padded(window)}-${generation}.json`;
}

export function checkpointName(index: number, generation: number): string {
  return `private/checkpoint-${padded(index)}-${generation}.bin`;
}

/** Of what is made once a run: the shards' salts, the data, the frozen base. */
export type Once = 'salts' | 'x' | 'y' | 'base';

export function onceName(name: Once, generation: number): string {
  return `private/${name}-${generation}.bin`;
}

export function usesName(generation: number): string {
  return `private/uses-${generation}.json`;
}

/** What a name of `windows/`, `proofs/` or `private/` is about; undefined for other names. */
export function parseName(
  name: string,
): { kind: string; index: number | undefined; generation: number } | undefined {
  const match = /^(?:(checkpoint)-(\d{6,})|(\d{6,})|(salts|x|y|base|uses))-(\d{1,15})\.(?:bin|json)$/.exec(
    name,
  );
  if (!match) return undefined;
  const [, checkpoint, at, record, once, generation] = match;
  const index = at ?? record;
  return {
    kind: checkpoint ?? once ?? 'record',
    index: index === undefined ? undefined : Number(index),
    generation: Number(generation),
  };
}

function padded(n: number): string {
  return String(n).padStart(6, '0');
}
