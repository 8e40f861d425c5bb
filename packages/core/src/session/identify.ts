import { randomBytes } from 'node:crypto';
import { DEFAULT_TRANSCRIPT, type Transcript } from '@proof-of-training/halo2-wasm';
import type { Srs } from '@proof-of-training/halo2-wasm/node';
import {
  completeRun,
  merkleRoot,
  type Run,
  type SeedStart,
  seededWeights,
  seedOf,
  settingsDigest,
  settingsOf,
  takeBeacon,
} from '@proof-of-training/verifier/run';
import { circomlibPair } from '../commit/index.js';
import { type CommittedBase, commitBase } from '../prove/base.js';
import type { ProofExecutor } from '../prove/executor.js';
import type { Checkpoint } from './checkpoint.js';
import { copy, saltOf } from './ofShard.js';
import type { CreateOptions } from './options.js';
import type { Prepared } from './prepare.js';

/** Of a run's proofs where the caller names none: what can be aggregated. */
const SESSION_TRANSCRIPT: Transcript = 'poseidon';

/** A run with the checkpoint that it begins with. */
export interface Identified {
  run: Run;
  first: Checkpoint;
  base?: CommittedBase;
}

/**
 * Derives the run's identity: commits to every shard, to the frozen base and to given first weights; then, once these
 * and all settings are fixed, asks for the beacon; then makes the first weights of a seed and commits to them.
 *
 * Errors: `BEACON_INVALID`, `BEACON_FAILED`, `VALUE_OUT_OF_RANGE`.
 */
export async function identify(
  prepared: Prepared,
  srs: Srs,
  pool: ProofExecutor,
  salts: Uint8Array,
  options: Pick<CreateOptions, 'onPrepare' | 'transcript' | 'beacon'>,
): Promise<Identified> {
  const { transcript = SESSION_TRANSCRIPT } = options;
  const { architecture, window, genesis, data, start } = prepared;
  const pair = await circomlibPair();
  const total = data.shards + (prepared.base ? 4 : 3);
  let done = 0;
  const count = <T>(value: T, what: string): T => {
    options.onPrepare?.(what, ++done, total);
    return value;
  };
  const commitFirst = ({ weights, salt }: Checkpoint) =>
    pool
      .run({ kind: 'commitWeights', spec: window.spec, weights, salt })
      .then((r) => count(r.digest!, 'committing to the first weights'));
  const committed = await commitments(prepared, pool, salts, count, commitFirst);
  const fixed = {
    nonce: `0x00${randomBytes(31).toString('hex')}`,
    spec: window.spec,
    genesisSpec: genesis.spec,
    eta: prepared.eta.toString(),
    ...(architecture.schedule && { schedule: architecture.schedule }),
    start,
    ...(committed.base && { base: committed.base.digest }),
    // Left out where it is what is meant without it: one way to write a run down.
    ...(transcript !== DEFAULT_TRANSCRIPT && { transcript }),
    srs: { k: srs.k, hash: srs.hash, development: srs.development },
    keys: committed.keys,
  };
  const { shards } = committed;
  const datasetRoot = merkleRoot(shards, pair);
  const known = { ...fixed, datasetRoot, genesis: committed.genesis ?? '' };
  const settings = settingsDigest(settingsOf(known, shards.length));
  const beacon = options.beacon && (await takeBeacon(options.beacon, { datasetRoot, settings }));
  const drawn = { datasetRoot, ...(beacon && { beacon }) };
  const first = prepared.first ?? {
    weights: seededWeights(window.spec, start as SeedStart, seedOf(drawn, settings, 'weights')),
    salt: seedOf(drawn, settings, 'weights salt'),
  };
  const run = completeRun(
    { ...fixed, shards, genesis: committed.genesis ?? (await commitFirst(first)), ...(beacon && { beacon }) },
    pair,
  );
  return { run, first, ...(committed.base && { base: committed.base }) };
}

/** What can be committed to before the beacon, all at once. */
async function commitments(
  { window, genesis, data, first, base }: Prepared,
  pool: ProofExecutor,
  salts: Uint8Array,
  count: <T>(value: T, what: string) => T,
  commitFirst: (first: Checkpoint) => Promise<string>,
) {
  const shards = Array.from({ length: data.shards }, (_, s) =>
    pool
      .run({ kind: 'commitData', spec: window.spec, ...copy(data.shard(s)), salt: saltOf(salts, s) })
      .then((r) => count(r.digest!, 'committing to the data')),
  );
  const keys = [window.spec, genesis.spec].map((spec) =>
    pool.run({ kind: 'vkDigest', spec }).then((r) => count(r.digest!, 'deriving the keys')),
  );
  const frozen =
    base &&
    commitBase(pool, window.spec, base.weights, base.salt).then((b) => count(b, 'committing to the base'));
  const [leaves, [windowKey, genesisKey], given, committedBase] = await Promise.all([
    Promise.all(shards),
    Promise.all(keys),
    first && commitFirst(first),
    frozen,
  ]);
  return {
    shards: leaves,
    keys: { window: windowKey!, genesis: genesisKey! },
    genesis: given,
    base: committedBase,
  };
}
