import {
  nodeOptions,
  type VerificationReport,
  type VerifyWeightsOptions,
  verifyWeights,
} from '@proof-of-training/verifier/node';
import type { LayersModel } from '@tensorflow/tfjs';
import { recordModel } from '../record/index.js';

export interface VerifyModelOptions extends VerifyWeightsOptions {}

/**
 * Checks that a model is the one behind a commitment (the `weightsAfter` of a verified run), with the opening that the owner
 * gives: the same layers, activations and biases, adapters of the same rank and alpha, and the exact float32 view of the
 * committed integers. With `run`, the specification and the frozen base that it names are compared with the run's too; what
 * was not compared, the report's `notCompared` says. The run itself is not verified here.
 *
 * @throws PotError for wrong options (`OPTION_UNKNOWN`, `OPTION_INVALID`) and a commitment that is no digest (`PIN_INVALID`)
 * @example
 * const { run } = parseBundle(file); // verified before
 * const report = await verifyModelWeights(model, weightsAfter, opening, { run, srs });
 */
export async function verifyModelWeights(
  model: LayersModel,
  commitment: string,
  opening: unknown,
  options: VerifyModelOptions = {},
): Promise<VerificationReport> {
  const checked = nodeOptions('verifyModelWeights', options);
  return verifyWeights((loss) => recordModel(model, loss ? { loss } : {}), commitment, opening, checked);
}
