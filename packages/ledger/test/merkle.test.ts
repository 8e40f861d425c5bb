/** The tree against RFC 6962's reference implementation: its roots and its proofs, valid and altered. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyRoot, leafHash, nodeHash, tilePath, verifyConsistency, verifyInclusion } from '../src/index.js';
import { decodeBundle, encodeBundle, tileWidth } from '../src/merkle/tile.js';
import { TileReader } from '../src/merkle/tileReader.js';
import { hex, textBytes, unhex } from './helpers/bytes.js';
import { treeOf } from './helpers/tree.js';

interface Vectors {
  inclusion: {
    name: string;
    leafIdx: number;
    treeSize: number;
    root: string;
    leafHash: string;
    proof: string[] | null;
    wantErr: boolean;
  }[];
  consistency: {
    name: string;
    size1: number;
    size2: number;
    root1: string;
    root2: string;
    proof: string[] | null;
    wantErr: boolean;
  }[];
}
const vectors = JSON.parse(readFileSync(new URL('fixtures/merkle.json', import.meta.url), 'utf8')) as Vectors;
const b64 = (text: string | null) => new Uint8Array(Buffer.from(text ?? '', 'base64'));

/** Leaves and roots of Certificate Transparency's own tests. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

describe('as the reference implementation has it', () => {
  it('hashes of nothing, of leaves and of nodes', () => {
    expect(hex(emptyRoot())).toBe(ROOTS[0]);
    expect(hex(leafHash(textBytes('L123456')))).toBe(
      '395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56',
    );
    // Its own test hashes children of four bytes.
    const node = leafHash(textBytes('x'));
    expect(hex(nodeHash(node, node))).not.toBe(hex(leafHash(new Uint8Array([...node, ...node]))));
  });

  it('roots of trees of 0 to 8 leaves', () => {
    for (const [size, root] of ROOTS.entries())
      expect(hex(treeOf(LEAVES.slice(0, size).map(unhex)).builder.root())).toBe(root);
  });

  it.each(vectors.inclusion)('inclusion: $name', ({ leafIdx, treeSize, root, leafHash, proof, wantErr }) => {
    const path = (proof ?? []).map(b64);
    const args = { index: leafIdx, size: treeSize, leaf: b64(leafHash), path, root: b64(root) };
    expect(verifyInclusion(args)).toBe(!wantErr);
  });

  it.each(vectors.consistency)('consistency: $name', ({ size1, size2, root1, root2, proof, wantErr }) => {
    const from = { size: size1, root: b64(root1) };
    const to = { size: size2, root: b64(root2) };
    // One of theirs has roots of 12 bytes, which are no hashes here.
    const isHash = from.root.length === 32;
    expect(verifyConsistency({ from, to, path: (proof ?? []).map(b64) })).toBe(!wantErr && isHash);
  });
});

describe('from tiles', () => {
  const SIZES = [1, 2, 3, 255, 256, 257, 300, 511, 512, 513, 700];
  const all = Array.from({ length: 700 }, (_, i) => textBytes(`entry ${i}`));

  it('every proof of inclusion verifies, and for no other leaf or index', async () => {
    for (const size of SIZES) {
      const { source, builder } = treeOf(all.slice(0, size));
      const reader = new TileReader(source, size);
      expect(await reader.root()).toEqual(builder.root());
      for (let index = 0; index < size; index += size < 10 ? 1 : 23) {
        const path = await reader.inclusionPath(index);
        const right = { index, size, leaf: leafHash(all[index]!), path, root: builder.root() };
        expect(verifyInclusion(right)).toBe(true);
        expect(verifyInclusion({ ...right, leaf: leafHash(textBytes('other')) })).toBe(false);
        expect(size > 1 && verifyInclusion({ ...right, index: (index + 1) % size })).toBe(false);
        expect(verifyInclusion({ ...right, path: [...path, path[0] ?? right.leaf] })).toBe(false);
      }
    }
  });

  it('every tree continues every smaller one, and no other', async () => {
    const { source, builder } = treeOf(all);
    const reader = new TileReader(source, all.length);
    const to = { size: all.length, root: builder.root() };
    for (const size of SIZES.slice(0, -1)) {
      const path = await reader.consistencyPath(size);
      const from = { size, root: treeOf(all.slice(0, size)).builder.root() };
      expect(verifyConsistency({ from, to, path })).toBe(true);
      const other = treeOf([textBytes('other'), ...all.slice(1, size)]).builder.root();
      expect(verifyConsistency({ from: { size, root: other }, to, path })).toBe(false);
      expect(verifyConsistency({ from, to, path: path.slice(1) })).toBe(false);
    }
  });

  it('sizes, indices and changed bytes at random: a proof holds for what it is about alone', () => {
    const sizes = fc.integer({ min: 1, max: 600 });
    const property = fc.asyncProperty(sizes, fc.nat(), fc.nat(), fc.nat(), async (size, i, j, bit) => {
      const { source, builder } = treeOf(all.slice(0, size));
      const reader = new TileReader(source, size);
      const index = i % size;
      const path = await reader.inclusionPath(index);
      const right = { index, size, leaf: leafHash(all[index]!), path, root: builder.root() };
      expect(verifyInclusion(right)).toBe(true);
      if (path.length === 0) return;
      const changed = path.map((hash) => hash.slice());
      changed[j % path.length]![bit % 32]! ^= 1 << (bit % 8);
      expect(verifyInclusion({ ...right, path: changed })).toBe(false);
    });
    return fc.assert(property, { seed: 1, numRuns: 60 });
  });
});

it('tiles lie where tlog-tiles says: its example of 70,000 leaves', () => {
  expect(tilePath({ level: 0, index: 1234067, width: 256 })).toBe('tile/0/x001/x234/067');
  expect(tilePath({ level: 'entries', index: 273, width: 112 })).toBe('tile/entries/273.p/112');
  const widths = (level: number, index: number) => tileWidth(level, index, 70_000);
  expect([widths(0, 272), widths(0, 273), widths(0, 274)]).toEqual([256, 112, 0]);
  expect([widths(1, 0), widths(1, 1), widths(2, 0), widths(3, 0)]).toEqual([256, 17, 1, 0]);
  const { files } = treeOf(Array.from({ length: 256 }, (_, i) => textBytes(String(i))));
  expect([...files.keys()].sort()).toEqual(['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000']);
});

it('bundles give back what was put in, and nothing of a cut one', () => {
  const entries = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  const property = fc.property(entries, fc.nat(), (all, cut) => {
    const bytes = encodeBundle(all);
    expect(decodeBundle(bytes, all.length)).toEqual(all);
    if (all.length > 0)
      expect(decodeBundle(bytes.subarray(0, cut % bytes.length), all.length)).toBeUndefined();
  });
  fc.assert(property, { seed: 1, numRuns: 100 });
});
