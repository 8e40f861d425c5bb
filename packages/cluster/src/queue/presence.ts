import type { Redis } from 'ioredis';
import { z } from 'zod';
import { BELIEVED_MS, keys } from './names.js';

const presenceSchema = z.strictObject({
  id: z.string(),
  name: z.string().max(63),
  /** Proofs that it makes at once. */
  threads: z.int().min(1).max(1024),
  /** What its proofs may need together. */
  memoryBytes: z.number().min(0),
  /** Id of the store that it reads artefacts from. */
  store: z.string().max(200),
});

/** What a worker says of itself while it is there. Nobody vouches for it: it decides what is waited for, never what is believed. */
export type Presence = z.infer<typeof presenceSchema>;

export async function announce(redis: Redis, presence: Presence): Promise<void> {
  await redis.set(keys.worker(presence.id), JSON.stringify(presence), 'PX', BELIEVED_MS);
}

export async function leave(redis: Redis, id: string): Promise<void> {
  await redis.del(keys.worker(id));
}

/** Those of `ids` that are there. */
export async function present(redis: Redis, ids: readonly string[]): Promise<Presence[]> {
  if (ids.length === 0) return [];
  const said = await redis.mget(ids.map(keys.worker));
  return said.flatMap((text) => {
    try {
      return text === null ? [] : [presenceSchema.parse(JSON.parse(text))];
    } catch {
      return [];
    }
  });
}
