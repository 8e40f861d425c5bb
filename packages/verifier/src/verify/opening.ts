import { PotError } from '@proof-of-training/halo2-wasm';
import { type CheckpointOpening, decodeOpening, OPENING_FORMAT, openingSchema } from '../bundle/opening.js';
import { requireVersion } from '../bundle/version.js';
import { poseidonPair } from '../hash/poseidon.js';
import { ColumnDigests } from '../run/columnDigests.js';
import { type ReferenceOptions, referenceFor } from './reference.js';

/**
 * An opening of known form. Errors: `OPENING_INVALID`, `FORMAT_VERSION`.
 *
 * @example
 * const { spec, commitment } = readOpening(JSON.parse(await readFile('opening.json', 'utf8')));
 */
export function readOpening(opening: unknown): CheckpointOpening {
  // Another version has a reason of its own to be refused.
  if ((opening as { format?: unknown } | null)?.format === OPENING_FORMAT) requireVersion(opening);
  const parsed = openingSchema.safeParse(opening);
  if (parsed.success) return parsed.data;
  throw new PotError('OPENING_INVALID', 'this is no opening of a checkpoint');
}

/**
 * The integers that an opening holds, the weights and behind them the optimiser's state, once they are the ones behind `commitment`.
 *
 * Errors: `OPENING_INVALID`, `OPENING_COMMITMENT`, those of `referenceFor`.
 *
 * @example
 * const opening = readOpening(JSON.parse(await readFile('opening.json', 'utf8')));
 * const weights = await openCommitment(opening, proven.weightsAfter, {});
 */
export async function openCommitment(
  opening: CheckpointOpening,
  commitment: string,
  options: ReferenceOptions,
): Promise<BigInt64Array> {
  const { spec } = opening;
  const { weights, salt } = decodeOpening(opening);
  const { halo2, srs } = await referenceFor(opening.srs, spec.shape.k, options);
  const prover = halo2.prover(srs.bytes);
  try {
    const points = prover.commitWeights(JSON.stringify(spec), weights, salt);
    if (new ColumnDigests(poseidonPair).weights(spec, points) === commitment) return weights;
  } finally {
    prover.free();
  }
  throw new PotError('OPENING_COMMITMENT', 'the opening does not belong to this commitment');
}
