import { PotError } from '@proof-of-training/halo2-wasm';
import type { InferenceContents } from '@proof-of-training/verifier';
import { type InferenceProof, parseInference, type Readable } from '@proof-of-training/verifier/files';
import { concat, keccak256, toBeHex, toUtf8Bytes } from 'ethers';
import { z } from 'zod';
import type { Sample } from './tree.js';

const NAME = toUtf8Bytes('proof-of-training/drawn-evaluation/v1');

/**
 * What is registered of an evaluation: keccak256 of a name, the number of proofs in 4 bytes, and of each file, read and written again
 * without spaces in the format's order of fields, its keccak256.
 *
 * Errors: those of `parseInference`.
 *
 * @example
 * const digest = evaluationDigest([await readFile('evaluation.json')]);
 */
export function evaluationDigest(sources: readonly Readable[]): string {
  const digests = sources.map((source) => keccak256(toUtf8Bytes(JSON.stringify(parseInference(source)))));
  return keccak256(concat([NAME, toBeHex(sources.length, 4), ...digests]));
}

/** What the graph of an evaluation says of its samples; all of it is checked where the proof is verified. */
const graphSchema = z.looseObject({
  tensors: z.array(
    z.looseObject({
      role: z.string(),
      shape: z.array(z.int().min(1)),
      bits: z.int().min(0).max(60),
    }),
  ),
});

/**
 * Inputs and labels that each proof must be about for its part of the samples, as integers in its number format; `salts` are those of
 * proofs that show a digest.
 *
 * Errors: `DRAW_SAMPLES` where the proofs have more samples or fewer, other widths, or no counts over labels.
 */
export function contentsOfProofs(
  files: readonly InferenceProof[],
  samples: readonly Sample[],
  salts: readonly (Uint8Array | undefined)[],
): InferenceContents[] {
  const refuse = (why: string): never => {
    throw new PotError('DRAW_SAMPLES', why);
  };
  let at = 0;
  const contents = files.map((file, i) => {
    const { data, label } = tensorsOf(file) ?? refuse(`proof ${i} is no evaluation`);
    const part = samples.slice(at, at + data.shape[0]!);
    at += data.shape[0]!;
    const [width, outputs] = [data.shape[1]!, label.shape[1]!];
    if (part.some((s) => s.inputs.length !== width || s.label >= outputs)) {
      refuse(`proof ${i} is about samples of ${width} numbers and ${outputs} classes, the test set is not`);
    }
    const scale = 2 ** data.bits;
    const cells = part.flatMap(({ inputs }) => inputs.map((value) => Math.round(value * scale)));
    if (!cells.every(Number.isSafeInteger)) refuse(`a sample of proof ${i} is beyond every number format`);
    const x = cells.map(BigInt);
    const y = part.flatMap((s) => Array.from({ length: outputs }, (_, k) => (k === s.label ? 1n : 0n)));
    return { entries: BigInt64Array.from([...x, ...y]), ...(salts[i] && { salt: salts[i] }) };
  });
  if (at !== samples.length) refuse(`the proofs are about ${at} samples, ${samples.length} are drawn`);
  return contents;
}

type Tensor = z.infer<typeof graphSchema>['tensors'][number];

function tensorsOf({ graph }: InferenceProof): { data: Tensor; label: Tensor } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(graph);
  } catch {
    return undefined;
  }
  const tensors = graphSchema.safeParse(value).data?.tensors ?? [];
  const [data, ...more] = tensors.filter(({ role }) => role === 'data');
  const [label, ...labels] = tensors.filter(({ role }) => role === 'label');
  if (!data || !label || more.length + labels.length > 0) return undefined;
  const fits = data.shape.length === 2 && label.shape.length === 2 && data.shape[0] === label.shape[0];
  return fits ? { data, label } : undefined;
}
