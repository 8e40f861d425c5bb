import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { checkStart, orderText } from '@proof-of-training/verifier';
import type { ReferenceOptions } from '@proof-of-training/verifier/node';
import { poseidonPair, settingsDigest, settingsOf } from '@proof-of-training/verifier/run';
import type { BlockchainClient } from '../client/blockchainClient.js';
import type { Registry } from '../client/registry.js';
import { type RunDescription, underString } from './description.js';
import type { BeginningOptions } from './options.js';

type Run = RunDescription['run'];
/** A beacon that no chain gives. */
type Published = Extract<NonNullable<Run['beacon']>, { kind: 'value' }>;

/** What the chain says of a beacon. */
export interface Announced {
  announcedIn: number;
  /** Announcements of the dataset's root in the registry, with whichever settings; not there where they could not be counted. */
  announcements?: number;
}

/**
 * First weights of the public seed are made again. Errors: `EXPECTED_MISMATCH` where the auditor wants another start, `START_SEED`, those of
 * `referenceFor`.
 */
export async function checkFirstWeights(
  { run }: RunDescription,
  options: ReferenceOptions & BeginningOptions,
): Promise<string> {
  const { start } = options;
  if (start !== undefined && run.start.kind !== start) {
    throw new PotError(
      'EXPECTED_MISMATCH',
      `the run's start is ${run.start.kind}, and you asked for ${start}`,
      {
        details: { name: 'start', expected: start, found: run.start.kind },
      },
    );
  }
  const pair = poseidonPair;
  return underString(run, options, (prover) => checkStart(run, run.shardCount, prover, pair));
}

/**
 * What is known of the order of the data. A block that a run names must be the beacon of this registry for the run's root and
 * settings. Errors: `BEACON_*`, among them `BEACON_MISSING` and `BEACON_KIND` where one of a chain is asked for and the run has none.
 */
export async function checkOrder(
  client: BlockchainClient,
  { run }: RunDescription,
  { confirmations, requireBeacon = false }: { confirmations: number } & BeginningOptions,
): Promise<{ text: string; announced?: Announced }> {
  const { beacon, datasetRoot } = run;
  if (beacon?.kind !== 'block') {
    if (requireBeacon) throw noBeacon(beacon);
    return { text: orderText(run, run.shardCount) };
  }
  const settings = settingsOfRun(run);
  const { announcedIn } = await client.checkBeacon(beacon, { datasetRoot, settings }, { confirmations });
  const announcements = await countOf(client.registry, datasetRoot);
  const announced = { announcedIn, ...(announcements !== undefined && { announcements }) };
  return { text: beaconText(client.registry, settings, announced, beacon.block), announced };
}

/** Digest of what was fixed before a run's beacon. */
export function settingsOfRun(run: Run): string {
  return settingsDigest(settingsOf(run, run.shardCount));
}

function noBeacon(beacon: Published | undefined): PotError {
  return beacon
    ? new PotError(
        'BEACON_KIND',
        "the order comes from a value that somebody published, not from a chain's block",
        {
          details: { source: beacon.source },
          hint: 'Nothing on a chain says when it was published. Compare it yourself: pot verify --beacon, --settings, --dataset-root.',
        },
      )
    : new PotError('BEACON_MISSING', 'the run has no beacon: its order could have been chosen, by trying', {
        hint: 'Ask for a run that was announced before its beacon, or audit without requireBeacon (--require-beacon).',
      });
}

/** It is no part of what is proven, so that a server that refuses so long a range only costs the number. */
async function countOf(registry: Registry, datasetRoot: string): Promise<number | undefined> {
  try {
    return (await registry.announcements(datasetRoot)).length;
  } catch (e) {
    if (isPotError(e) && e.code.startsWith('CHAIN_')) return undefined;
    throw e;
  }
}

function beaconText(
  { origin }: Registry,
  settings: string,
  { announcedIn, announcements }: Announced,
  block: number,
): string {
  const believed =
    origin === 'believed'
      ? "if you are right to BELIEVE the registry's storage, which its creator may have written: "
      : '';
  const count =
    announcements === undefined
      ? 'the announcements of this dataset root could not be counted, since the server gave no log of them'
      : `the registry has ${announcements} ${announcements === 1 ? 'announcement' : 'announcements'} of this dataset root`;
  return (
    `${believed}fixed before block ${block}, whose hash it comes from: nobody but whoever made block ${block} could choose it. ` +
    `Dataset root and settings ${settings} were announced in block ${announcedIn}; how many others were announced beside it, this does ` +
    `not say; ${count}`
  );
}
