import { PotError } from '@proof-of-training/halo2-wasm';
import { chainError } from '../contracts/errors.js';
import { readStatement } from '../statement/statement.js';
import type { Connection } from './connect.js';
import type { ClientOptions } from './options.js';
import type { Registry } from './registry.js';
import type { VerifierEntry } from './types.js';

/** Whom a client trusts. */
type Trust = Pick<ClientOptions, 'trustedVerifiers' | 'allowDevelopmentSrs'>;

/** A verifier of the registry that is trusted. Errors: `REGISTRY_VERIFIER_UNKNOWN`, those of {@link requireTrusted}. */
export async function trustedVerifier(registry: Registry, id: string, trust: Trust): Promise<VerifierEntry> {
  const verifier = await registry.verifier(id);
  if (!verifier) {
    throw new PotError('REGISTRY_VERIFIER_UNKNOWN', 'the registry does not know this verifier', {
      details: { id },
    });
  }
  requireTrusted(verifier, trust);
  return verifier;
}

/** The verifier's id of the run that a statement is about. Errors: `REGISTRY_RUN_UNKNOWN`. */
export async function verifierOf(registry: Registry, calldata: string): Promise<string> {
  const { runId } = readStatement(calldata);
  const run = await registry.run(runId);
  if (run) return run.verifierId;
  throw new PotError('REGISTRY_RUN_UNKNOWN', 'no run with this id is registered', { details: { runId } });
}

/** Errors: `VERIFIER_UNTRUSTED`, `SRS_DEVELOPMENT_REFUSED`. */
export function requireTrusted(
  { codeHash, development }: Pick<VerifierEntry, 'codeHash' | 'development'>,
  { trustedVerifiers, allowDevelopmentSrs }: Trust,
): void {
  if (trustedVerifiers && !trustedVerifiers.includes(codeHash)) {
    throw new PotError('VERIFIER_UNTRUSTED', 'the verifier has code that you did not name as trusted', {
      details: { codeHash },
    });
  }
  if (development && !allowDevelopmentSrs) {
    throw new PotError('SRS_DEVELOPMENT_REFUSED', 'the verifier is made with the INSECURE development SRS', {
      hint: 'Everybody can forge proofs for it. Allow it (allowDevelopmentSrs) for experiments only.',
    });
  }
}

/** Asks a verifier alone whether it accepts a statement: sends nothing. Errors: those of the connection. */
export async function accepts(connection: Connection, verifier: string, calldata: string): Promise<boolean> {
  try {
    await connection.read(() => connection.provider.call({ to: verifier, data: calldata }));
    return true;
  } catch (e) {
    if (chainError(e).code === 'CHAIN_REVERTED') return false;
    throw e;
  }
}
