import { PotError } from '@proof-of-training/halo2-wasm';
import type { Registry } from './registry.js';
import type { RegisteredRun, RunTerms } from './types.js';

/**
 * The run of these terms, where this account registered it; undefined where nobody did.
 *
 * Errors: `REGISTRY_RUN_EXISTS` where it is someone else's or has other terms.
 */
export async function findRun(
  registry: Registry,
  terms: RunTerms,
  owner: string,
): Promise<{ value: RegisteredRun; blockNumber: number } | undefined> {
  const run = await registry.run(terms.runId);
  if (run && (run.owner !== owner || differs(run, terms))) {
    throw new PotError(
      'REGISTRY_RUN_EXISTS',
      'a run with this id is registered by someone else or with other terms',
      {
        details: { runId: terms.runId, owner: run.owner, field: differs(run, terms) },
      },
    );
  }
  return run && { value: run, blockNumber: run.registeredBlock };
}

/** A stored commitment; undefined where it is not stored. */
export async function findCommitment(
  registry: Registry,
  commitment: string,
): Promise<{ value: string; blockNumber: number } | undefined> {
  const blockNumber = await registry.committed(commitment);
  return blockNumber === undefined ? undefined : { value: commitment, blockNumber };
}

/** Name of the first term in which a run differs; undefined where it does not. */
function differs(run: RegisteredRun, terms: RunTerms): string | undefined {
  return Object.entries(terms).find(([name, value]) => run[name as keyof RunTerms] !== value)?.[0];
}
