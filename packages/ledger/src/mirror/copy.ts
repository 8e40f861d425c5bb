import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { same } from '../bytes.js';
import { folderSource, writeFiles } from '../log/files.js';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { TILE_WIDTH } from '../merkle/tile.js';
import { type LogSource, TileReader } from '../merkle/tileReader.js';
import { type TileFile, TreeBuilder } from '../merkle/treeBuilder.js';
import type { PublicLog } from '../public/publicLog.js';
import { requireRotation, rotationsOf } from '../public/verifyTree.js';

/** Full tiles and bundles that are written together. */
const BATCH = 64;

/** What a copy is told. */
export interface CopyOptions {
  onProgress?: (entries: number) => void;
  signal?: AbortSignal;
}

/**
 * Copies the entries that a folder does not have, computes their tiles itself, and writes all of it but the checkpoint: what a reader of the
 * folder sees is its old state still. What fails takes away what it has written.
 *
 * Errors: `LEDGER_ALTERED` where entries or the folder's own files are not what is signed, `LEDGER_CUT`, `LEDGER_TILE`, `LEDGER_SOURCE`,
 * `LEDGER_KEYS`; those of the file system.
 */
export async function copyEntries(
  folder: string,
  { source, from, to }: { source: LogSource; from: PublicLog | undefined; to: PublicLog },
  { onProgress, signal }: CopyOptions = {},
): Promise<TileFile[]> {
  const full: TileFile[] = [];
  const written: TileFile[] = [];
  const tree = await resume(folder, from, (file) => full.push(file));
  const rotations = rotationsOf(to.keyNotes);
  const { size, root } = to.checkpoint;
  const reader = new TileReader(source, size);
  const flush = async () => {
    const files = full.splice(0);
    written.push(...files);
    await writeFiles(folder, files);
  };
  try {
    while (tree.size < size) {
      signal?.throwIfAborted();
      const at = tree.size;
      const entries = await reader.bundle(Math.floor(at / TILE_WIDTH));
      for (const [i, entry] of entries.slice(at % TILE_WIDTH).entries()) {
        requireRotation(entry, rotations.get(at + i), at + i);
        tree.push(entry);
      }
      if (full.length >= BATCH) await flush();
      onProgress?.(tree.size);
    }
    if (!same(tree.root(), root)) throw altered('the entries that its source serves are not those', size);
    await flush();
    await writeFiles(folder, tree.partial());
  } catch (e) {
    for (const { path } of written) await rm(join(folder, path), { force: true });
    throw e;
  }
  return written;
}

/** The tree of what the folder has, compared with its checkpoint. */
async function resume(
  folder: string,
  from: PublicLog | undefined,
  onFull: (file: TileFile) => void,
): Promise<TreeBuilder> {
  const { size, root } = from?.checkpoint ?? { size: 0 };
  if (size === 0) return new TreeBuilder(onFull);
  const reader = new TileReader(folderSource(folder), size);
  const tiles: Uint8Array[] = [];
  for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
    const isOpen = hashes % TILE_WIDTH > 0;
    tiles.push(isOpen ? await reader.tile(level, Math.floor(hashes / TILE_WIDTH)) : new Uint8Array());
  }
  const entries = size % TILE_WIDTH > 0 ? await reader.bundle(Math.floor(size / TILE_WIDTH)) : [];
  const tree = TreeBuilder.resume(size, tiles, entries, onFull);
  const isLeaf = (entry: Uint8Array, i: number) =>
    same(leafHash(entry), tiles[0]!.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  if (same(tree.root(), root!) && entries.every(isLeaf)) return tree;
  throw altered("the mirror's own files are not those", size);
}

function altered(what: string, size: number): PotError {
  return new PotError('LEDGER_ALTERED', `${what} of the signed checkpoint`, {
    details: { size },
    hint: 'Nothing of it was taken. Run verify on both to see which file it is.',
  });
}
