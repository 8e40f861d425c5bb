import {
  DEFAULT_TRANSCRIPT,
  type GraphInfo,
  type GraphPredicate,
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
import { type InferenceContents, readOpening, referenceFor, type Scores } from '@proof-of-training/verifier';
import {
  type CheckpointOpening,
  decodeOpening,
  FORMAT_VERSION,
  INFERENCE_FORMAT,
  type InferenceProof,
  parseInference,
} from '@proof-of-training/verifier/files';
import { inferenceNetwork, weightsDigestOf } from '@proof-of-training/verifier/run';
import type { ProveInferenceOptions } from './options.js';
import { taken } from './uses.js';

/** What is proven in the place of the outputs, where anything is. */
export interface Asked {
  predicates: (scores: Scores) => GraphPredicate[];
  /** Entries of the labels, as many a sample as there are outputs. */
  labels?: (samples: number, outputs: number) => BigInt64Array;
}

/** A proof, and what only its maker knows. */
export interface MadeFile {
  file: InferenceProof;
  spec: SgdSpec;
  info: GraphInfo;
  /** The last layer's values, and what the graph shows: these, or predicates of them. */
  scores: BigInt64Array;
  shown: BigInt64Array;
  secrets: { inputs?: InferenceContents; outputs?: InferenceContents };
}

/** Proves what a model's weights give. Errors: those of `proveInference`. */
export async function proveFile(
  options: Omit<ProveInferenceOptions, 'reveal'>,
  asked?: Asked,
): Promise<MadeFile> {
  const context = options.context === undefined ? ZERO32 : contextOf(options.context);
  const opening = readOpening(options.opening);
  const { spec } = opening;
  const x = BigInt64Array.from(quantiseInputs(spec, options.inputs), BigInt);
  const samples = x.length / inputWidth(spec);
  const predicates = asked?.predicates(scoresOf(spec)) ?? [];
  const y = asked?.labels?.(samples, outputWidth(spec)) ?? new BigInt64Array();
  // What is no network of inferences is refused first.
  const [network, plain] = [predicates, []].map((of) => JSON.stringify(inferenceNetwork(spec, samples, of)));
  const { halo2, srs } = await referenceFor(opening.srs, spec.shape.k, options);
  const graph = halo2.denseInference(network!);
  const settings = planned(halo2, graph, spec);
  const { weights } = decodeOpening(opening);
  const tensors = joined(x, y, weights);
  // Whatever is out of range is found before anything is counted or proven.
  const scores = halo2.runGraph(halo2.denseInference(plain!), joined(x, weights));
  const shown = predicates.length > 0 ? halo2.runGraph(graph, tensors) : scores;
  const prover = halo2.graphProver(srs.bytes, graph, settings);
  try {
    const secrets = secretsOf(options.show ?? {}, joined(x, y), shown);
    const proven = await proofOf(prover, opening, tensors, secrets, { ...options, context });
    const file = { graph, settings, srs: opening.srs, ...proven };
    const header = { format: INFERENCE_FORMAT, version: FORMAT_VERSION };
    return {
      file: parseInference({ ...header, ...file }),
      spec,
      info: prover.info(),
      scores,
      shown,
      secrets,
    };
  } finally {
    prover.free();
  }
}

/** Counts the proof, and makes it. */
async function proofOf(
  prover: GraphProver,
  opening: CheckpointOpening,
  tensors: BigInt64Array,
  { inputs, outputs }: MadeFile['secrets'],
  {
    uses,
    context,
    transcript = DEFAULT_TRANSCRIPT,
  }: Pick<ProveInferenceOptions, 'uses' | 'transcript'> & { context: string },
) {
  const { weights, salt } = decodeOpening(opening);
  requireOpened(prover, opening, weights, salt);
  const { maxUses } = prover.info();
  const key = prover.keygen();
  const used = await taken(uses, maxUses);
  const { statement, proof } = prover.prove(
    { context, uses: { weights: used, inputs: 0, outputs: 0 } },
    {
      tensors,
      weightsSalt: salt,
      ...(inputs && { inputsSalt: inputs.salt! }),
      ...(outputs && { outputsSalt: outputs.salt! }),
    },
    transcript,
  );
  return { key, ...(transcript !== DEFAULT_TRANSCRIPT && { transcript }), public: statement, proof };
}

function joined(...parts: BigInt64Array[]): BigInt64Array {
  const all = new BigInt64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A context's canonical form. Errors: `PIN_INVALID`. */
export function contextOf(text: string): string {
  const context = parsePin('context', text);
  if (hex32Schema.safeParse(context).success) return context;
  throw new PotError('PIN_INVALID', 'context must be below the modulus of BN254');
}

/** The settings of the circuit that reads the run's own commitment: as many rows and columns of weights as the windows have. */
function planned(halo2: Halo2, graph: string, { loss, shape: { k, weightColumns } }: SgdSpec): string {
  return halo2.planGraph(
    graph,
    JSON.stringify({ kind: 'infer', weights: weightsDigestOf(loss), like: { k, weightColumns } }),
  );
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
export function secretsOf(
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

/** What predicates of a specification's outputs can be. */
function scoresOf(spec: SgdSpec): Scores {
  return { bits: spec.scales.a, limbBits: spec.scales.b, outputs: outputWidth(spec) };
}
