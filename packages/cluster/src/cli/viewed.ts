import { loadConfig } from '@proof-of-training/core';
import { PotError } from '@proof-of-training/errors';
import type { QueueStateOptions } from '../queue/state.js';

/** The queue that a command looks at, by its flags or else by the configuration. Errors: `OPTION_INVALID`; those of `loadConfig`. */
export async function viewed(
  command: string,
  flags: { queue?: string; workerList?: string },
): Promise<[url: string, options: QueueStateOptions]> {
  const { prover } = await loadConfig();
  const url = flags.queue ?? prover.queue;
  const workerList = flags.workerList ?? prover.workerList;
  if (!url) {
    throw new PotError('OPTION_INVALID', `${command} needs --queue (or ZK_QUEUE)`, {
      details: { option: '--queue' },
    });
  }
  return [url, workerList === undefined ? {} : { workerList }];
}
