import { concat, getBytes, keccak256, toBeHex, toUtf8Bytes, ZeroHash } from 'ethers';

/** A labelled sample, and 32 bytes that hide it in the tree. */
export interface Sample {
  /** As the model takes them. */
  inputs: readonly number[];
  /** The output that is right, from 0. */
  label: number;
  /** 0x and 64 hex digits. */
  salt: string;
}

const LEAF = toUtf8Bytes('proof-of-training/sample/v1');

/**
 * The lowest node of a sample: keccak256 of a name, the salt, label and number of inputs (4 bytes each, big-endian), and the inputs as
 * doubles, big-endian. It is longer than the 64 bytes of two nodes, so that no inner node can be shown as a sample.
 */
export function sampleLeaf({ inputs, label, salt }: Sample): string {
  const doubles = new DataView(new ArrayBuffer(8 * inputs.length));
  // -0 and 0 are one number to a model.
  for (const [i, value] of inputs.entries()) doubles.setFloat64(8 * i, value === 0 ? 0 : value);
  const counts = concat([toBeHex(label, 4), toBeHex(inputs.length, 4)]);
  return keccak256(concat([LEAF, getBytes(salt), counts, new Uint8Array(doubles.buffer)]));
}

/** All levels of the tree over at least one leaf, padded with zeros to a power of two: leaves first, the root alone last. */
export function treeLevels(leaves: readonly string[]): string[][] {
  const padding = 2 ** depthOf(leaves.length) - leaves.length;
  const levels = [[...leaves, ...Array<string>(padding).fill(ZeroHash)]];
  for (let level = levels[0]!; level.length > 1; level = levels[levels.length - 1]!) {
    levels.push(Array.from({ length: level.length / 2 }, (_, i) => parent(level[2 * i]!, level[2 * i + 1]!)));
  }
  return levels;
}

/** The nodes beside the path of leaf `index`, from below. */
export function pathOf(levels: readonly (readonly string[])[], index: number): string[] {
  return levels.slice(0, -1).map((level, depth) => level[Math.floor(index / 2 ** depth) ^ 1]!);
}

/** Whether `leaf` is leaf `index` of a tree of so many leaves. */
export function isLeaf(
  leaf: string,
  index: number,
  path: readonly string[],
  { root, samples }: { root: string; samples: number },
): boolean {
  if (path.length !== depthOf(samples)) return false;
  const top = path.reduce(
    (node, beside, depth) =>
      Math.floor(index / 2 ** depth) % 2 === 1 ? parent(beside, node) : parent(node, beside),
    leaf,
  );
  return top === root;
}

function parent(left: string, right: string): string {
  return keccak256(concat([left, right]));
}

function depthOf(leaves: number): number {
  let depth = 0;
  while (2 ** depth < leaves) depth++;
  return depth;
}
