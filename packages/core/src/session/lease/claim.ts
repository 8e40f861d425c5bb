import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { placeSchema } from './place.js';

/** The folder of claims in a run's folder. */
export const LOCK = 'lock';

const FORMAT = 'proof-of-training/lease';
const VERSION = 1;

/** lock/N.json: who has the run as its N-th owner. Never written twice, but by its owner, who gives it up. */
export const claimSchema = z.strictObject({
  format: z.literal(FORMAT),
  version: z.literal(VERSION),
  generation: z.int().min(1),
  /** 32 random hex digits. */
  owner: z.string().regex(/^[0-9a-f]{32}$/),
  /** The owner has given it up. */
  released: z.boolean(),
  /** Milliseconds between two heartbeats. */
  beatMs: z.int().min(10).max(60_000),
  place: placeSchema,
});

export type Claim = z.infer<typeof claimSchema>;

/** What a claim's file says. `other`: it was made by a version that this one does not know. */
export type ReadClaim =
  | { kind: 'claim'; claim: Claim }
  | { kind: 'other'; version: unknown }
  | { kind: 'unreadable' };

export function newClaim(values: Omit<Claim, 'format' | 'version' | 'released'>): Claim {
  return { format: FORMAT, version: VERSION, released: false, ...values };
}

export function encodeClaim(claim: Claim): string {
  return `${JSON.stringify(claim)}\n`;
}

/** Errors: Node's, where the file system does not tell. */
export async function readClaim(dir: string, generation: number): Promise<ReadClaim> {
  const bytes = await readFile(claimPath(dir, generation)).catch(absent);
  // Taken away in this moment.
  if (!bytes) return { kind: 'unreadable' };
  try {
    const value = readStrictJson(bytes) as { format?: unknown; version?: unknown } | undefined;
    const parsed = claimSchema.safeParse(value);
    if (parsed.success && parsed.data.generation === generation) return { kind: 'claim', claim: parsed.data };
    if (value?.format === FORMAT && Number.isInteger(value.version) && value.version !== VERSION) {
      return { kind: 'other', version: value.version };
    }
  } catch {
    // Damaged.
  }
  return { kind: 'unreadable' };
}

/** The generations that have claims, lowest first. The highest is the run's owner, or was its last one. */
export async function generations(dir: string): Promise<number[]> {
  const names = await readdir(join(dir, LOCK));
  return names
    .flatMap((name) => /^(\d{6,15})\.json$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export function claimPath(dir: string, generation: number): string {
  return join(dir, LOCK, `${padded(generation)}.json`);
}

/** The owner's heartbeat: a number that grows, and a random one. */
export function beatPath(dir: string, generation: number): string {
  return join(dir, LOCK, `${padded(generation)}.beat`);
}

/** Undefined for what is not there (ESTALE: another host took it away). Throws where the file system does not tell. */
export function absent(e: NodeJS.ErrnoException): undefined {
  if (!['ENOENT', 'ESTALE', 'ENOTDIR'].includes(e.code ?? '')) throw e;
}

function padded(n: number): string {
  return String(n).padStart(6, '0');
}
