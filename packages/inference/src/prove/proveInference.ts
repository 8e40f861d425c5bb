import type { GraphValue } from '@proof-of-training/halo2-wasm';
import { outputWidth, type SgdSpec } from '@proof-of-training/sgd-circuit';
import {
  type InferenceContents,
  type ProvenPredicate,
  predicatesOf,
  provenPredicates,
  type Scores,
} from '@proof-of-training/verifier';
import type { InferenceProof } from '@proof-of-training/verifier/files';
import { checkInferenceOptions } from './checkOptions.js';
import type { ProveInferenceOptions } from './options.js';
import { proveFile } from './provenFile.js';

/** A proof, and what only its maker knows. */
export interface ProvenOutputs {
  /** The file, to be shown: JSON. */
  proof: InferenceProof;
  /** Of each sample the last layer's values, before softmax: with `reveal` as secret as the proof keeps them. */
  outputs: Float64Array[];
  /** With `reveal` what the proof says, whether it shows that or its digest. */
  revealed?: ProvenPredicate[];
  /** What opens those digests that the proof shows in place of values: keep them as secret as the values. */
  secrets: { inputs?: InferenceContents; outputs?: InferenceContents };
}

/**
 * Proves that the model gives these outputs for these inputs, or with `reveal` what holds of outputs that stay hidden. The model stays
 * hidden behind its commitment, the same that its training run ended with. All samples are in one proof. Runs in this thread: tenths of a second natively for a small network, more in WebAssembly.
 *
 * Errors: `OPTION_*`, `OPENING_INVALID`, `OPENING_COMMITMENT` (the weights are not those behind the opening's commitment),
 * `INFERENCE_MODEL`, `DATA_SHAPE`, `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE` (an input), `VALUE_RANGE` (a value inside the network, with
 * its node), `CIRCUIT_TOO_LARGE` (too many samples for the rows of the run's circuits), `SALT_EXHAUSTED`; those of the SRS (`SRS_*`).
 *
 * @example
 * import { fileUses, proveInference } from '@proof-of-training/inference/node';
 *
 * const opening = JSON.parse(await readFile('runs/digits/opening.json', 'utf8'));
 * const uses = fileUses('runs/digits/opening.json.uses');
 * const { proof, outputs } = await proveInference({ opening, inputs, uses });
 * await writeFile('inference.json', JSON.stringify(proof));
 */
export async function proveInference(options: ProveInferenceOptions): Promise<ProvenOutputs> {
  checkInferenceOptions(options);
  const { reveal, ...rest } = options;
  const asked = reveal !== undefined && {
    predicates: (scores: Scores) => predicatesOf('proveInference', reveal, scores),
  };
  const { file, spec, info, scores, shown, secrets } = await proveFile(rest, asked || undefined);
  const revealed = provenPredicates(info.outputs, parted(info.outputs, shown));
  return { proof: file, outputs: rowsOf(scores, spec), ...(revealed && { revealed }), secrets };
}

/** Of each output its entries. */
export function parted(outputs: readonly GraphValue[], flat: BigInt64Array): number[][] {
  let at = 0;
  return outputs.map(({ shape }) => {
    const from = at;
    at += shape.reduce((n, d) => n * d, 1);
    return Array.from(flat.subarray(from, at), Number);
  });
}

/** Integers as numbers, sample by sample. */
function rowsOf(outputs: BigInt64Array, spec: SgdSpec): Float64Array[] {
  const [width, unit] = [outputWidth(spec), 2 ** -spec.scales.a];
  return Array.from({ length: outputs.length / width }, (_, i) =>
    Float64Array.from(outputs.subarray(i * width, (i + 1) * width), (v) => Number(v) * unit),
  );
}
