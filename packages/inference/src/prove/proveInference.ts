import {
  DEFAULT_TRANSCRIPT,
  type GraphProver,
  type Halo2,
  PotError,
  parsePin,
} from '@proof-of-training/halo2-wasm';
import {
  hex32Schema,
  inputWidth,
  outputWidth,
  quantiseInputs,
  type SgdSpec,
  ZERO32,
} from '@proof-of-training/sgd-circuit';
import { type InferenceContents, readOpening, referenceFor } from '@proof-of-training/verifier';
import {
  type CheckpointOpening,
  decodeOpening,
  FORMAT_VERSION,
  INFERENCE_FORMAT,
  type InferenceProof,
  parseInference,
} from '@proof-of-training/verifier/files';
import { inferenceNetwork } from '@proof-of-training/verifier/run';
import { checkInferenceOptions } from './checkOptions.js';
import type { ProveInferenceOptions } from './options.js';
import { taken } from './uses.js';

/** A proof, and what only its maker knows. */
export interface ProvenOutputs {
  /** The file, to be shown: JSON. */
  proof: InferenceProof;
  /** Of each sample the last layer's values, before softmax. */
  outputs: Float64Array[];
  /** What opens those digests that the proof shows in place of values: keep them as secret as the values. */
  secrets: { inputs?: InferenceContents; outputs?: InferenceContents };
}

/**
 * Proves that the model gives these outputs for these inputs. The model stays hidden behind its commitment, the same that its training
 * run ended with. All samples are in one proof. Runs in this thread: tenths of a second natively for a small network, more in WebAssembly.
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
  const { transcript = DEFAULT_TRANSCRIPT, show = {} } = options;
  const context = options.context === undefined ? ZERO32 : contextOf(options.context);
  const opening = readOpening(options.opening);
  const { spec } = opening;
  const x = quantiseInputs(spec, options.inputs);
  const samples = x.length / inputWidth(spec);
  const network = JSON.stringify(inferenceNetwork(spec, samples));
  const { weights, salt } = decodeOpening(opening);
  const { halo2, srs } = await referenceFor(opening.srs, spec.shape.k, options);
  const graph = halo2.denseInference(network);
  const settings = planned(halo2, graph, spec);
  const entries = BigInt64Array.from(x, BigInt);
  const tensors = new BigInt64Array(entries.length + weights.length);
  tensors.set(entries);
  tensors.set(weights, entries.length);
  // Whatever is out of range is found before anything is counted or proven.
  const outputs = halo2.runGraph(graph, tensors);
  const prover = halo2.graphProver(srs.bytes, graph, settings);
  try {
    requireOpened(prover, opening, weights, salt);
    const secrets = secretsOf(show, entries, outputs);
    const { maxUses } = prover.info();
    const key = prover.keygen();
    const used = await taken(options.uses, maxUses);
    const { statement, proof } = prover.prove(
      { context, uses: { weights: used, inputs: 0, outputs: 0 } },
      {
        tensors,
        weightsSalt: salt,
        ...(secrets.inputs && { inputsSalt: secrets.inputs.salt }),
        ...(secrets.outputs && { outputsSalt: secrets.outputs.salt }),
      },
      transcript,
    );
    const file = {
      format: INFERENCE_FORMAT,
      version: FORMAT_VERSION,
      graph,
      settings,
      srs: opening.srs,
      key,
      ...(transcript !== DEFAULT_TRANSCRIPT && { transcript }),
      public: statement,
      proof,
    };
    return { proof: parseInference(file), outputs: rowsOf(outputs, spec), secrets };
  } finally {
    prover.free();
  }
}

/** Errors: `PIN_INVALID`. */
function contextOf(text: string): string {
  const context = parsePin('context', text);
  if (hex32Schema.safeParse(context).success) return context;
  throw new PotError('PIN_INVALID', 'context must be below the modulus of BN254');
}

/** The settings of the circuit that reads the run's own commitment: as many rows and columns of weights as the windows have. */
function planned(halo2: Halo2, graph: string, { loss, shape: { k, weightColumns } }: SgdSpec): string {
  return halo2.planGraph(graph, JSON.stringify({ kind: 'infer', weights: loss, like: { k, weightColumns } }));
}

/** Errors: `OPENING_COMMITMENT`: the proof would be about other weights than the opening says. */
function requireOpened(
  prover: GraphProver,
  { commitment }: CheckpointOpening,
  weights: BigInt64Array,
  salt: Uint8Array,
): void {
  if (prover.digest('weights', weights, salt) === commitment) return;
  throw new PotError('OPENING_COMMITMENT', 'the opening does not belong to its commitment');
}

/** What is committed, each with a salt of its own that serves this proof alone. */
function secretsOf(
  {
    inputs: ofInputs = 'committed',
    outputs: ofOutputs = 'public',
  }: NonNullable<ProveInferenceOptions['show']>,
  inputs: BigInt64Array,
  outputs: BigInt64Array,
) {
  const secret = (entries: BigInt64Array) => ({ entries, salt: crypto.getRandomValues(new Uint8Array(32)) });
  return {
    ...(ofInputs === 'committed' && { inputs: secret(inputs) }),
    ...(ofOutputs === 'committed' && { outputs: secret(outputs) }),
  };
}

/** Integers as numbers, sample by sample. */
function rowsOf(outputs: BigInt64Array, spec: SgdSpec): Float64Array[] {
  const [width, unit] = [outputWidth(spec), 2 ** -spec.scales.a];
  return Array.from({ length: outputs.length / width }, (_, i) =>
    Float64Array.from(outputs.subarray(i * width, (i + 1) * width), (v) => Number(v) * unit),
  );
}
