import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isPotError, PotError } from '@proof-of-training/errors';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { FORK_FORMAT, type ForkReport } from '../checkpoint/fork.js';
import { folderSource, writeFiles } from '../log/files.js';
import { takeLease } from '../log/lease.js';
import type { LogSource } from '../merkle/tileReader.js';
import { keyNotePath, PublicLog } from '../public/publicLog.js';
import { copyEntries } from './copy.js';

/** What `mirrorLog` takes. */
export interface MirrorOptions {
  /** Folder of the mirror: `public` in it is the copy, for any web server; begun where it is not there. */
  dir: string;
  /** Both keys of the log, pinned. */
  vkeys: readonly string[];
  /** Checkpoints that the log must continue besides the mirror's own: of other mirrors, of an anchor. */
  known?: readonly string[];
  /** How long to wait for another process that writes the mirror; default 0. */
  waitMs?: number;
  onProgress?: (entries: number) => void;
  signal?: AbortSignal;
}

/** What a mirror has. */
export interface Mirrored {
  dir: string;
  origin: string;
  /** Entries before. */
  from: number;
  /** Entries now. */
  size: number;
  /** The checkpoint, as the log has signed it. */
  note: string;
}

const schema = z.object({
  dir: z.string().min(1),
  vkeys: z.array(z.string()).length(2),
  known: z.array(z.string()).optional(),
  waitMs: z.int().min(0).optional(),
  onProgress: z.function().optional(),
  signal: z.instanceof(AbortSignal).optional(),
} satisfies ShapeFor<MirrorOptions>);

/**
 * Copies what a log has published since the last time, and believes none of it: entries are hashed anew, and must lead from the state that the
 * mirror has to the one that is signed. What does not is refused, the mirror stays as it is, and of a fork there is a report in
 * `mirror/forks` that convinces everyone (`verifyFork`); `details.report` of the error names it.
 *
 * Errors: `LEDGER_FORKED`, `LEDGER_ROLLED_BACK`, `LEDGER_ALTERED`, `LEDGER_CUT`, `LEDGER_TILE`, `LEDGER_KEYS`, `LEDGER_SOURCE`; those of
 * `PublicLog.open`; `LEDGER_LOCKED`, `LEDGER_WRITE`, `OPTION_*`.
 *
 * @param source the log's public files: `fetchSource`, `folderSource`
 *
 * @example
 * const { from, size } = await mirrorLog(fetchSource('https://example.com/log/'), { dir: 'mirror', vkeys });
 */
export async function mirrorLog(source: LogSource, options: MirrorOptions): Promise<Mirrored> {
  checkOptions(schema, options, 'mirrorLog');
  const { dir, vkeys, known = [], waitMs = 0 } = options;
  const lease = await takeLease(join(dir, 'mirror'), waitMs, () => {}).catch(asWriteError(dir));
  try {
    const before = await openMirror(dir, vkeys);
    const own = before ? [before.checkpoint.note] : [];
    const now = await PublicLog.open(source, { vkeys, known: [...own, ...known] }).catch((e) =>
      reportFork(e, dir, source),
    );
    requireSameKeys(before?.keyNotes ?? [], now.keyNotes);
    const { origin, size, note } = now.checkpoint;
    const from = before?.checkpoint.size ?? 0;
    if (!before || size > from) {
      await update(dir, { source, from: before, to: now }, options).catch(asWriteError(dir));
    }
    return { dir, origin, from, size, note };
  } finally {
    await lease.release();
  }
}

/** The state of a mirror; undefined where there is none yet. Errors: those of `PublicLog.open`. */
export async function openMirror(dir: string, vkeys: readonly string[]): Promise<PublicLog | undefined> {
  const source = folderSource(join(dir, 'public'));
  if (!(await source.read('checkpoint', Number.MAX_SAFE_INTEGER))) return undefined;
  return PublicLog.open(source, { vkeys });
}

async function update(
  dir: string,
  states: { source: LogSource; from: PublicLog | undefined; to: PublicLog },
  { onProgress, signal }: MirrorOptions,
): Promise<void> {
  const folder = join(dir, 'public');
  const told = { ...(onProgress && { onProgress }), ...(signal && { signal }) };
  const full = await copyEntries(folder, states, told);
  const { keyNotes, checkpoint } = states.to;
  await writeFiles(
    folder,
    keyNotes.map((bytes, number) => ({ path: keyNotePath(number), bytes })),
  );
  // Last: with it the mirror has the new state.
  await writeFiles(folder, [{ path: 'checkpoint', bytes: checkpoint.note }]);
  for (const { path } of full) await rm(`${join(folder, path)}.p`, { recursive: true, force: true });
}

/** Notes about keys that the mirror has stay what they are: pins may be of any later pair. */
function requireSameKeys(before: readonly string[], now: readonly string[]): void {
  if (before.every((note, i) => note === now[i])) return;
  throw new PotError('LEDGER_KEYS', 'the log shows other notes about keys than the mirror has', {
    hint: 'Nothing was taken. Somebody holds old keys of the log, or its source lacks files in keys/.',
  });
}

/** Writes what shows a fork, and throws. */
async function reportFork(e: unknown, dir: string, source: LogSource): Promise<never> {
  if (!isPotError(e, 'LEDGER_FORKED')) throw e;
  const { notes, path } = e.details as { notes: [string, string]; path?: string[] };
  const keys: string[] = [];
  for (let bytes = await source.read(keyNotePath(0), 1 << 18); bytes; ) {
    keys.push(new TextDecoder().decode(bytes));
    bytes = await source.read(keyNotePath(keys.length), 1 << 18);
  }
  const report: ForkReport = { format: FORK_FORMAT, keys, notes, ...(path && { path }) };
  const content = `${JSON.stringify(report)}\n`;
  const name = `${createHash('sha256').update(content).digest('hex').slice(0, 16)}.json`;
  const folder = join(dir, 'mirror', 'forks');
  await writeFiles(folder, [{ path: name, bytes: content }]);
  throw new PotError('LEDGER_FORKED', e.shortMessage, {
    details: { ...e.details, report: join(folder, name) },
    hint: 'The mirror stays as it is. Publish the report: it convinces everyone who has the keys of the log.',
    cause: e,
  });
}

const asWriteError =
  (dir: string) =>
  (cause: unknown): never => {
    const { code } = cause as NodeJS.ErrnoException;
    if (isPotError(cause) || typeof code !== 'string' || !/^E[A-Z]+$/.test(code)) throw cause;
    throw new PotError('LEDGER_WRITE', 'the mirror cannot be written', {
      details: { dir, reason: code },
      cause,
      hint: 'Give a folder that this user may write, with space left, and run it again.',
    });
  };
