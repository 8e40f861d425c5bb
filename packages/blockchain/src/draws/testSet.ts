import { PotError } from '@proof-of-training/halo2-wasm';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { concat, hexlify, keccak256, randomBytes, toBeHex } from 'ethers';
import { z } from 'zod';
import { DRAW_LIMITS } from './rule.js';
import { isLeaf, pathOf, type Sample, sampleLeaf, treeLevels } from './tree.js';

export const TEST_SET_FORMAT = 'proof-of-training/test-set';
export const SAMPLES_FORMAT = 'proof-of-training/drawn-samples';

const word = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits');
const row = z.array(z.number()).min(1);
const label = z.int().min(0).max(0xffff_ffff);

/** A test set with what hides it, whose owner keeps it: JSON. */
export const testSetSchema = z.strictObject({
  format: z.literal(TEST_SET_FORMAT),
  version: z.literal(1),
  /** What the samples' salts are made of. */
  secret: word,
  inputs: z.array(row).min(1).max(DRAW_LIMITS.testSet),
  labels: z.array(label).min(1),
});
export type TestSetFile = z.infer<typeof testSetSchema>;

/** Samples of a test set, shown to whoever proves or verifies: JSON. The others stay hidden. */
export const drawnSamplesSchema = z.strictObject({
  format: z.literal(SAMPLES_FORMAT),
  version: z.literal(1),
  samples: z
    .array(
      z.strictObject({
        index: z.int().min(0).max(DRAW_LIMITS.testSet),
        inputs: row,
        label,
        salt: word,
        /** Nodes beside the way to the root, from below. */
        path: z.array(word).max(20),
      }),
    )
    .min(1)
    .max(DRAW_LIMITS.samples),
});
export type DrawnSamples = z.infer<typeof drawnSamplesSchema>;

const makeShape = {
  inputs: kinds.list,
  labels: kinds.is<ArrayLike<number>>(
    'an array of whole numbers from 0',
    (v) => z.array(label).safeParse(v).success,
  ),
} satisfies ShapeFor<{ inputs: readonly (readonly number[])[]; labels: ArrayLike<number> }>;

/**
 * A test set that can be registered: keep it, secret. Errors: `OPTION_*`; `DATA_SHAPE` for rows that are not all as long, or other than a
 * label a row.
 *
 * @example
 * const testSet = makeTestSet({ inputs: [[0.1, 0.7], [0.4, 0.2]], labels: [1, 0] });
 */
export function makeTestSet(options: {
  inputs: readonly (readonly number[])[];
  labels: readonly number[];
}): TestSetFile {
  const { inputs, labels } = checkOptions(z.object(makeShape), options, 'makeTestSet');
  return readTestSet({
    format: TEST_SET_FORMAT,
    version: 1,
    secret: hexlify(randomBytes(32)),
    inputs,
    labels,
  });
}

/**
 * Reads a test set. Errors: `FORMAT_FOREIGN`, `DATA_SHAPE`.
 *
 * @example
 * const testSet = readTestSet(JSON.parse(await readFile('set.json', 'utf8')));
 */
export function readTestSet(value: unknown): TestSetFile {
  const parsed = testSetSchema.safeParse(value);
  const format = (value as { format?: unknown } | null)?.format;
  if (!parsed.success && format !== TEST_SET_FORMAT) {
    throw new PotError('FORMAT_FOREIGN', `this is no test set (${TEST_SET_FORMAT})`);
  }
  const width = parsed.data?.inputs[0]?.length;
  if (!parsed.success || parsed.data.inputs.some((r) => r.length !== width)) {
    throw new PotError('DATA_SHAPE', 'the inputs of a test set are rows of numbers, all of one length');
  }
  if (parsed.data.labels.length !== parsed.data.inputs.length) {
    throw new PotError('DATA_SHAPE', 'a test set has one label for each row of inputs');
  }
  return parsed.data;
}

/**
 * What is registered of a test set: the root says nothing of the samples, which are salted.
 *
 * @example
 * const { value } = await draws.registerTestSet(summaryOfTestSet(testSet));
 */
export function summaryOfTestSet(testSet: TestSetFile): { root: string; samples: number } {
  const levels = levelsOf(testSet);
  return { root: levels[levels.length - 1]![0]!, samples: testSet.inputs.length };
}

/**
 * Shows these samples and no others. Errors: `DRAW_SAMPLES` for one that the set does not have.
 *
 * @example
 * const shown = discloseSamples(testSet, draw.indices);
 */
export function discloseSamples(testSet: TestSetFile, indices: readonly number[]): DrawnSamples {
  const levels = levelsOf(testSet);
  const samples = indices.map((index) => {
    const inputs = testSet.inputs[index];
    if (!inputs) throw new PotError('DRAW_SAMPLES', `the test set has no sample ${index}`);
    return { index, ...sampleOf(testSet, index), inputs, path: pathOf(levels, index) };
  });
  return { format: SAMPLES_FORMAT, version: 1, samples };
}

/**
 * Reads samples of unknown origin, and checks that they are the drawn ones of a registered test set: each, in order, and no other.
 *
 * Errors: `FORMAT_FOREIGN`, `DRAW_SAMPLES`.
 */
export function requireDrawn(
  value: unknown,
  testSet: { root: string; samples: number },
  indices: readonly number[],
): Sample[] {
  const parsed = drawnSamplesSchema.safeParse(value);
  if (!parsed.success) throw new PotError('FORMAT_FOREIGN', `these are no samples (${SAMPLES_FORMAT})`);
  const { samples } = parsed.data;
  const refuse = (why: string) => {
    throw new PotError('DRAW_SAMPLES', why, { hint: 'Ask the owner of the test set for the drawn samples.' });
  };
  if (samples.length !== indices.length)
    refuse(`${samples.length} samples are shown, ${indices.length} are drawn`);
  for (const [i, { index, path, ...sample }] of samples.entries()) {
    if (index !== indices[i]) refuse(`sample ${index} is shown where ${indices[i]} is drawn`);
    if (!isLeaf(sampleLeaf(sample), index, path, testSet)) refuse(`sample ${index} is not the test set's`);
  }
  return samples;
}

function levelsOf(testSet: TestSetFile): string[][] {
  return treeLevels(testSet.inputs.map((_, i) => sampleLeaf(sampleOf(testSet, i))));
}

function sampleOf({ secret, inputs, labels }: TestSetFile, index: number): Sample {
  const salt = keccak256(concat([secret, toBeHex(index, 32)]));
  return { inputs: inputs[index]!, label: labels[index]!, salt };
}
