import { PotError } from '@proof-of-training/halo2-wasm';
import { type InferenceContents, type ProvenCounts, provenCounts } from '@proof-of-training/verifier';
import type { InferenceProof } from '@proof-of-training/verifier/files';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { inferenceShape } from './checkOptions.js';
import type { ProveInferenceOptions } from './options.js';
import { parted } from './proveInference.js';
import { proveFile } from './provenFile.js';

export interface ProveEvaluationOptions extends Omit<ProveInferenceOptions, 'reveal' | 'show'> {
  /** Of each sample the output that is right, counted from 0. */
  labels: ArrayLike<number>;
  /** Whether the proof shows inputs and labels, or their digest. Default: the digest. */
  show?: { inputs?: 'public' | 'committed' };
}

/** A proof of an evaluation, and what only its maker knows. */
export interface ProvenEvaluationFile extends ProvenCounts {
  /** The file, to be shown: JSON. */
  proof: InferenceProof;
  /** What opens the digest of inputs and labels. */
  secrets: { inputs?: InferenceContents };
}

const { reveal: _, show: __, ...common } = inferenceShape;
/** Options, as schemas. */
export const evaluationShape = {
  ...common,
  labels: kinds.is<ArrayLike<number>>(
    'an array of whole numbers from 0',
    (v) =>
      typeof v === 'object' &&
      v !== null &&
      Array.from(v as ArrayLike<number>).every((n) => Number.isSafeInteger(n) && n >= 0),
  ),
  show: z.strictObject({ inputs: kinds.oneOf('public', 'committed').optional() }).optional(),
} satisfies ShapeFor<ProveEvaluationOptions>;

/**
 * Proves how often a model is right on samples whose labels are committed together with them, and which class it takes for which. Outputs
 * stay hidden, the model behind its commitment. A test set of many parts takes a proof a part: `verifyEvaluation` adds them up.
 *
 * Errors: those of `proveInference`; `DATA_SHAPE` for other than a label a sample, `DATA_LABELS` for one that is no output.
 *
 * @example
 * import { fileUses, proveEvaluation } from '@proof-of-training/inference/node';
 *
 * const opening = JSON.parse(await readFile('runs/opening.json', 'utf8'));
 * const uses = fileUses('runs/opening.json.uses');
 * const { proof, right, samples } = await proveEvaluation({ opening, inputs, labels: [0, 2, 1], uses });
 */
export async function proveEvaluation(options: ProveEvaluationOptions): Promise<ProvenEvaluationFile> {
  checkOptions(z.object(evaluationShape), options, 'proveEvaluation');
  const { labels, ...rest } = options;
  const { file, info, shown, secrets } = await proveFile(
    { ...rest, show: { ...rest.show, outputs: 'public' } },
    { predicates: () => [{ confusion: {} }], labels: (samples, outputs) => oneHot(labels, samples, outputs) },
  );
  return { ...provenCounts(info.outputs, parted(info.outputs, shown))!, proof: file, secrets };
}

function oneHot(labels: ArrayLike<number>, samples: number, outputs: number): BigInt64Array {
  if (labels.length !== samples) {
    throw new PotError('DATA_SHAPE', `${labels.length} labels of ${samples} samples`);
  }
  const wrong = Array.from(labels).findIndex((label) => label >= outputs);
  if (wrong >= 0) {
    throw new PotError('DATA_LABELS', `the label of sample ${wrong} is none of the ${outputs} outputs`, {
      details: { sample: wrong },
    });
  }
  const entries = new BigInt64Array(samples * outputs);
  for (let i = 0; i < samples; i++) entries[i * outputs + labels[i]!] = 1n;
  return entries;
}
