import { PotError } from '@proof-of-training/halo2-wasm';
import { planGenesis, stateCount, ZERO32 } from '@proof-of-training/sgd-circuit';
import {
  type ReferenceOptions,
  readOpening,
  referenceFor,
  referenceShape,
} from '@proof-of-training/verifier';
import {
  type CheckpointOpening,
  decodeOpening,
  encodeProof,
  FORMAT_VERSION,
  PROOF_FORMAT,
  type TrainingProof,
} from '@proof-of-training/verifier/files';
import { checkOptions } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { inferenceShape } from './checkOptions.js';
import { taken, type UseCounter } from './uses.js';

export interface ProveRangeOptions extends ReferenceOptions {
  /** What opens the commitment to a model's weights, as `commitModel` gave it. Secret. */
  opening: CheckpointOpening;
  /** Counts the proofs that open this commitment: this is one. */
  uses: UseCounter;
}

/** Options, as schemas. */
export const rangeShape = { ...referenceShape, opening: inferenceShape.opening, uses: inferenceShape.uses };

/**
 * Proves that a model's weights are in the range which the bounds of all proofs about them assume: a genesis proof. With it (`genesis` of
 * `verifyInference`) a proof about a model that no run trained holds without a condition. Made once a model.
 *
 * Errors: those of `proveInference`; `WEIGHT_RANGE` where they are not.
 *
 * @example
 * import { commitModel, fileUses, proveRange, readOnnx } from '@proof-of-training/inference/node';
 *
 * const opening = await commitModel({ model: readOnnx(await readFile('model.onnx')) });
 * const genesis = await proveRange({ opening, uses: fileUses('opening.json.uses', 0) });
 */
export async function proveRange(options: ProveRangeOptions): Promise<TrainingProof> {
  checkOptions(z.object(rangeShape), options, 'proveRange');
  const given = readOpening(options.opening);
  if (given.spec.lora) throw new PotError('INFERENCE_MODEL', 'the range of adapters is proven by their run');
  if (stateCount(given.spec) > 0) {
    throw new PotError(
      'INFERENCE_MODEL',
      "the range of weights with an optimiser's state is proven by their run",
    );
  }
  const { weights, salt } = decodeOpening(given);
  const { halo2, srs: own } = await referenceFor(given.srs, given.spec.shape.k, options);
  const { spec, info } = planGenesis(halo2, given.spec);
  const specJson = JSON.stringify(spec);
  const prover = halo2.prover(own.bytes);
  try {
    const key = prover.keygen(specJson);
    await taken(options.uses, Number(info.maxUses));
    const statement = {
      runId: ZERO32,
      firstStep: 0,
      epoch: 0,
      eta: '0',
      weightsIn: given.commitment,
      weightsOut: ZERO32,
      data: ZERO32,
    };
    const proof = prover.proveGenesis(specJson, JSON.stringify(statement), { w0: weights, salt0: salt });
    return {
      format: PROOF_FORMAT,
      version: FORMAT_VERSION,
      spec,
      srs: given.srs,
      key,
      public: statement,
      proof: encodeProof(proof),
    };
  } finally {
    prover.free();
  }
}
