import { join } from 'node:path';
import { isPotError, type PotError } from '@proof-of-training/errors';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { folderSource } from '../log/files.js';
import type { LogSource } from '../merkle/tileReader.js';
import { fetchSource } from '../public/fetchSource.js';
import { PublicLog } from '../public/publicLog.js';
import { type Mirrored, mirrorLog, openMirror } from './mirrorLog.js';

/** Mirrors of a log, unless another number is asked for. */
const MIRRORS = 3;

/** What `mirrorAll` takes. */
export interface MirrorAllOptions {
  /** Where the log is read: addresses, or folders with its public files. Mirror n reads the n-th, and begins again after the last. */
  sources: readonly string[];
  /** Folder in which the mirrors lie, named 1, 2, 3, ... */
  dir: string;
  /** Both keys of the log, pinned. */
  vkeys: readonly string[];
  /** How many; default 3. */
  count?: number;
  /** Checkpoints that the log must continue. */
  known?: readonly string[];
  waitMs?: number;
}

/** What became of a mirror. */
export type MirrorResult = ({ ok: true } & Mirrored) | { ok: false; dir: string; failure: PotError };

const schema = z.object({
  sources: z.array(z.string().min(1)).min(1).max(100),
  dir: z.string().min(1),
  vkeys: z.array(z.string()).length(2),
  count: z.int().min(1).max(100).optional(),
  known: z.array(z.string()).optional(),
  waitMs: z.int().min(0).optional(),
} satisfies ShapeFor<MirrorAllOptions>);

/**
 * Brings several mirrors of a log up to date, each from its source, and compares them: a log that shows different histories to different
 * readers, or an older state than any mirror had, is refused there. Each mirror that can go on does.
 *
 * Errors: `OPTION_*`; those of each mirror are in its result.
 *
 * @example
 * const results = await mirrorAll({ sources: ['https://example.com/log/'], dir: 'mirrors', vkeys });
 * console.log(results.every(({ ok }) => ok));
 */
export async function mirrorAll(options: MirrorAllOptions): Promise<MirrorResult[]> {
  checkOptions(schema, options, 'mirrorAll');
  const { sources, dir, vkeys, count = MIRRORS, known = [], waitMs } = options;
  const dirs = Array.from({ length: count }, (_, i) => join(dir, String(i + 1)));
  const believed: string[] = [...known];
  // One that is damaged says so when its turn comes.
  for (const one of dirs) {
    const mirror = await openMirror(one, vkeys).catch(() => undefined);
    if (mirror) believed.push(mirror.checkpoint.note);
  }
  const results: MirrorResult[] = [];
  for (const [i, one] of dirs.entries()) {
    const told = { dir: one, vkeys, known: believed, ...(waitMs !== undefined && { waitMs }) };
    const source = sourceOf(sources[i % sources.length]!);
    results.push(await settled(one, async () => ({ ok: true, ...(await mirrorLog(source, told)) })));
  }
  return compared(results, vkeys);
}

/** The public files of a log at an address or in a folder. */
export function sourceOf(place: string): LogSource {
  return /^https?:\/\//.test(place) ? fetchSource(place) : folderSource(place);
}

/** Each against those that are not larger: two sources may have shown two histories since the last time. */
async function compared(results: readonly MirrorResult[], vkeys: readonly string[]): Promise<MirrorResult[]> {
  return Promise.all(
    results.map((result) =>
      settled(result.dir, async () => {
        if (!result.ok) return result;
        const notes = results.flatMap((one) => (one.ok && one.size <= result.size ? [one.note] : []));
        await PublicLog.open(folderSource(join(result.dir, 'public')), { vkeys, known: notes });
        return result;
      }),
    ),
  );
}

async function settled(dir: string, work: () => Promise<MirrorResult>): Promise<MirrorResult> {
  try {
    return await work();
  } catch (e) {
    if (!isPotError(e)) throw e;
    return { ok: false, dir, failure: e as PotError };
  }
}
