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
