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

/** A renewal's proof: of a shard's commitment, or the base's, number 1, 2, ... */
export function renewalName({ shard, number }: Renewable, generation: number): string {
  return `proofs/renewal-${shard === undefined ? 'base' : padded(shard)}-${number}-${generation}.json`;
}

export function checkpointName(index: number, generation: number): string {
  return `private/checkpoint-${padded(index)}-${generation}.bin`;
}

/** A commitment that a renewal leads to: of a shard, or else of the base; its number, from 1. */
export interface Renewable {
  shard: number | undefined;
  number: number;
}

/** What the name of a file of `proofs/` says of a renewal; undefined for other names. */
export function renewalOf(name: string): Renewable | undefined {
  const match = /^renewal-(base|\d{6,})-([1-9]\d*)-\d{1,15}\.json$/.exec(name);
  if (!match) return undefined;
  return { shard: match[1] === 'base' ? undefined : Number(match[1]), number: Number(match[2]) };
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
  const match =
    /^(?:(checkpoint)-(\d{6,})|renewal-(?:base|\d{6,})-\d+|(\d{6,})|(salts|x|y|base|uses))-(\d{1,15})\.(?:bin|json)$/.exec(
      name,
    );
  if (!match) return undefined;
  if (name.startsWith('renewal-')) return { kind: 'renewal', index: undefined, generation: Number(match[5]) };
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
