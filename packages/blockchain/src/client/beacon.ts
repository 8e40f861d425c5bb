import { isPotError, PotError, type PotErrorCode } from '@proof-of-training/halo2-wasm';
import type { Connection } from './connect.js';
import { type Ensurer, POLL_MS, pause } from './ensure.js';
import type { EnsureOptions } from './options.js';
import type { Registry } from './registry.js';

/** What is fixed before a run's beacon is known: 0x and 64 lower-case hexadecimal digits each. */
export interface FixedSettings {
  /** Root of the dataset's tree. */
  datasetRoot: string;
  /** Digest of everything else that fixes the run. */
  settings: string;
}

/** The hash of the block after the one in which dataset and settings were announced. */
export interface BlockBeacon {
  kind: 'block';
  chainId: number;
  /** The registry that has the announcement. */
  registry: string;
  /** Number of the block. */
  block: number;
  /** Its hash: 0x and 64 lower-case hexadecimal digits. */
  hash: string;
}

/**
 * Blocks between an announcement and its beacon. A fixed number: whoever could choose the block could try one after the other. Who makes
 * that one block can try all the same: its hash has free parts.
 */
export const BEACON_DELAY = 1;

/** Blocks, the beacon's included, that a verifier waits for unless told otherwise. */
export const BEACON_CONFIRMATIONS = 12;

const WORD = /^0x[0-9a-f]{64}$/;

/** Errors: `OPTION_INVALID`. */
export function requireFixed(fixed: FixedSettings): FixedSettings {
  for (const name of ['datasetRoot', 'settings'] as const) {
    if (typeof fixed?.[name] === 'string' && WORD.test(fixed[name])) continue;
    throw new PotError('OPTION_INVALID', `${name} must be 0x and 64 lower-case hexadecimal digits`, {
      details: { option: name },
    });
  }
  return { datasetRoot: fixed.datasetRoot, settings: fixed.settings };
}

/** Looks in a row at which the server refuses a block's log: so many are no reorganisation between two reads any more. */
const MAX_REFUSED_LOOKS = 3;

/** Looks at which an announcement is in no log of its block: so many are no race with the server any more. */
const MAX_UNLOGGED_LOOKS = 20;

/**
 * Announces and gives the beacon, once its block has its confirmations. Errors: `OPTION_INVALID`, `BEACON_LOG_MISSING`,
 * `CHAIN_DEADLINE`, those of `Ensurer`.
 */
export async function announce(
  connection: Connection,
  registry: Registry,
  writer: Ensurer,
  given: FixedSettings,
  options: EnsureOptions,
): Promise<BlockBeacon> {
  const fixed = requireFixed(given);
  const { datasetRoot, settings } = fixed;
  const since = Date.now();
  let unlogged = 0;
  let refused = 0;
  const logged = async (announcedIn: number): Promise<boolean> => {
    try {
      const is = await isLogged(connection, registry, fixed, announcedIn);
      refused = 0;
      return is;
    } catch (e) {
      // A reorganisation may have taken the block away since it was read, and servers refuse to be asked for one that is not there.
      if (!isPotError(e, 'CHAIN_FAILED') || ++refused > MAX_REFUSED_LOOKS) throw e;
      return false;
    }
  };
  const goal = {
    name: 'the block after the announcement',
    find: async () => {
      const value = await registry.announced(datasetRoot, settings);
      if (value === undefined) return undefined;
      if (await logged(value)) unlogged = 0;
      else if (++unlogged > MAX_UNLOGGED_LOOKS) throw logMissing(value);
      // The confirmations that count are those of the beacon's block, which may not be there yet; without its log nothing counts.
      return { value, blockNumber: unlogged === 0 ? value + BEACON_DELAY : Number.MAX_SAFE_INTEGER };
    },
    transaction: registry.encode('announce', [datasetRoot, settings]),
  };
  for (;;) {
    const { value: announcedIn } = await writer.ensure(goal, options, since);
    const found = await beaconAfter(connection, registry, announcedIn);
    // A reorganisation may come between the reads: then again.
    if (found && (await registry.announced(datasetRoot, settings)) === announcedIn) return found;
    await pause(options.pollMs ?? POLL_MS, options.signal);
  }
}

/**
 * Whether the chain's log has the announcement in the very block that the registry names. The registry has `block.number` as contracts see it,
 * and the beacon is a block as RPC servers count: only the log says that both are one numbering.
 */
