import { PotError } from '@proof-of-training/errors';
import { contentOf } from '#platform';

/** The powers of Aztec's Ignition ceremony that come with this package: enough for 2^14 rows. */
export const IGNITION = {
  /** log2 of the rows that they serve. */
  k: 14,
  powers: 16_387,
  /** Of the SRS that they make, of any size up to 2^14: what a run made with it names. */
  hash: '7802baf0280a9da8e8e9011779e8436df09b78933cedc57f29f20d8bbce2365b',
} as const;

const FILE = new URL('../../ceremony/ignition14.bin', import.meta.url);
let loaded: Promise<Uint8Array> | undefined;

/**
 * The compressed powers, in Node and in a browser, read once: 32 bytes for each [tau^i]_1 (x little-endian, the parity of y in
 * bit 254), then 64 for [tau]_2 in the same way. They are not checked here: whoever expands them checks the powers, and
 * that the SRS has {@link IGNITION}'s hash. Do not write into what it gives.
 *
 * Errors: `SRS_FILE` where the file is missing or has another size.
 *
 * @example
 * const bytes = halo2.srsImport(await ignitionPowers(), 12);
 */
export function ignitionPowers(): Promise<Uint8Array> {
  loaded ??= read().catch((e) => {
    loaded = undefined;
    throw e;
  });
  return loaded;
}

async function read(): Promise<Uint8Array> {
  const bytes = await contentOf(FILE, 'ignition').catch((cause) => {
    throw damaged('cannot be read', cause);
  });
  const expected = 32 * IGNITION.powers + 64;
  if (bytes.byteLength !== expected) throw damaged(`has ${bytes.byteLength} bytes, not ${expected}`);
  return bytes;
}

function damaged(how: string, cause?: unknown): PotError {
  return new PotError('SRS_FILE', `the ceremony's powers that come with this package: the file ${how}`, {
    ...(cause !== undefined && { cause }),
    hint: 'Install the package again; it must hold ceremony/ignition14.bin.',
  });
}
