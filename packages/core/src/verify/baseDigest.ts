import {
  baseDigest as digestOf,
  type LimitOptions,
  type ReferenceOptions,
} from '@proof-of-training/verifier/node';
import { type ModelSource, recordModel } from '../record/index.js';

/**
 * The digest that a run on this model's base has: what a verifier who has the base compares with a run's `base`, or
 * pins (`expected.base`). Adapters of the model play no part.
 *
 * @param model the base, with adapters or without: layers as the run has them
 * @param run a run, or a single proof: its layers, columns, rows, fractional bits and SRS are used
 * @param options `baseSalt` for a private base, from its owner
 * @throws PotError `BASE_ABSENT` where the run has no base, `MODEL_DIFFERENT` for other layers, activations or biases than the
 *   run's, `PRECISION_TOO_LOW` for a run that rounds its base too coarsely, `OPTION_*`, `PIN_INVALID`, `VALUE_*`, those of
 *   `recordModel` and `SRS_*`
 * @example
 * const { run } = parseBundle(file);
 * const report = await verifyTrainingRun(file, { expected: { base: await baseDigest(model, run) } });
 */
export async function baseDigest(
  model: ModelSource,
  run: Parameters<typeof digestOf>[1],
  options: ReferenceOptions & LimitOptions & { baseSalt?: Uint8Array } = {},
): Promise<string> {
  return digestOf((loss) => recordModel(model, loss ? { loss } : {}), run, options);
}
