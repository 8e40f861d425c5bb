import {
  ceremonySrs,
  developmentSrs,
  type Engine,
  type Halo2,
  IGNITION,
  loadWithThreads,
  PotError,
  type Srs,
  type StringCache,
} from '@proof-of-training/halo2-wasm';
import { type ProfileName, planSpec, profiles, quantiseWeights } from '@proof-of-training/sgd-circuit';
import { referenceShape } from '@proof-of-training/verifier';
import {
  type CheckpointOpening,
  encodeWeights,
  FORMAT_VERSION,
  toBase64url,
} from '@proof-of-training/verifier/files';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { ColumnDigests, poseidonPair } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import { type DenseModel, isModel } from './denseModel.js';
import { specOf, tensorsOf } from './spec.js';

export interface CommitModelOptions {
  model: DenseModel;
  /**
   * The smallest and the largest input that there will be, before they are divided; default: as far as the format goes to both sides of
   * 0.
   */
  inputRange?: readonly [number, number];
  /** Numbers by which inputs are divided before they enter the network here, in its first layer: give `proveInference` divided ones. */
  inputScale?: number;
  /** Samples that one proof is to hold; default: 16. */
  samples?: number;
  /** Number format; default: `default`. */
  profile?: ProfileName;
  /** The SRS, or the word for the INSECURE one; default: the Ignition ceremony's. */
  srs?: Srs | 'development';
  engine?: Engine;
  threads?: number;
  cache?: StringCache;
}

/** Options, as schemas. */
export const commitShape = {
  model: kinds.is<DenseModel>(
    'a model with layers as readOnnx gives them, the last one without a ReLU',
    isModel,
  ),
  inputRange: kinds
    .is<readonly [number, number]>(
      'two finite numbers, the smaller one first',
      (v) => Array.isArray(v) && v.length === 2 && v.every(Number.isFinite) && v[0] < v[1],
    )
    .optional(),
  inputScale: kinds.positive.optional(),
  samples: kinds.whole(1, 4096).optional(),
  profile: kinds.oneOf(...(Object.keys(profiles) as ProfileName[])).optional(),
  srs: kinds
    .is<Srs | 'development'>(
      'an SRS (readSrs), or the word development',
      (v) => v === 'development' || typeof v === 'object',
    )
    .optional(),
  engine: referenceShape.engine,
  threads: referenceShape.threads,
  cache: referenceShape.cache,
} satisfies ShapeFor<CommitModelOptions>;

/**
 * Commits to a model that no run of this library trained, as runs commit to their checkpoints: what `proveInference` takes. Its `commitment`
 * is the model's digest, to be published: it says layers, activations and number formats, and hides the weights. Secret but for that.
 *
 * Proofs about such a model hold on a condition, that its weights are in range, since no genesis proof says it.
 *
 * Errors: `OPTION_*`, `WEIGHTS_SHAPE`, `VALUE_OUT_OF_RANGE` (a weight, or the range of inputs), `SPEC_INVALID`, `SRS_NEEDED` (a circuit
 * larger than the ceremony's), those of the planner.
 *
 * @example
 * import { commitModel, fileUses, proveInference, readOnnx } from '@proof-of-training/inference/node';
 *
 * const opening = await commitModel({ model: readOnnx(await readFile('model.onnx')), inputRange: [0, 1] });
 * await writeFile('opening.json', JSON.stringify(opening), { mode: 0o600 });
 * const { proof } = await proveInference({ opening, inputs, uses: fileUses('opening.json.uses', 0) });
 */
export async function commitModel(options: CommitModelOptions): Promise<CheckpointOpening> {
  checkOptions(z.object(commitShape), options, 'commitModel');
  const { engine, threads } = options;
  const halo2 = await loadWithThreads({ engine, threads });
  const { spec } = planSpec(halo2, specOf(options));
  const weights = quantiseWeights(spec, tensorsOf(options));
  const srs = await srsOf(halo2, spec.shape.k, options);
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const prover = halo2.prover(srs.bytes);
  try {
    const points = prover.commitWeights(JSON.stringify(spec), weights, salt);
    return {
      format: 'proof-of-training/opening',
      version: FORMAT_VERSION,
      spec,
      srs: { k: srs.k, hash: srs.hash, development: srs.development },
      commitment: new ColumnDigests(poseidonPair).weights(spec, points),
      weights: encodeWeights(weights),
      salt: toBase64url(salt),
    };
  } finally {
    prover.free();
  }
}

/** What is given, or the ceremony's. Errors: `SRS_NEEDED`. */
export async function srsOf(
  halo2: Halo2,
  k: number,
  { srs, cache }: Pick<CommitModelOptions, 'srs' | 'cache'>,
): Promise<Srs> {
  if (typeof srs === 'object') return srs;
  if (srs === 'development') return developmentSrs(halo2, k, cache);
  if (k <= IGNITION.k) return ceremonySrs(halo2, k, cache);
  throw new PotError(
    'SRS_NEEDED',
    `the model's circuit has 2^${k} rows: the ceremony's powers that come with this library are for 2^${IGNITION.k}`,
    {
      hint: 'Give an SRS that was imported (pot srs import), or fewer samples a proof.',
    },
  );
}
