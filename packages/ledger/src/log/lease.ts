import { setTimeout as sleep } from 'node:timers/promises';
import { Lease } from '@proof-of-training/core/lease';
import { isPotError, PotError } from '@proof-of-training/errors';
import { makeFolder } from '@proof-of-training/halo2-wasm/node';

/** Between two looks at a log that another process writes. */
const LOOK_MS = 50;

/** The lease of a folder that one process writes at a time. Errors: `LEDGER_LOCKED`. */
export async function takeLease(
  dir: string,
  waitMs: number,
  onWarning: (message: string) => void,
): Promise<Lease> {
  makeFolder(dir, 0o700);
  for (const until = Date.now() + waitMs; ; await sleep(LOOK_MS)) {
    try {
      return await Lease.take(dir, { onWarning });
    } catch (e) {
      if (!isPotError(e, 'SESSION_LOCKED')) throw e;
      if (Date.now() < until) continue;
      throw new PotError('LEDGER_LOCKED', 'another process writes this log', {
        details: { dir, by: e.shortMessage },
        cause: e,
        hint: 'Wait until it ends, or give waitMs.',
      });
    }
  }
}
