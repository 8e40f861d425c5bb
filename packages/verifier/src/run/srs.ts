import { type Ceremony, IGNITION, PotError, type Srs } from '@proof-of-training/halo2-wasm';
import type { Run } from './schema.js';

/** What proves more of a run must be the string that the run names. Errors: `SRS_MISMATCH`. */
export function requireStringOf(
  named: Run['srs'],
  given: Srs,
  message = 'the run was made with another SRS',
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
  throw new PotError('OPTION_INVALID', 'srs is neither an SRS nor the bytes of one', {
    details: { option: 'srs', type: given === null ? 'null' : typeof given },
    hint: 'Give what readSrs or importPtau returned, or its bytes.',
  });
}

/** `SRS_NEEDED`: the string that a run names was not given, and it is not at hand with 2^k points. With what to do. */
export function neededOf({ hash }: Run['srs'], k: number): PotError {
  const give = `import it (pot srs import FILE --k ${k}) and give it (srs; --srs FILE)`;
  const hint =
    hash === IGNITION.hash
      ? `It is that of the Ignition ceremony, of which this library has the powers for 2^${IGNITION.k} rows. Get a larger file of it (docs/operate/cli.md, pot srs), ${give}.`
      : `From its powers-of-tau file, ${give}.`;
  return new PotError('SRS_NEEDED', `2^${k} points of the SRS ${hash} are needed`, {
    details: { hash, k },
    hint,
  });
}

/** A ceremony in words. */
export function ceremonyText({ name, about }: Ceremony): string {
  return `${name} (${about})`;
}
