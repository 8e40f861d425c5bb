import { PotError } from '@proof-of-training/errors';
import { HASH_BYTES, nodeHash } from './hash.js';
import { consistencyRanges, inclusionRanges, type Range, subtreesOf } from './ranges.js';
import { decodeBundle, subtreesOfTile, TILE_WIDTH, type Tile, tileOf, tilePath, tileWidth } from './tile.js';

/** Where the files of a log come from: a folder, a web server. Paths are those of the tlog-tiles layout. */
export interface LogSource {
  /** The file's bytes, up to `maxBytes`; undefined where there is none. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
}

/** Tiles that are kept in memory, and the hashes between their levels: some 50 KiB each. */
const KEPT_TILES = 256;
const KEPT_BUNDLES = 16;
/** Largest bundle: 256 entries of 65,535 bytes. */
const MAX_BUNDLE_BYTES = TILE_WIDTH * (2 + 0xffff);

/**
 * Reads hashes and entries of the tree of one size from a log's files. What it gives is what the files say: whoever uses it compares
 * with a root.
 */
export class TileReader {
  private readonly kept = new Map<string, Promise<Uint8Array>>();
  private readonly inner = new Map<string, Promise<Uint8Array[][]>>();
  private readonly bundles = new Map<number, Promise<Uint8Array[]>>();

  /** @param size of the tree, as a checkpoint has it */
  constructor(
    private readonly source: LogSource,
    readonly size: number,
  ) {}

  /** Hashes that lead from the leaf of an index, below the size, to the root. */
  inclusionPath(index: number): Promise<Uint8Array[]> {
    return this.hashes(inclusionRanges(index, this.size));
  }

  /** Hashes that show that the first `old` leaves, 1 to all, are the smaller tree's. */
  consistencyPath(old: number): Promise<Uint8Array[]> {
    return this.hashes(consistencyRanges(old, this.size));
  }

  /** The tree's root; that of its first `size` leaves. */
  async root(size = this.size): Promise<Uint8Array> {
    return this.rangeHash([0, size]);
  }

  /** The entries of a bundle. Errors: `LEDGER_CUT`, `LEDGER_TILE`. */
  bundle(index: number): Promise<Uint8Array[]> {
    return keep(this.bundles, index, KEPT_BUNDLES, () => this.readBundle(index));
  }

  private async readBundle(index: number): Promise<Uint8Array[]> {
    const tile = { level: 'entries' as const, index, width: tileWidth('entries', index, this.size) };
    const { bytes, path } = await this.fetch(tile, MAX_BUNDLE_BYTES);
    const entries = decodeBundle(bytes, tile.width);
    if (entries) return entries;
    throw damaged(path, `does not have the ${tile.width} whole entries that the checkpoint asks for`);
  }

  /** The hashes of a tile, after each other. Errors: `LEDGER_CUT`, `LEDGER_TILE`. */
  tile(level: number, index: number): Promise<Uint8Array> {
    const tile = { level, index, width: tileWidth(level, index, this.size) };
    return keep(this.kept, tilePath(tile), KEPT_TILES, () => this.readTile(tile));
  }

  private async readTile(tile: Tile): Promise<Uint8Array> {
    const bytesOf = (width: number) => width * HASH_BYTES;
    const { bytes, path } = await this.fetch(tile, bytesOf(TILE_WIDTH));
    const isWhole = bytes.length === bytesOf(tile.width) || bytes.length === bytesOf(TILE_WIDTH);
    if (isWhole) return bytes.subarray(0, bytesOf(tile.width));
    throw damaged(path, `has ${bytes.length} bytes, not ${bytesOf(tile.width)}`);
  }

  /** A partial tile may have been taken away when its full one was there. */
  private async fetch(tile: Tile, maxBytes: number): Promise<{ bytes: Uint8Array; path: string }> {
    const paths = [tilePath(tile), tilePath({ ...tile, width: TILE_WIDTH })];
    for (const path of tile.width < TILE_WIDTH ? paths : paths.slice(1)) {
      const bytes = await this.source.read(path, maxBytes);
      if (bytes) return { bytes, path };
    }
    throw new PotError('LEDGER_CUT', `the log's file ${paths[0]} is not there`, {
      details: { path: paths[0], size: this.size },
      hint: `Its checkpoint is about ${this.size} entries: ask for all files of the log.`,
    });
  }

  private hashes(ranges: readonly Range[]): Promise<Uint8Array[]> {
    return Promise.all(ranges.map((range) => this.rangeHash(range)));
  }

  private async rangeHash(range: Range): Promise<Uint8Array> {
    const parts = await Promise.all(subtreesOf(range).map(({ level, index }) => this.subtree(level, index)));
    return parts.reduceRight((right, left) => nodeHash(left, right));
  }

  private async subtree(level: number, index: number): Promise<Uint8Array> {
    const place = tileOf(level, index);
    // All of a tile at once: the next proof through it finds its hashes.
    const levels = await keep(this.inner, `${place.level}/${place.index}`, KEPT_TILES, async () =>
      subtreesOfTile(await this.tile(place.level, place.index)),
    );
    return levels[place.depth]![place.at]!;
  }
}

/** What was read, or is read now. What fails is tried again; the oldest ones make room. */
function keep<K, V>(kept: Map<K, Promise<V>>, key: K, most: number, read: () => Promise<V>): Promise<V> {
  const known = kept.get(key);
  if (known) return known;
  const reading = read();
  kept.set(key, reading);
  reading.catch(() => kept.delete(key));
  if (kept.size > most) kept.delete(kept.keys().next().value!);
  return reading;
}

function damaged(path: string, what: string): PotError {
  return new PotError('LEDGER_TILE', `the log's file ${path} ${what}`, {
    details: { path },
    hint: 'It is damaged, or of another log: get it again.',
  });
}
