import { PotError } from '@proof-of-training/errors';

/** That a package is not what it must be: nothing of it is kept or recorded. */
export function refusedPackage(why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_PACKAGE', `the package is refused: ${why}`, {
    ...(cause !== undefined && { cause }),
    hint: 'Nothing was kept or recorded. Compare name, version and integrity with what its maker publishes.',
  });
}

/** That a registry gives no answer that can be used. */
export function noAnswer(host: string, what: string, cause?: unknown): PotError {
  return new PotError('LEDGER_SOURCE', `${host} does not give ${what}`, {
    details: { host },
    ...(cause !== undefined && { cause }),
    hint: 'Try again; check the name, the version and the address of the registry.',
  });
}
