import { emptyRoot, HASH_BYTES, leafHash, nodeHash } from './hash.js';
import { subtreesOf } from './ranges.js';
import { encodeBundle, subtreesOfTile, TILE_WIDTH, type Tile, tilePath } from './tile.js';

/** A file of the tree: its tile and its bytes. */
export interface TileFile {
  tile: Tile;
  path: string;
  bytes: Uint8Array;
}

interface Open {
  index: number;
  hashes: Uint8Array[];
}

/**
 * A tree that grows by entries. It holds the right edge alone: roots of whole subtrees, the open tile of each level and the open bundle.
 * What is full is handed out once.
 */
export class TreeBuilder {
  private leaves = 0;
  /** Roots of the whole subtrees that the leaves are, from the left. */
  private readonly edge: Uint8Array[] = [];
  private readonly levels: Open[] = [];
  private entries: Uint8Array[] = [];

  /** @param onFull is given each tile and bundle when it is full */
  constructor(public onFull: (file: TileFile) => void = () => {}) {}

  /**
   * A tree that goes on from where another one stands. Its root says whether the parts were whole.
   *
   * @param tiles hashes of the open tile of each level, from the lowest
   * @param entries of the open bundle
   */
  static resume(
    size: number,
    tiles: readonly Uint8Array[],
    entries: readonly Uint8Array[],
    onFull?: (file: TileFile) => void,
  ): TreeBuilder {
    const builder = new TreeBuilder(onFull);
    builder.leaves = size;
    builder.entries = [...entries];
    for (const [level, tile] of tiles.entries()) {
      const subtrees = subtreesOfTile(tile);
      const index = Math.floor(size / TILE_WIDTH ** (level + 1));
      builder.levels[level] = { index, hashes: [...(subtrees[0] ?? [])] };
      // Higher levels stand further left.
      const whole = subtreesOf([0, tile.length / HASH_BYTES]);
      builder.edge.unshift(...whole.map(({ level, index }) => subtrees[level]![index]!));
    }
    return builder;
  }

  get size(): number {
    return this.leaves;
  }

  /** Adds an entry. Gives its hash as a leaf. */
  push(entry: Uint8Array): Uint8Array {
    const leaf = leafHash(entry);
    this.addHash(0, leaf);
    let hash = leaf;
    for (let rest = this.leaves, level = 1; rest % 2 === 1; rest = (rest - 1) / 2, level++) {
      hash = nodeHash(this.edge.pop()!, hash);
      if (level % 8 === 0) this.addHash(level / 8, hash);
    }
    this.edge.push(hash);
    this.entries.push(entry);
    this.leaves++;
    if (this.entries.length === TILE_WIDTH) {
      this.onFull(bundleFile(this.leaves / TILE_WIDTH - 1, this.entries));
      this.entries = [];
    }
    return leaf;
  }

  /** The root of all leaves so far. */
  root(): Uint8Array {
    if (this.edge.length === 0) return emptyRoot();
    return this.edge.reduceRight((right, left) => nodeHash(left, right));
  }

  /** The partial tiles and the partial bundle of the tree as it is. */
  partial(): TileFile[] {
    const tiles = this.levels.flatMap(({ index, hashes }, level) =>
      hashes.length > 0 ? [hashFile(level, index, hashes)] : [],
    );
    if (this.entries.length === 0) return tiles;
    return [...tiles, bundleFile(Math.floor(this.leaves / TILE_WIDTH), this.entries)];
  }

  private addHash(level: number, hash: Uint8Array): void {
    this.levels[level] ??= { index: 0, hashes: [] };
    const open = this.levels[level];
    open.hashes.push(hash);
    if (open.hashes.length < TILE_WIDTH) return;
    this.onFull(hashFile(level, open.index, open.hashes));
    this.levels[level] = { index: open.index + 1, hashes: [] };
  }
}

function hashFile(level: number, index: number, hashes: readonly Uint8Array[]): TileFile {
  const bytes = new Uint8Array(hashes.length * HASH_BYTES);
  for (const [i, hash] of hashes.entries()) bytes.set(hash, i * HASH_BYTES);
  const tile = { level, index, width: hashes.length };
  return { tile, path: tilePath(tile), bytes };
}

function bundleFile(index: number, entries: readonly Uint8Array[]): TileFile {
  const tile = { level: 'entries' as const, index, width: entries.length };
  return { tile, path: tilePath(tile), bytes: encodeBundle(entries) };
}
