import { PotError } from '@proof-of-training/halo2-wasm';
import {
  BUNDLE_FORMAT,
  type Declared,
  FORMAT_VERSION,
  type RunBundle,
} from '@proof-of-training/verifier/files';
import type { Journal } from './journal.js';
import type { SessionFile } from './records.js';
import { renewedBy } from './renewals.js';

/**
 * The bundle of a run whose proofs are all stored: public identity, proofs, and declared (not proven) metrics.
 *
 * Errors: `SESSION_UNPROVEN` where a proof is missing.
 */
export async function assembleBundle(
  journal: Journal,
  file: SessionFile,
  declared: Declared = {},
): Promise<RunBundle> {
  const records = await journal.readWindows();
  const genesis = await journal.readProof(undefined);
  if (!genesis) throw unproven('the first weights');
  const windows = [];
  for (const { window } of records) {
    const proof = await journal.readProof(window);
    if (!proof) throw unproven(`window ${window}`);
    windows.push(proof.entry);
  }
  const renewals = [];
  for (const of of renewedBy(records)) {
    const renewal = await journal.renewals.read(of);
    if (!renewal)
      throw unproven(of.shard === undefined ? "the base's renewal" : `shard ${of.shard}'s renewal`);
    renewals.push(renewal.entry);
  }
  return {
    format: BUNDLE_FORMAT,
    version: FORMAT_VERSION,
    run: file.run,
    genesis: genesis.entry,
    windows,
    ...(renewals.length > 0 && { renewals }),
    declared: {
      createdAt: file.createdAt,
      learningRate: file.learningRate,
      metrics: records.map(({ window, loss, accuracy }) => ({ window, loss, accuracy })),
      ...declared,
    },
  };
}

function unproven(what: string): PotError {
  return new PotError('SESSION_UNPROVEN', `the proof of ${what} is not there yet`);
}
