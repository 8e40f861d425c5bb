import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { canonicalJson } from './event/canonical.js';
import { digestFrom, digestOfBytes, digestSchema } from './events/digest.js';

/** What went in or came out: a file or folder, bytes, a text, a value of JSON (hashed as RFC 8785), or a digest that is known. */
export type Artefact =
  | { path: string }
  | { bytes: Uint8Array }
  | { text: string }
  | { json: unknown }
  | { digest: string };

/** A file or folder on disk. */
export interface OnDisk {
  digest: string;
  size: number;
  /** Of a folder. */
  files?: number;
}

/** Hashed before a folder's files. */
const FOLDER = 'proof-of-training/ledger-folder@v1\n';
const MAX_FILES = 100_000;

/** The digest of an artefact. Errors: `LEDGER_ARTEFACT`, `LEDGER_EVENT`. */
export async function artefactDigest(artefact: Artefact): Promise<string> {
  if ('path' in artefact) return (await digestOnDisk(artefact.path)).digest;
  if ('bytes' in artefact) return digestOfBytes(artefact.bytes);
  if ('text' in artefact) return digestOfBytes(artefact.text);
  if ('json' in artefact) return digestOfBytes(canonicalJson(artefact.json));
  if (digestSchema.safeParse(artefact.digest).success) return artefact.digest;
  throw bad('a digest', 'is not sha256: or poseidon: and 64 hex digits');
}

/**
 * Digest and size of a file; of a folder the digest over names and digests of its files, in the order of the names (docs/protocol/events.md).
 * In a folder, links and what is neither file nor folder are refused: others could read something else there.
 *
 * Errors: `LEDGER_ARTEFACT`.
 *
 * @example
 * const { digest, size } = await digestOnDisk('data');
 */
export async function digestOnDisk(path: string): Promise<OnDisk> {
  const found = await stat(path).catch((cause) => {
    throw bad(path, 'cannot be read', cause);
  });
  if (found.isFile()) return hashFile(path);
  if (!found.isDirectory()) throw bad(path, 'is neither a file nor a folder');
  const files = await filesBelow(path);
  const whole = createHash('sha256').update(FOLDER);
  let size = 0;
  for (const name of files) {
    const one = await hashFile(join(path, name));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(name));
    whole
      .update(length)
      .update(name)
      .update(Buffer.from(one.digest.slice(7), 'hex'));
    size += one.size;
  }
  return { digest: digestFrom(whole.digest()), size, files: files.length };
}

async function hashFile(path: string): Promise<OnDisk> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    for await (const part of createReadStream(path, { highWaterMark: 1 << 20 })) {
      hash.update(part as Buffer);
      size += (part as Buffer).length;
    }
  } catch (cause) {
    throw bad(path, 'cannot be read', cause);
  }
  return { digest: digestFrom(hash.digest()), size };
}

/** Paths of a folder's files from it, with slashes, in the order of their UTF-8 bytes. */
async function filesBelow(root: string): Promise<string[]> {
  const all: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch((cause) => {
      throw bad(root, 'cannot be read', cause);
    });
    for (const entry of entries) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (/\p{Cs}|\ufffd/u.test(path)) throw bad(root, 'has a name that is not UTF-8');
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile()) all.push(path);
      else throw bad(root, 'has something in it that is neither a file nor a folder: a link, a pipe');
      if (all.length > MAX_FILES) throw bad(root, `has more than ${MAX_FILES} files`);
    }
  }
  return all.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Why something cannot be hashed. */
export function bad(what: string, why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_ARTEFACT', `${what} ${why}`, {
    hint: 'Give files and folders that are there and can be read. Nothing was recorded.',
    ...(cause !== undefined && { cause }),
  });
}
