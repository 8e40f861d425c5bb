/** A process that does an engine's jobs: started by {@link ProcessPool}, and killed where a job must end. */
import { asPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { Job, Reply, Setup, Take } from '../jobs/job.js';
import { perform } from '../jobs/perform.js';
import type { FromProcess, ToProcess } from './messages.js';

let setup: Setup | undefined;
let answer: ((counted: Extract<ToProcess, { counted: unknown }>['counted']) => void) | undefined;

const send = (message: FromProcess) => process.send!(message);

/** The count is kept where the opening is. */
const take: Take = async (most) => {
  const counted = await new Promise<Parameters<NonNullable<typeof answer>>[0]>((resolve) => {
    answer = resolve;
    send({ take: most });
  });
  if (counted.ok) return counted.used;
  throw PotError.fromJSON(counted.error);
};

async function replyTo(job: Job): Promise<Reply> {
  try {
    return { ok: true, result: await perform(setup!, job, take) };
  } catch (e) {
    return { ok: false, error: asPotError(e).toJSON() };
  }
}

process.on('message', async (message: ToProcess) => {
  if ('setup' in message) setup = message.setup;
  else if ('counted' in message) answer?.(message.counted);
  else send({ reply: await replyTo(message.job) });
});
// An engine that was killed leaves nobody to work for.
process.on('disconnect', () => process.exit(0));
