import { ZERO32 } from '@proof-of-training/sgd-circuit';
import { aggregatedRun, type RunSummary } from '@proof-of-training/verifier/files';
import { hyperparametersOf, poseidonPair } from '@proof-of-training/verifier/run';
import type { RunTerms } from '../client/types.js';

/**
 * What a run registers as, under a verifier of the catalogue.
 *
 * @example
 * const run = await client.storeCommitment(await termsOfRun(file.run, verifierId));
 */
export async function termsOfRun(run: RunSummary, verifierId: string): Promise<RunTerms> {
  const { depth } = aggregatedRun(run, run.shardCount, poseidonPair);
  return {
    runId: run.runId,
    datasetRoot: run.datasetRoot,
    depth,
    eta: BigInt(run.eta),
    genesis: run.genesis,
    base: run.base ?? ZERO32,
    hyperparameters: hyperparametersOf(run),
    windowKey: `0x${run.keys.window.replace(/^0x/, '')}`,
    verifierId,
  };
}
