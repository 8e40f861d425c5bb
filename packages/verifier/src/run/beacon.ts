import { isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { firstIssue } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';

/** Any 32 bytes. */
const word = z.string().regex(/^0x[0-9a-f]{64}$/, 'must be 0x and 64 lower-case hex digits');

/** A published value, as a file of settings has it. */
export const valueBeaconSchema = z.strictObject({
  kind: z.literal('value'),
  value: word,
  /** Where it is published: for people, e.g. `drand round 4711`. It has no part in the seeds. */
  source: z.string().regex(/^[\x20-\x7e]{1,200}$/, 'must be 1 to 200 printable ASCII characters'),
});

/** A value that nobody knew when dataset root and settings were published. */
export const beaconSchema = z.discriminatedUnion('kind', [
  valueBeaconSchema,
  z.strictObject({
    kind: z.literal('block'),
    chainId: z.int().min(0),
    /** Contract in which root and settings were announced. */
    registry: z.string().regex(/^0x[0-9a-fA-F]{40}$/, 'must be an address'),
    /** Number of the block whose hash is taken. */
    block: z.int().min(0),
    hash: word,
  }),
]);

export type Beacon = z.infer<typeof beaconSchema>;

/** What is fixed before a beacon is asked for. */
export interface FixedSettings {
  /** 0x hex: root of the dataset's tree. */
  datasetRoot: string;
  /** 0x hex: digest of everything else that fixes the run. */
  settings: string;
}

/** What a person is told whose beacon was known before root and settings were. */
export const KNOWN_BEACON_WARNING =
  'The beacon was known before dataset root and settings were fixed: nobody needs to believe that the order was not chosen. Give a function, which is called when both can be published.';

/** A value that is known already, or how to get it once root and settings are fixed and can be published. */
export type BeaconSource = Beacon | ((fixed: FixedSettings) => Beacon | Promise<Beacon>);

/**
 * Asks for the beacon.
 *
 * Errors: `BEACON_INVALID` for what is none; `BEACON_FAILED` where the source throws, with what it threw as its cause; a `PotError` of its own.
 */
export async function takeBeacon(source: BeaconSource, fixed: FixedSettings): Promise<Beacon> {
  return readBeacon(typeof source === 'function' ? await ask(source, fixed) : source);
}

/** Reads a beacon. Errors: `BEACON_INVALID`, with the first thing that is wrong. */
export function readBeacon(value: unknown): Beacon {
  const found = beaconSchema.safeParse(value);
  if (found.success) return found.data;
  throw new PotError('BEACON_INVALID', `a beacon, ${firstIssue(found.error).text}`, {
    hint: "{ kind: 'value', value: '0x…', source: 'where it is published' } or { kind: 'block', chainId, registry, block, hash }",
  });
}

async function ask(source: Exclude<BeaconSource, Beacon>, fixed: FixedSettings): Promise<unknown> {
  try {
    return await source({ ...fixed });
  } catch (cause) {
    if (isPotError(cause)) throw cause;
    throw new PotError('BEACON_FAILED', 'the beacon could not be had: its source failed', {
      cause,
      hint: 'No run has begun, and no data stay in its folder: create it again once the source answers. Root and settings will be others.',
    });
  }
}

/** The random part alone: the value, or the block's hash. */
export function beaconValue(beacon: Beacon): string {
  return beacon.kind === 'value' ? beacon.value : beacon.hash;
}
