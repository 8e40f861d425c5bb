import { PotError } from '@proof-of-training/halo2-wasm';
import { quantiseBase } from '@proof-of-training/lora-circuit';
import { type SgdSpec, specSchema } from '@proof-of-training/sgd-circuit';
import { checkArgument, object } from '@proof-of-training/verifier/options';
import type { Run } from '@proof-of-training/verifier/run';
import { ColumnDigests, publicBaseSalt } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import { circomlibPair } from '../commit/index.js';
import { type ModelSource, recordModel } from '../record/index.js';
import { checkPrecision, type LimitOptions } from './limits.js';
import { verifierOptions } from './options.js';
import { type ReferenceOptions, referenceFor } from './reference.js';
import { requireSameNetwork } from './sameFunction.js';
import { checkSize } from './structure.js';

const described = z.looseObject({ spec: specSchema, srs: object }, 'must be a run or a single proof');

/**
 * The digest that a run on this model's base has: what a verifier who has the base compares with a run's `base`, or
 * pins (`expected.base`). Adapters of the model play no part.
 *
 * @param model the base, with adapters or without: layers as the run has them
 * @param run a run, or a single proof: its layers, columns, rows, fractional bits and reference string are used
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
  run: Pick<Run, 'srs'> & { spec: SgdSpec },
  options: ReferenceOptions & LimitOptions & { baseSalt?: Uint8Array } = {},
): Promise<string> {
  const checked = verifierOptions('baseDigest', options);
  const { spec, srs: named } = checkArgument(described, run, 'baseDigest', 'run');
  if (!spec.lora || spec.lora.local) throw new PotError('BASE_ABSENT', 'the run has no frozen base');
  // Before anything of its size is made.
  checkSize(spec);
  checkPrecision(spec, checked);
  const { loss: _, ...recorded } = await recordModel(model, { loss: spec.loss });
  requireSameNetwork(recorded, spec);
  const { layers } = recorded;
  const weights = quantiseBase(
    spec,
    layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) })),
  );
  const { halo2, srs } = await referenceFor(named, spec.shape.k, checked);
  const prover = halo2.prover(srs.bytes);
  try {
    const points = prover.commitBase(JSON.stringify(spec), weights, options.baseSalt ?? publicBaseSalt());
    return new ColumnDigests(await circomlibPair()).base(spec, points);
  } finally {
    prover.free();
  }
}
