import { DEFAULT_TRANSCRIPT, loadWithThreads } from '@proof-of-training/halo2-wasm';
import { ZERO32 } from '@proof-of-training/sgd-circuit';
import { predicatesOf, provenPredicates } from '@proof-of-training/verifier';
import { FORMAT_VERSION, INFERENCE_FORMAT, parseInference } from '@proof-of-training/verifier/files';
import { checkOptions } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { srsOf } from '../model/commitModel.js';
import { forestGraph, forestNumbers, placesOf } from '../model/forestGraph.js';
import { forestShape, type ProveForestOptions } from './forestOptions.js';
import { type ProvenOutputs, parted } from './proveInference.js';
import { contextOf, secretsOf } from './provenFile.js';

/**
 * Proves what a model of decision trees gives for samples that stay hidden, or with `reveal` what holds of its scores. The trees are public:
 * they are in the proof's graph, and whoever verifies compares them with the file (`verifyForest`). Each decision is exactly the file's own,
 * of inputs in single precision; leaves' values are rounded to the proof's format. All samples are in one proof.
 *
 * Errors: `OPTION_*`, `ONNX_UNSUPPORTED` (more thresholds of a feature than there is room for), `DATA_SHAPE`, `VALUE_NOT_FINITE`,
 * `VALUE_OUT_OF_RANGE` (scores that no format holds), `CIRCUIT_TOO_LARGE`, `GRAPH_INVALID` (a text of more than 4 MiB), `SRS_NEEDED`.
 *
 * @example
 * import { proveForest, readOnnx } from '@proof-of-training/inference/node';
 *
 * const model = readOnnx(await readFile('forest.onnx'));
 * if (!model.forest) throw new Error('it has no trees');
 * const { proof, outputs } = await proveForest({ model: { ...model, forest: model.forest }, inputs });
 */
export async function proveForest(options: ProveForestOptions): Promise<ProvenOutputs> {
  checkOptions(z.object(forestShape), options, 'proveForest');
  const { model, reveal, show = {}, transcript = DEFAULT_TRANSCRIPT, engine, threads } = options;
  const context = options.context === undefined ? ZERO32 : contextOf(options.context);
  const { forest } = model;
  const numbers = forestNumbers(forest, model.inputs);
  const x = placesOf(numbers, options.inputs);
  const samples = x.length / model.inputs;
  const { bits, limbBits } = numbers;
  const predicates =
    reveal === undefined
      ? []
      : predicatesOf('proveForest', reveal, { bits, limbBits, outputs: forest.outputs });
  const [graph, plain] = [predicates, []].map((of) => forestGraph(forest, numbers, samples, of)) as [
    string,
    string,
  ];
  const halo2 = await loadWithThreads({ engine, threads });
  const settings = halo2.planGraph(graph, JSON.stringify({ kind: 'infer', weights: 'graph' }));
  const { k } = (JSON.parse(settings) as { shape: { k: number } }).shape;
  const srs = await srsOf(halo2, k, options);
  const scores = halo2.runGraph(plain, x);
  const shown = predicates.length > 0 ? halo2.runGraph(graph, x) : scores;
  const secrets = secretsOf(show, x, shown);
  const prover = halo2.graphProver(srs.bytes, graph, settings);
  try {
    const key = prover.keygen();
    const witness = {
      tensors: x,
      ...(secrets.inputs && { inputsSalt: secrets.inputs.salt! }),
      ...(secrets.outputs && { outputsSalt: secrets.outputs.salt! }),
    };
    const { statement, proof } = prover.prove({ context }, witness, transcript);
    const named = { k: srs.k, hash: srs.hash, development: srs.development };
    const file = {
      graph,
      settings,
      srs: named,
      key,
      ...(transcript !== DEFAULT_TRANSCRIPT && { transcript }),
    };
    const revealed = provenPredicates(prover.info().outputs, parted(prover.info().outputs, shown));
    return {
      proof: parseInference({
        format: INFERENCE_FORMAT,
        version: FORMAT_VERSION,
        ...file,
        public: statement,
        proof,
      }),
      outputs: rowsOf(scores, forest.outputs, bits),
      ...(predicates.length > 0 && revealed && { revealed }),
      secrets,
    };
  } finally {
    prover.free();
  }
}

/** Integers as numbers, sample by sample. */
function rowsOf(scores: BigInt64Array, width: number, bits: number): Float64Array[] {
  return Array.from({ length: scores.length / width }, (_, i) =>
    Float64Array.from(scores.subarray(i * width, (i + 1) * width), (v) => Number(v) * 2 ** -bits),
  );
}
