import { PotError } from '@proof-of-training/errors';
import { same, toBase64 } from '../bytes.js';
import { keyNoteHash, readKeyNote } from '../checkpoint/keyRing.js';
import { ROTATION } from '../event/entry.js';
import { HASH_BYTES, leafHash } from '../merkle/hash.js';
import { TILE_WIDTH, type Tile, tilePath } from '../merkle/tile.js';
import type { TileReader } from '../merkle/tileReader.js';
import { type TileFile, TreeBuilder } from '../merkle/treeBuilder.js';

export interface VerifyTreeOptions {
  keyNotes?: readonly string[];
  onProgress?: (entries: number) => void;
  signal?: AbortSignal;
  /** Told each entry. */
  onEntry?: (entry: Uint8Array, index: number) => void;
}

/**
 * Rebuilds a tree from its entries and compares every tile, then the root. Gives the tree, ready to grow.
 *
 * Errors: `LEDGER_CUT`, `LEDGER_TILE`, `LEDGER_REORDERED`, `LEDGER_ALTERED`, `LEDGER_KEYS`; what `signal` was aborted with.
 */
export async function verifyTree(
  reader: TileReader,
  root: Uint8Array,
  { keyNotes = [], onProgress, signal, onEntry }: VerifyTreeOptions = {},
): Promise<TreeBuilder> {
  const { size } = reader;
  const rotations = rotationsOf(keyNotes);
  const full: TileFile[] = [];
  const builder = new TreeBuilder((file) => full.push(file));
  for (let first = 0; first < size; first += TILE_WIDTH) {
    signal?.throwIfAborted();
    const entries = await reader.bundle(first / TILE_WIDTH);
    await compareLeaves(reader, entries, first);
    for (const [i, entry] of entries.entries()) {
      requireRotation(entry, rotations.get(first + i), first + i);
      onEntry?.(entry, first + i);
      builder.push(entry);
    }
    for (const { tile, bytes } of full.splice(0)) await compareTile(reader, tile, bytes);
    onProgress?.(Math.min(size, first + TILE_WIDTH));
  }
  for (const { tile, bytes } of builder.partial()) await compareTile(reader, tile, bytes);
  if (!same(builder.root(), root)) throw altered('checkpoint', 'its root is not that of the entries', size);
  return builder;
}

/** Entries against the leaves in their tile: an altered one, or the same in another order. */
async function compareLeaves(
  reader: TileReader,
  entries: readonly Uint8Array[],
  first: number,
): Promise<void> {
  const index = first / TILE_WIDTH;
  const tile = await reader.tile(0, index);
  const leaves = entries.map(leafHash);
  const at = leaves.findIndex((leaf, i) => !same(leaf, tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)));
  if (at < 0) return;
  const path = tilePath({ level: 'entries', index, width: entries.length });
  const sorted = (all: Uint8Array[]) => all.map(toBase64).sort().join();
  const theirs = leaves.map((_, i) => tile.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
  if (sorted(leaves) === sorted(theirs)) {
    throw new PotError('LEDGER_REORDERED', `entries of ${path} stand in another order than their leaves`, {
      details: { path, index: first + at },
      hint: 'Somebody changed the log: restore it from a copy, and look for what else was changed.',
    });
  }
  throw altered(path, `entry ${first + at} is not that of its leaf`, first + at);
}

async function compareTile(
  reader: TileReader,
  { level, index, width }: Tile,
  bytes: Uint8Array,
): Promise<void> {
  if (level === 'entries') return;
  if (same(await reader.tile(level, index), bytes)) return;
  throw altered(tilePath({ level, index, width }), 'its hashes are not those of the entries', index);
}

/** Where rotations stand, and the hashes of their notes. */
export function rotationsOf(keyNotes: readonly string[]): Map<number, Uint8Array> {
  return new Map(keyNotes.slice(1).map((note) => [readKeyNote(note).from - 1, keyNoteHash(note)]));
}

/** A rotation's entry is the hash of its note, and no other entry is a rotation's. */
export function requireRotation(entry: Uint8Array, expected: Uint8Array | undefined, index: number): void {
  const isOne = entry[0] === ROTATION;
  if (!isOne && !expected) return;
  if (isOne && expected && same(entry.subarray(1), expected)) return;
  throw badRotation(index);
}

function badRotation(index: number): PotError {
  return new PotError('LEDGER_KEYS', `entry ${index} and the notes about keys name different rotations`, {
    details: { index },
    hint: 'Give all files in keys/. Where they are all there: somebody changed keys behind the log.',
  });
}

function altered(path: string, why: string, index: number): PotError {
  return new PotError('LEDGER_ALTERED', `the log's file ${path} was altered: ${why}`, {
    details: { path, index },
    hint: 'Restore it from a copy, and look for what else was changed. Nothing of it is believed.',
  });
}
