import {
  checkStart,
  circomlibPair,
  orderText,
  type ReferenceOptions,
  settingsDigest,
  settingsOf,
} from '@proof-of-training/core/internal';
import type { BlockchainClient } from '../client/blockchainClient.js';
import { type RunDescription, underString } from './description.js';

/** First weights of the public seed are made again. Errors: `START_SEED`, those of `referenceFor`. */
export async function checkFirstWeights({ run }: RunDescription, options: ReferenceOptions): Promise<string> {
  const pair = await circomlibPair();
  return underString(run, options, (prover) => checkStart(run, run.shardCount, prover, pair));
}

/**
 * What is known of the order of the data. A block that a run names must be the beacon of this registry for the run's root and
 * settings. Errors: `BEACON_*`.
 */
export async function checkOrder(
  client: BlockchainClient,
  { run }: RunDescription,
  confirmations: number,
): Promise<string> {
  const { beacon, datasetRoot } = run;
  if (beacon?.kind !== 'block') return orderText(run, run.shardCount);
  const settings = settingsDigest(settingsOf(run, run.shardCount));
  const { announcedIn } = await client.checkBeacon(beacon, { datasetRoot, settings }, { confirmations });
  return (
    `nobody could choose it: dataset root and settings ${settings} were announced in block ${announcedIn}, ` +
    `and the seed is from block ${beacon.block}`
  );
}
