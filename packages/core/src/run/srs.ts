import type { Ceremony } from 'halo2-wasm';
import { PotError } from 'halo2-wasm';
import type { Srs } from 'halo2-wasm/node';
import type { Run } from './identity.js';

/** What proves more of a run must be the string that the run names. Errors: `SRS_MISMATCH`. */
export function requireStringOf(
  named: Run['srs'],
  given: Srs,
  message = 'the run was made with another reference string',
): void {
  if (given.hash === named.hash) return;
  throw new PotError('SRS_MISMATCH', message, { details: { run: named.hash, given: given.hash } });
}

/**
 * The bytes of a string that a caller gave: all that a verifier takes from it. What else an `Srs` says of itself is not
 * believed. Errors: `OPTION_INVALID` for anything else.
 */
export function bytesOf(given: Srs | Uint8Array): Uint8Array {
  const bytes: unknown = given instanceof Uint8Array ? given : (given as Srs | null)?.bytes;
  if (bytes instanceof Uint8Array) return bytes;
  throw new PotError('OPTION_INVALID', 'srs is neither a reference string nor the bytes of one', {
    details: { option: 'srs', type: given === null ? 'null' : typeof given },
    hint: 'Give what readSrs or importPtau returned, or its bytes.',
  });
}

/** A ceremony in words. */
export function ceremonyText({ name, about }: Ceremony): string {
  return `${name} (${about})`;
}
