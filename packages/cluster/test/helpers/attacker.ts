import { type Job, Worker } from 'bullmq';
import { FolderStore } from '../../src/artefacts/folderStore.js';
import { readIdentity, type WorkerIdentity } from '../../src/identity/identity.js';
import { signedText, VERSION } from '../../src/message/messages.js';
import { connectRedis } from '../../src/queue/connection.js';
import { BEAT_MS, PREFIX, QUEUE } from '../../src/queue/names.js';
import { announce } from '../../src/queue/presence.js';
import type { Site } from './cluster.js';

/** A worker of the list that answers as it likes: with keys that are real, over the real queue. */
export async function startAttacker(
  url: string,
  site: Site,
  name: string,
  answer: (job: Job, identity: WorkerIdentity) => unknown,
): Promise<{ jobs: number; close(): Promise<void> }> {
  const identity = await readIdentity(site.identities[name]!);
  const redis = await connectRedis(url, () => {});
  const { id: store } = await FolderStore.open(site.artefacts);
  const there = { id: identity.id, name, threads: 1, memoryBytes: 2 ** 40, store };
  await announce(redis, there);
  const beat = setInterval(() => void announce(redis, there).catch(() => {}), BEAT_MS);
  const attacker = { jobs: 0, close: async () => {} };
  const worker = new Worker(
    QUEUE,
    async (job) => {
      attacker.jobs++;
      return answer(job, identity);
    },
    { connection: redis, prefix: PREFIX, name: identity.id, lockDuration: 60_000 },
  );
  worker.on('error', () => {});
  attacker.close = async () => {
    clearInterval(beat);
    await worker.close(true);
    redis.disconnect();
  };
  return attacker;
}

/** A result as an honest worker would sign it, of whatever bytes. */
export function signedResult(statement: string, proof: Uint8Array, { id, sign }: WorkerIdentity): object {
  const text = Buffer.from(proof).toString('base64');
  return { version: VERSION, worker: id, proof: text, ms: 1, signature: sign(signedText(statement, text)) };
}
