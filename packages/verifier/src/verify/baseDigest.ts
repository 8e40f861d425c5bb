import { PotError } from '@proof-of-training/halo2-wasm';
import { quantiseBase } from '@proof-of-training/lora-circuit';
import { floatLoss, outputWidth, type SgdSpec, specSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { poseidonPair } from '../hash/poseidon.js';
import { checkArgument } from '../options/index.js';
import { object } from '../options/kinds.js';
import { ColumnDigests } from '../run/columnDigests.js';
import { publicBaseSalt } from '../run/publicSalt.js';
import type { Run } from '../run/schema.js';
import { checkPrecision, type LimitOptions } from './limits.js';
import { type NetworkSource, networkOf } from './network.js';
import { verifierOptions } from './options.js';
import { type ReferenceOptions, referenceFor } from './reference.js';
import { requireSameNetwork } from './sameFunction.js';
import { checkSize } from './structure.js';

const described = z.looseObject({ spec: specSchema, srs: object }, 'must be a run or a single proof');

export interface BaseDigestOptions extends ReferenceOptions, LimitOptions {
  /** Of a private base, from its owner. */
  baseSalt?: Uint8Array;
}

/**
 * The digest that a run on this network's base has: what a verifier who has the base compares with a run's `base`, or
 * pins (`expected.base`). Adapters of the network and its loss play no part.
 *
 * @param network the base, with adapters or without: layers as the run has them
 * @param run a run, or a single proof: its layers, columns, rows, fractional bits and SRS are used
 * @param options `baseSalt` for a private base, from its owner
 * @throws PotError `BASE_ABSENT` where the run has no base, `MODEL_DIFFERENT` for other layers, activations or biases than the
 *   run's, `PRECISION_TOO_LOW` for a run that rounds its base too coarsely, `OPTION_*`, `PIN_INVALID`, `VALUE_*`, those of
 *   whoever reads the network, and `SRS_*`
 * @example
 * const { run } = parseBundle(file);
 * const report = await verifyTrainingRun(file, { expected: { base: await baseDigest(network, run) } });
 */
export async function baseDigest(
  network: NetworkSource,
  run: Pick<Run, 'srs'> & { spec: SgdSpec },
  options: BaseDigestOptions = {},
): Promise<string> {
  const checked = verifierOptions('baseDigest', options);
  const { spec, srs: named } = checkArgument(described, run, 'baseDigest', 'run');
  if (!spec.lora || spec.lora.local) throw new PotError('BASE_ABSENT', 'the run has no frozen base');
  // Before anything of its size is made.
  checkSize(spec);
  checkPrecision(spec, checked);
  const recorded = await networkOf(network, floatLoss(spec.loss, spec.scales, outputWidth(spec)));
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
    return new ColumnDigests(poseidonPair).base(spec, points);
  } finally {
    prover.free();
  }
}
