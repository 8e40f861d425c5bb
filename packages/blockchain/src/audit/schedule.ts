import { scheduleHash } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import { aggregatedRun, type RunSummary } from '@proof-of-training/verifier/files';
import { poseidonPair } from '@proof-of-training/verifier/run';
import { AbiCoder, keccak256 } from 'ethers';

/** Poseidon hashes for one anchor: two a window, one more where windows have rates of their own, and one a step where steps have. */
const MAX_HASHES = 2_000_000;

/**
 * The schedule's hash that an aggregate of the steps [firstStep, endStep) has to have, by the run's public seed
 * and its rules for rates. Each aggregate begins its chain anew. Errors: `RUN_STEPS` where these are not whole windows; `ETA_RANGE` where
 * a step's own rate is out of range.
 *
 * @example
 * const schedule = await scheduleHashOf(file.run, 0, 32);
 */
export async function scheduleHashOf(run: RunSummary, firstStep: number, endStep: number): Promise<string> {
  const pair = poseidonPair;
  const own = aggregatedRun(run, run.shardCount, pair);
  const hashes = 2 + (own.etaOf ? 1 : 0) + (own.rates ? run.spec.steps : 0);
  const first = firstStep / run.spec.steps;
  const end = endStep / run.spec.steps;
  if (!Number.isInteger(first) || !Number.isInteger(end) || (end - first) * hashes > MAX_HASHES) {
    throw new PotError('RUN_STEPS', 'the anchor is not about whole windows, or about too many', {
      details: { firstStep, endStep },
    });
  }
  return scheduleHash(own, end, first);
}

/**
 * The chain over schedule hashes that a run with these anchors has to have on the registry.
 *
 * @example
 * const expected = await schedulesOf(file.run, anchors);
 */
export async function schedulesOf(
  run: RunSummary,
  anchors: readonly { firstStep: number; endStep: number }[],
): Promise<string> {
  let chain = run.runId;
  for (const { firstStep, endStep } of anchors) {
    const schedule = await scheduleHashOf(run, firstStep, endStep);
    chain = keccak256(AbiCoder.defaultAbiCoder().encode(['bytes32', 'bytes32'], [chain, schedule]));
  }
  return chain;
}
