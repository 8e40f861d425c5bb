import { PotError } from '@proof-of-training/halo2-wasm';

/** Of every file that this library writes: docs/protocol/bundle-format.md. */
export const FORMAT_VERSION = 2;

/**
 * Refuses a file of another version, or of none.
 *
 * Errors: `FORMAT_VERSION`.
 */
export function requireVersion(value: unknown): void {
  const { version } = (value ?? {}) as { version?: unknown };
  if (version === FORMAT_VERSION) return;
  const said = typeof version === 'number' ? String(version) : typeof version;
  throw new PotError('FORMAT_VERSION', `format version ${said} is not supported, only ${FORMAT_VERSION}`, {
    details: { supported: FORMAT_VERSION },
    hint:
      version === 1
        ? 'Version 1 is of proof-of-training 0.1: use that, or make the run again (CHANGELOG.md says what differs).'
        : 'Use the version of this library that the file was made with.',
  });
}
