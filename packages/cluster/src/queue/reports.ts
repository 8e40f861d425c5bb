import type { Redis } from 'ioredis';
import { z } from 'zod';
import { keys } from './names.js';

const KEPT = 1000;

const reportSchema = z.object({
  at: z.string(),
  /** A worker's proof that does not verify, or a job that was given up. */
  what: z.enum(['wrong proof', 'given up']),
  statement: z.string(),
  worker: z.string().optional(),
  cause: z.string(),
});

/** Something that a trainer found, for `pot cluster status`; secret is nothing in it. */
export type Report = z.infer<typeof reportSchema>;

export async function report(redis: Redis, said: Omit<Report, 'at'>): Promise<void> {
  const text = JSON.stringify({ at: new Date().toISOString(), ...said });
  await redis
    .multi()
    .lpush(keys.reports, text)
    .ltrim(keys.reports, 0, KEPT - 1)
    .exec();
}

/** The newest first. */
export async function reports(redis: Redis, count: number): Promise<Report[]> {
  const said = await redis.lrange(keys.reports, 0, count - 1);
  return said.flatMap((text) => {
    try {
      return [reportSchema.parse(JSON.parse(text))];
    } catch {
      return [];
    }
  });
}
