import { requireBytes, requireHalo2 } from '../argument.js';
import type { Halo2, SrsInfo } from '../halo2.js';
import { type Ceremony, ceremonyOf } from './known.js';

/** A structured reference string and what is known about it. */
export interface Srs extends SrsInfo {
  bytes: Uint8Array;
  /** The public ceremony that it comes from, where it is one that this library knows by its [tau]_2. */
  ceremony?: Ceremony;
}

/**
 * Checks an SRS and attaches size, hash, kind and ceremony to an SRS's bytes. Errors: `SRS_INVALID`, `SRS_SECRET_KNOWN`, `OPTION_INVALID`.
 *
 * @example
 * const { k, hash, development } = inspectSrs(await loadProver(), bytes);
 */
export function inspectSrs(halo2: Halo2, bytes: Uint8Array): Srs {
  requireHalo2(halo2, 'inspectSrs');
  requireBytes(bytes, 'inspectSrs', 'srs');
  const { k, hash, development } = halo2.srsInspect(bytes);
  const ceremony = ceremonyOf(bytes);
  return { bytes, k, hash, development, ...(ceremony && { ceremony }) };
}

/** As {@link inspectSrs}; undefined for an SRS that is none. */
export function tryInspect(halo2: Halo2, bytes: Uint8Array): Srs | undefined {
  try {
    return inspectSrs(halo2, bytes);
  } catch {
    return undefined;
  }
}
