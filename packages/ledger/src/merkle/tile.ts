import { HASH_BYTES, nodeHash } from './hash.js';

/** Hashes of a full tile, and entries of a full bundle. */
export const TILE_WIDTH = 256;
/** Levels of the tree in one tile. */
const TILE_HEIGHT = 8;

/** A file of the tree (C2SP tlog-tiles): `level` "entries" is a bundle of entries. `width`: below 256 for a partial one. */
export interface Tile {
  level: number | 'entries';
  index: number;
  width: number;
}

/**
 * Where a tile lies, from the log's root.
 *
 * @example tilePath({ level: 0, index: 1234067, width: 256 }); // 'tile/0/x001/x234/067'
 */
export function tilePath({ level, index, width }: Tile): string {
  const parts = [String(index % 1000).padStart(3, '0')];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    parts.unshift(`x${String(rest % 1000).padStart(3, '0')}`);
  return `tile/${level}/${parts.join('/')}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/** How wide a tile of a level is in a tree of this size: 0 where it is not there. */
export function tileWidth(level: number | 'entries', index: number, size: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** (level === 'entries' ? 0 : level));
  return Math.max(0, Math.min(TILE_WIDTH, hashes - index * TILE_WIDTH));
}

/** The hash tile, and the place in it, below which a whole subtree hangs; `depth`: levels above the tile's hashes. */
export function tileOf(
  level: number,
  index: number,
): { level: number; index: number; at: number; depth: number } {
  const depth = level % TILE_HEIGHT;
  const first = index * 2 ** depth;
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor(first / TILE_WIDTH),
    at: first % TILE_WIDTH,
    depth,
  };
}

/** The hash of a subtree from the hashes of a tile: `2^depth` of them, from `at` on. */
export function hashInTile(tile: Uint8Array, at: number, depth: number): Uint8Array {
  if (depth === 0) return tile.slice(at * HASH_BYTES, (at + 1) * HASH_BYTES);
  const middle = at + 2 ** (depth - 1);
  return nodeHash(hashInTile(tile, at, depth - 1), hashInTile(tile, middle, depth - 1));
}

/** Entries as a bundle: each after its length in two bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(entries.reduce((sum, { length }) => sum + 2 + length, 0));
  let at = 0;
  for (const entry of entries) {
    bytes[at] = entry.length >> 8;
    bytes[at + 1] = entry.length & 255;
    bytes.set(entry, at + 2);
    at += 2 + entry.length;
  }
  return bytes;
}

/** The first `width` entries of a bundle; undefined where it has not as many, or ends within one. */
export function decodeBundle(bytes: Uint8Array, width: number): Uint8Array[] | undefined {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + 2 > bytes.length) return undefined;
    const end = at + 2 + ((bytes[at]! << 8) | bytes[at + 1]!);
    if (end > bytes.length) return undefined;
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  return entries.length >= width ? entries.slice(0, width) : undefined;
}
