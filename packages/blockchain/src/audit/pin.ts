import { PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import { sha256, toUtf8Bytes } from 'ethers';

/** What an auditor knows of a verifier: its code, and the key of the windows whose aggregates it takes. */
export interface VerifierIdentity {
  /** Keccak-256 of the verifier contract's code. */
  codeHash: string;
  /** Digest of the windows' verifying key. */
  windowKey: string;
}

/**
 * What an auditor pins: one hash of the verifier contract's code and of the key of the windows that it takes, as `aggregationPin` is
 * for aggregates.
 *
 * The code's hash alone would not do: no public input says whose windows went into a proof, so that a description of another
 * architecture could be put beside a true proof and its true verifier.
 *
 * Errors: `PIN_INVALID`.
 *
 * @returns 0x and 64 lower-case hexadecimal digits
 * @example
 * const report = await checkChain(client, file, { pins: [verifierPin({ codeHash, windowKey })] });
 */
export function verifierPin({ codeHash, windowKey }: VerifierIdentity): string {
  const pinned = {
    format: 'proof-of-training/verifier-pin/v1',
    codeHash: parsePin('codeHash', codeHash),
    windowKey: parsePin('windowKey', windowKey),
  };
  return sha256(toUtf8Bytes(canonicalJson(pinned)));
}

/**
 * The verifier and the windows' key are a pair that the auditor pinned. Errors: `VERIFIER_UNPINNED` where nothing is pinned,
 * `VERIFIER_UNTRUSTED`, `PIN_INVALID`.
 */
export function requirePinned(found: VerifierIdentity, pins: readonly string[] | undefined): void {
  if (!pins?.length) {
    throw new PotError(
      'VERIFIER_UNPINNED',
      "the run's owner chose the verifier, and you pinned none that you made or trust",
      {
        details: { ...found },
        hint:
          'Generate the verifier yourself from the specification, and give the hash of its code and the digest of the key of its ' +
          'windows: --verifier-code and --window-key, or both in one, --pin (pins: verifierPin).',
      },
    );
  }
  const pin = verifierPin(found);
  if (pins.some((given) => parsePin('pin', given) === pin)) return;
  throw new PotError(
    'VERIFIER_UNTRUSTED',
    "the verifier's code and the windows' key are not a pair that you pinned",
    { details: { ...found, pin } },
  );
}
