import type { QueueSettings } from '@proof-of-training/core';
import { Queue, QueueEvents } from 'bullmq';
import { openStore } from '../artefacts/openStore.js';
import { WorkerList } from '../identity/workerList.js';
import { connectRedis } from '../queue/connection.js';
import { PREFIX, QUEUE } from '../queue/names.js';
import type { AskParts } from './ask.js';
import { JobWatch } from './jobWatch.js';
import { Roster } from './roster.js';

/** A worker may have a job for so long: then another one gets it. */
const HOLD_MS = 3600_000;

export interface ConnectOptions {
  queue: QueueSettings;
  srs: Uint8Array;
  onWarning?: ((message: string) => void) | undefined;
}

/** What asking workers takes, connected. */
export interface ConnectedParts extends AskParts {
  disconnect(): Promise<void>;
}

/** Connects to a queue and its folder. Errors: `CLUSTER_QUEUE`, `CLUSTER_ARTEFACT`, `CLUSTER_IDENTITY`. */
export async function connectParts(
  { queue: settings, srs, onWarning = console.warn }: ConnectOptions,
  { holdMs = HOLD_MS }: { holdMs?: number } = {},
): Promise<ConnectedParts> {
  const list = await WorkerList.open(settings.workerList);
  const store = await openStore(settings.artefacts);
  const redis = await connectRedis(settings.url, onWarning);
  try {
    const roster = new Roster(list, redis, store);
    const [artefact] = await Promise.all([store.put(once(srs)), roster.look()]);
    const queue = new Queue(QUEUE, { connection: redis, prefix: PREFIX });
    const events = new QueueEvents(QUEUE, { connection: redis, prefix: PREFIX });
    // The connection itself says what is wrong with it, once.
    queue.on('error', () => {});
    events.on('error', () => {});
    await events.waitUntilReady();
    const watch = new JobWatch(queue, events);
    const disconnect = async () => {
      watch.close();
      await Promise.allSettled([queue.close(), events.close()]);
      redis.disconnect();
    };
    return { queue, watch, redis, store, roster, srs: artefact, holdMs, onWarning, disconnect };
  } catch (e) {
    redis.disconnect();
    throw e;
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
