import { canonicalJson } from '@proof-of-training/sgd-circuit';
import { Schedule } from '../dataset/schedule.js';
import { hexOf, sha256 } from '../hash/sha256.js';
import { beaconValue } from './beacon.js';
import type { Run } from './schema.js';

const DOMAIN = 'proof-of-training/seed/v2';
const SETTINGS = 'proof-of-training/settings/v2';

/** What a seed is for. */
export type SeedTag = 'weights' | 'weights salt' | 'order';

/** What fixes a run before its beacon is known. */
export type Settings = Omit<Run, 'runId' | 'shards' | 'datasetRoot' | 'genesis' | 'beacon'> & {
  shardCount: number;
  /** Of given first weights; those of a seed do not exist yet. */
  genesis?: string;
};

/** Settings of a run. */
export function settingsOf(run: Omit<Run, 'runId' | 'shards'>, shardCount: number): Settings {
  const { spec, genesisSpec, eta, schedule, srs, transcript, keys, nonce, start, base, genesis } = run;
  return {
    spec,
    genesisSpec,
    eta,
    srs,
    keys,
    nonce,
    start,
    shardCount,
    ...(schedule && { schedule }),
    ...(transcript && { transcript }),
    ...(base !== undefined && { base }),
    // Given weights are fixed before the beacon: made anew after it, they would be a choice among orders.
    ...(start.kind === 'given' && { genesis }),
  };
}

/** Digest of everything but the dataset that fixes a run before its beacon: 0x and 64 hex digits of SHA-256. */
export function settingsDigest(settings: Settings): string {
  const text = `${SETTINGS}\n${canonicalJson(settings)}`;
  return `0x${hexOf(sha256(text))}`;
}

/**
 * The seed of one kind of random choice in a run, 32 bytes. One derivation for all: whoever has the run makes them
 * again, and none can be chosen after the beacon.
 */
export function seedOf(run: Pick<Run, 'datasetRoot' | 'beacon'>, settings: string, tag: SeedTag): Uint8Array {
  // The random part alone: with its kind or source, one value would give several orders to choose from.
  const beacon = run.beacon ? beaconValue(run.beacon) : 'none';
  const text = [DOMAIN, tag, run.datasetRoot, settings, beacon].join('\n');
  return sha256(text);
}

/** The order of a run's shards. */
export function scheduleOf(run: Omit<Run, 'runId' | 'shards'>, shardCount: number): Schedule {
  return new Schedule(seedOf(run, settingsDigest(settingsOf(run, shardCount)), 'order'), shardCount);
}
