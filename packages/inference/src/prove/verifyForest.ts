import { isPotError } from '@proof-of-training/halo2-wasm';
import {
  type InferenceReport,
  predicatesOf,
  type VerifyInferenceOptions,
  verifyInference,
} from '@proof-of-training/verifier';
import { type InferenceProof, parseInference } from '@proof-of-training/verifier/files';
import { forestGraph, forestNumbers } from '../model/forestGraph.js';
import type { ForestModel } from './forestOptions.js';
import { requireForest } from './forestOptions.js';

/** `model`: the trees that the proof must be of, from whoever publishes them. */
export interface VerifyForestOptions extends Omit<VerifyInferenceOptions, 'run' | 'genesis'> {
  model: ForestModel;
}

/**
 * Verifies a proof that a model of decision trees gives scores, or what holds of them: the graph must be the one that this file's trees
 * give, with these predicates and no others (`reveal`). Nothing is conditional: the model has no hidden weights.
 *
 * Never throws for a bad proof: `ok` is false and `failure` says why. Throws for options that are wrong, as `verifyInference` does.
 *
 * @example
 * import { readOnnx, verifyForest } from '@proof-of-training/inference/node';
 *
 * const model = readOnnx(await readFile('forest.onnx'));
 * if (!model.forest) throw new Error('it has no trees');
 * const report = await verifyForest(proof, { model: { ...model, forest: model.forest } });
 * console.log(report.ok, report.inference?.outputs);
 */
export async function verifyForest(
  source: string | Uint8Array | object,
  options: VerifyForestOptions,
): Promise<InferenceReport> {
  return verifyInference(source, expecting('verifyForest', source, options));
}

/** The options of `verifyInference` that say the same: the graph's text. Errors: `OPTION_INVALID`. */
export function expecting(
  where: string,
  source: string | Uint8Array | object,
  { model, reveal, ...options }: VerifyForestOptions,
): VerifyInferenceOptions {
  requireForest(where, model);
  const numbers = forestNumbers(model.forest, model.inputs);
  const { bits, limbBits } = numbers;
  const scores = { bits, limbBits, outputs: model.forest.outputs };
  const predicates = reveal === undefined ? [] : predicatesOf(where, reveal, scores);
  // Of what is no proof nothing is expected: it is refused as such.
  const samples = samplesOf(fileOf(source, options.maxBytes));
  const graph = forestGraph(model.forest, numbers, samples ?? 1, predicates);
  return { ...options, expected: { ...(options.expected as object), graph } };
}

function fileOf(
  source: string | Uint8Array | object,
  maxBytes: number | undefined,
): InferenceProof | undefined {
  try {
    return parseInference(source, maxBytes);
  } catch (e) {
    if (isPotError(e)) return undefined;
    throw e;
  }
}

/** How many samples a proof says that it is of. */
function samplesOf(file: InferenceProof | undefined): number | undefined {
  const found = file && /"shape":\[(\d{1,8}),/.exec(file.graph);
  return found ? Number(found[1]) : undefined;
}
