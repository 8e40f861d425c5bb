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

/** The hash tile that has a whole subtree, how many levels above the tile's hashes it stands, and its place at that level. */
export function tileOf(
  level: number,
  index: number,
): { level: number; index: number; at: number; depth: number } {
  const depth = level % TILE_HEIGHT;
  const first = index * 2 ** depth;
  return {
    level: Math.floor(level / TILE_HEIGHT),
    index: Math.floor(first / TILE_WIDTH),
    at: (first % TILE_WIDTH) / 2 ** depth,
    depth,
  };
}

/** The hashes of a tile, and above them those of the whole subtrees over them: `[depth][place]`. */
export function subtreesOfTile(tile: Uint8Array): Uint8Array[][] {
  const hashes = Array.from({ length: tile.length / HASH_BYTES }, (_, i) =>
    tile.slice(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  );
  const levels: Uint8Array[][] = [hashes];
  for (let below: Uint8Array[] = hashes; below.length > 1; below = levels.at(-1)!) {
    const pairs = Math.floor(below.length / 2);
    levels.push(Array.from({ length: pairs }, (_, i) => nodeHash(below[2 * i]!, below[2 * i + 1]!)));
  }
  return levels;
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
