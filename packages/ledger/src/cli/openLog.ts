import { say } from '@proof-of-training/core/cli';
import type { EventLog } from '../log/eventLog.js';
import { readKeys } from './keyFiles.js';

/** What every command that opens a log is told. */
export interface LogFlags {
  keys: string;
  waitMs?: number;
}

/** Opens a log, does something with it, and closes it whatever happens. Errors: those of `readKeys` and `EventLog.open`. */
export async function withLog<T>(
  dir: string,
  { keys, waitMs = 10_000 }: LogFlags,
  work: (log: EventLog) => Promise<T>,
): Promise<T> {
  const signers = await readKeys(keys);
  // Loaded here, and not by each `pot`.
  const { EventLog: Log } = await import('../log/eventLog.js');
  const log = await Log.open({ dir, signers, waitMs, onWarning: say });
  try {
    return await work(log);
  } finally {
    await log.close();
  }
}