export async function isLogged(
  { provider, read }: Connection,
  registry: Registry,
  { datasetRoot, settings }: FixedSettings,
  announcedIn: number,
): Promise<boolean> {
  // Servers may refuse to be asked for what is still to come.
  if ((await read(() => provider.getBlockNumber())) < announcedIn) return false;
  const blocks = await registry.announcements(datasetRoot, settings, announcedIn, announcedIn);
  return blocks.includes(announcedIn);
}

/** That registry and chain do not fit together. */
export function logMissing(announcedIn: number): PotError {
  return new PotError(
    'BEACON_LOG_MISSING',
    `the registry has the announcement in block ${announcedIn}, and the log of that block has none`,
    {
      details: { announcedIn },
      hint:
        'On this chain block.number in a contract is probably not the number that RPC servers count with (Arbitrum, Orbit chains): the ' +
        'block that would be the beacon may have been known before the announcement. Use another chain. Else the server keeps no logs so ' +
        'old: ask another one.',
    },
  );
}

/** The beacon of what was announced in `announcedIn`, from the chain as it is; undefined where its block is not there. */
async function beaconAfter(
  { provider, chainId, read }: Connection,
  registry: Registry,
  announcedIn: number,
): Promise<BlockBeacon | undefined> {
  const block = announcedIn + BEACON_DELAY;
  const found = await read(() => provider.getBlock(block));
  if (!found?.hash) return undefined;
  return { kind: 'block', chainId, registry: registry.address, block, hash: found.hash.toLowerCase() };
}

/**
 * Checks on the chain that a beacon is that of a dataset and settings: both were announced in this registry, in the block whose log
 * has it, the beacon's block is the one after, its hash is the given one, and it has its confirmations. However old the block is: headers are asked for, not the
 * contract's view of the last 256.
 *
 * Errors: `BEACON_KIND` for a value that no chain gives, `BEACON_CHAIN`, `BEACON_REGISTRY` for those of another chain or registry,
 * `BEACON_UNANNOUNCED`, `BEACON_LOG_MISSING` where the block that the registry names has no log of it, `BEACON_BLOCK` where the block is not the one after the announcement, `BEACON_HASH`, `BEACON_UNCONFIRMED`,
 * `OPTION_INVALID`, those of the connection.
 */
export async function requireBeacon(
  connection: Connection,
  registry: Registry,
  beacon: BlockBeacon,
  given: FixedSettings,
  confirmations: number,
): Promise<{ announcedIn: number }> {
  const fixed = requireFixed(given);
  const { kind, chainId, block, hash } = beacon;
  const refuse = (code: PotErrorCode, message: string, details: Record<string, unknown> = {}) => {
    throw new PotError(code, message, { details });
  };
  if (kind !== 'block') refuse('BEACON_KIND', 'this beacon is no block of a chain');
  if (chainId !== connection.chainId) {
    refuse('BEACON_CHAIN', 'the beacon is of another chain', {
      expected: connection.chainId,
      found: chainId,
    });
  }
  if (String(beacon.registry).toLowerCase() !== registry.address.toLowerCase()) {
    refuse('BEACON_REGISTRY', 'the beacon names another registry', {
      expected: registry.address,
      found: beacon.registry,
    });
  }
  const announcedIn = await registry.announced(fixed.datasetRoot, fixed.settings);
  if (announcedIn === undefined) {
    throw new PotError('BEACON_UNANNOUNCED', 'this dataset with these settings was never announced there');
  }
  if (!(await isLogged(connection, registry, fixed, announcedIn))) throw logMissing(announcedIn);
  if (block !== announcedIn + BEACON_DELAY) {
    refuse('BEACON_BLOCK', 'the beacon is not the block that follows the announcement', {
      announcedIn,
      expected: announcedIn + BEACON_DELAY,
      found: block,
    });
  }
  const now = await beaconAfter(connection, registry, announcedIn);
  if (now?.hash !== hash) {
    refuse('BEACON_HASH', `block ${block} of the chain has another hash`, {
      expected: now?.hash,
      found: hash,
    });
  }
  const height = await connection.read(() => connection.provider.getBlockNumber());
  if (height - block + 1 < confirmations) {
    throw new PotError('BEACON_UNCONFIRMED', `block ${block} is too young: a reorganisation may replace it`, {
      details: { wanted: confirmations, found: height - block + 1 },
      hint: 'Wait, or ask for fewer confirmations.',
    });
  }
  return { announcedIn };
}
