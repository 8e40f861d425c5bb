import type { GraphOutput } from '@proof-of-training/halo2-wasm';

/** What a proof of an evaluation counts over its samples. */
export interface ProvenCounts {
  /** Name of the value in the graph whose rows are the samples' outputs. */
  of: string;
  /** Of each label how many samples have it and which output as their largest: `counts[label][output]`. */
  counts: number[][];
  samples: number;
  /** Samples whose largest output is their label's, the first of equal ones. */
  right: number;
}

/**
 * The counts of a proof that shows them, and nothing else; undefined of any other.
 *
 * @example
 * const counts = provenCounts(prover.info().outputs, [[3, 1, 0, 4]]); // of two classes: 7 of 8 are right
 */
export function provenCounts(
  outputs: readonly GraphOutput[],
  shown: readonly (readonly number[])[] | undefined,
): ProvenCounts | undefined {
  const [output] = outputs;
  const says = output?.says;
  if (outputs.length !== 1 || !says || !('confusion' in says.predicate) || !shown) return undefined;
  const [width] = output.shape as [number];
  const flat = shown[0]!;
  const counts = Array.from({ length: width }, (_, i) => flat.slice(i * width, (i + 1) * width));
  return { of: says.of, ...summed([counts]) };
}

/** Counts that are added up. */
export function summed(all: readonly (readonly (readonly number[])[])[]): Omit<ProvenCounts, 'of'> {
  const [first] = all as [readonly (readonly number[])[]];
  const counts = first.map((row, i) => row.map((_, j) => all.reduce((n, one) => n + one[i]![j]!, 0)));
  return {
    counts,
    samples: counts.flat().reduce((n, v) => n + v, 0),
    right: counts.reduce((n, row, i) => n + row[i]!, 0),
  };
}
