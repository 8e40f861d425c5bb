import { randomUUID } from 'node:crypto';
import { chmod, lstat, readFile, rename, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { makeFolder } from '@proof-of-training/halo2-wasm/node';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { digestOnDisk } from '../artefact.js';
import { digestOfBytes, nameSchema } from '../events/digest.js';
import { isRelease, type Quarantined, releaseText } from '../lineage/quarantineState.js';
import type { Appended, EventLog } from '../log/eventLog.js';
import { syncFolder } from '../log/files.js';
import { parseVkey } from '../note/key.js';
import { formatNote, signNote } from '../note/note.js';
import { parseSigner } from '../note/signer.js';
import { quarantineOf, requireFree } from './state.js';

/** What `quarantine` takes. */
export interface QuarantineOptions {
  /** File or folder, on the file system of the log. */
  path: string;
  /** One line. */
  reason: string;
  /** Keys of which each may release it, as vkeys. */
  releaseKeys: readonly string[];
}

/** What `release` takes. */
export interface ReleaseOptions {
  /** Id of the event that put it there. */
  quarantine: string;
  /** A note of `signRelease`. */
  note: string;
  /** Where it goes; nothing may be there. */
  to: string;
}

const schema = z.object({
  path: z.string().min(1),
  reason: nameSchema,
  releaseKeys: z.array(z.string()).min(1).max(16),
} satisfies ShapeFor<QuarantineOptions>);
const releaseSchema = z.object({
  quarantine: z.string().min(1),
  note: z.string().min(1),
  to: z.string().min(1),
} satisfies ShapeFor<ReleaseOptions>);

/**
 * Puts a file or folder into quarantine: records it, then moves it at once into the log's private/quarantine, where it and the folder have no
 * permissions. From the event on `readArtefact`, `record` and `recordCommand` refuse this content, wherever a copy of it lies.
 *
 * Errors: `OPTION_*`, `LEDGER_KEY_INVALID`, `LEDGER_ARTEFACT`, `LEDGER_QUARANTINE` (links, another file system): nothing was recorded; that it
 * cannot be moved after all: it was; those of `EventLog.append`.
 *
 * @example
 * const { id } = await quarantine(log, { path: 'rows.csv', reason: 'not licensed', releaseKeys: [vkey] });
 */
export async function quarantine(
  log: EventLog,
  options: QuarantineOptions,
): Promise<Appended & { artefact: string }> {
  checkOptions(schema, options, 'quarantine');
  const { path, reason, releaseKeys } = options;
  for (const key of releaseKeys) parseVkey(key);
  const folder = join(log.dir, 'private', 'quarantine');
  makeFolder(folder, 0o700);
  await requireMovable(path, folder);
  const event = (artefact: string) => ({
    type: 'quarantine',
    fields: { artefact, name: basename(resolve(path)), reason, releaseKeys },
  });
  const { digest } = await digestOnDisk(path);
  const id = randomUUID();
  const appended = await log.append({ ...event(digest), id });
  const now = await move(path, join(folder, id), folder).catch((cause) => {
    throw failed('it is recorded, and cannot be moved', cause);
  });
  // Changed between the hash and the move: both contents are in quarantine.
  if (now !== digest) await log.append(event(now));
  return { ...appended, artefact: digest };
}

/** Moves it, and gives the digest of what was moved. */
async function move(path: string, to: string, folder: string): Promise<string> {
  await chmod(folder, 0o700);
  try {
    await rename(path, to);
    await syncFolder(folder);
    await syncFolder(dirname(resolve(path)));
    const { digest } = await digestOnDisk(to);
    await chmod(to, 0);
    return digest;
  } finally {
    await chmod(folder, 0);
  }
}

async function requireMovable(path: string, folder: string): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink()) throw failed('it is a link: give what it leads to');
  if (found && found.dev !== (await stat(folder)).dev)
    throw failed('it lies on another file system than the log, from which nothing moves at once');
}

/**
 * The note that releases, signed by a key that the quarantine names. Errors: `LEDGER_KEY_INVALID`.
 *
 * @param signer as `generateLogKeys` gives it, or Go's note
 *
 * @example
 * const note = signRelease(log.origin, { id, artefact }, signer);
 */
export function signRelease(origin: string, held: { id: string; artefact: string }, signer: string): string {
  return formatNote(signNote(releaseText(origin, held), [parseSigner(signer)]));
}

/**
 * Takes something out of quarantine, by a note that one of its keys has signed: records that, then moves it. A note of another quarantine, also
 * of the same content, is refused.
 *
 * Errors: `OPTION_*`, `LEDGER_QUARANTINE`, those of `EventLog.append`.
 *
 * @example
 * await release(log, { quarantine: id, note: signRelease(log.origin, { id, artefact }, signer), to: 'rows.csv' });
 */
export async function release(log: EventLog, options: ReleaseOptions): Promise<Appended> {
  checkOptions(releaseSchema, options, 'release');
  const { quarantine: id, note, to } = options;
  const held = [...(await quarantineOf(log)).values()].flat().find((one) => one.id === id);
  if (!held) throw failed('nothing is held by an event of this id');
  if (!isRelease(log.origin, held, note))
    throw failed('the note is not signed by one of its keys, or about another thing');
  if (await lstat(to).catch(() => undefined)) throw failed('where it would go there is something already');
  const fields = { artefact: held.artefact, quarantine: id, note };
  const appended = await log.append({ type: 'quarantine.release', fields });
  await moveOut(log, held, to).catch((cause) => {
    throw failed('its release is recorded, and it cannot be moved', cause);
  });
  return appended;
}

async function moveOut(log: EventLog, { id }: Quarantined, to: string): Promise<void> {
  const folder = join(log.dir, 'private', 'quarantine');
  await chmod(folder, 0o700);
  try {
    const from = join(folder, id);
    await chmod(from, (await stat(from)).isDirectory() ? 0o700 : 0o600);
    await rename(from, to);
  } finally {
    await chmod(folder, 0);
  }
}

/**
 * The content of a file that is not in quarantine. What is compared is what is given. Errors: `LEDGER_ARTEFACT`, `LEDGER_QUARANTINED`.
 *
 * @example
 * const rows = await readArtefact(log, 'rows.csv');
 */
export async function readArtefact(log: EventLog, path: string): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((cause) => {
    throw new PotError('LEDGER_ARTEFACT', `${path} cannot be read`, { cause });
  });
  await requireFree(log, digestOfBytes(bytes));
  return new Uint8Array(bytes);
}

function failed(why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_QUARANTINE', `the artefact cannot be moved into or out of quarantine: ${why}`, {
    hint: 'The log says what is in quarantine: pot audit timeline.',
    ...(cause !== undefined && { cause }),
  });
}
