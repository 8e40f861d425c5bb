import { scheduleNext, scheduleStart } from '@proof-of-training/aggregator';
import { PotError } from '@proof-of-training/halo2-wasm';
import { aggregatedRun, type RunSummary } from '@proof-of-training/verifier/files';
import { poseidonPair } from '@proof-of-training/verifier/run';
import { AbiCoder, keccak256 } from 'ethers';

/** Windows of one anchor that are hashed; each takes two Poseidon hashes. */
const MAX_WINDOWS = 1_000_000;

/**
 * The schedule's hash that an aggregate of the steps [firstStep, endStep) has to have, by the run's public seed. Each
 * aggregate begins its chain anew. Errors: `RUN_STEPS` where these are not whole windows.
 *
 * @example
 * const schedule = await scheduleHashOf(file.run, 0, 32);
 */
export async function scheduleHashOf(run: RunSummary, firstStep: number, endStep: number): Promise<string> {
  const pair = poseidonPair;
  const { at } = aggregatedRun(run, run.shardCount, pair);
  const first = firstStep / run.spec.steps;
  const end = endStep / run.spec.steps;
  if (!Number.isInteger(first) || !Number.isInteger(end) || end - first > MAX_WINDOWS) {
    throw new PotError('RUN_STEPS', 'the anchor is not about whole windows, or about too many', {
      details: { firstStep, endStep },
    });
  }
  let hash = scheduleStart(pair);
  for (let window = first; window < end; window++) hash = scheduleNext(hash, at(window), pair);
  return hash;
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
