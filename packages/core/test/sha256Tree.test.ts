import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalBytes, LEAF_BYTES, Sha256Tree, verifyLeaf } from '../src/commit/index.js';

const secret = createHash('sha256').update('test secret').digest();
const other = createHash('sha256').update('another').digest();

function tensor(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 37 + (i >> 8)) & 255);
}

describe('salted SHA-256 tree', () => {
  it.each([0, 1, LEAF_BYTES, LEAF_BYTES + 1, 2 * LEAF_BYTES, 5 * LEAF_BYTES - 3, 7 * LEAF_BYTES])(
    'opens every leaf of %i bytes',
    (size) => {
      const tree = new Sha256Tree(tensor(size), secret);
      const leaves = Math.max(1, Math.ceil(size / LEAF_BYTES));
      for (let i = 0; i < leaves; i++) expect(verifyLeaf(tree.root, tree.open(i))).toBe(true);
      expect(() => tree.open(leaves)).toThrow(/no leaf/);
    },
  );

  it('refuses an opening with anything changed', () => {
    const tree = new Sha256Tree(tensor(5 * LEAF_BYTES - 3), secret);
    const good = tree.open(4);
    const flip = (bytes: Uint8Array) => Uint8Array.from(bytes, (b, i) => (i === 0 ? b ^ 1 : b));
    expect(verifyLeaf(tree.root, good)).toBe(true);
    expect(verifyLeaf(tree.root, { ...good, bytes: flip(good.bytes) })).toBe(false);
    expect(verifyLeaf(tree.root, { ...good, salt: flip(good.salt) })).toBe(false);
    expect(verifyLeaf(tree.root, { ...good, index: 3 })).toBe(false);
    expect(verifyLeaf(tree.root, { ...good, length: good.length + 1 })).toBe(false);
    expect(verifyLeaf(tree.root, { ...good, leaves: 6 })).toBe(false);
    expect(verifyLeaf(tree.root, { ...good, path: [...good.path, good.salt] })).toBe(false);
    expect(verifyLeaf(tree.root, { ...good, path: good.path.slice(1) })).toBe(false);
    expect(verifyLeaf(new Sha256Tree(tensor(99), secret).root, good)).toBe(false);
  });

  it('differs under different salts, and equal leaves have different hashes', () => {
    const zeros = new Uint8Array(2 * LEAF_BYTES);
    const tree = new Sha256Tree(zeros, secret);
    expect(new Sha256Tree(zeros, other).root).not.toBe(tree.root);
    expect(new Sha256Tree(zeros, secret).root).toBe(tree.root);
    expect(tree.open(0).path[0]).not.toEqual(tree.open(1).path[0]);
  });

  it('never hands out the secret', () => {
    const opening = new Sha256Tree(tensor(3000), secret).open(1);
    const text = JSON.stringify(opening, (_, v) =>
      v instanceof Uint8Array ? Buffer.from(v).toString('hex') : v,
    );
    expect(text).not.toContain(secret.toString('hex'));
  });

  it('refuses a salt of another size', () => {
    expect(() => new Sha256Tree(tensor(1), new Uint8Array(16))).toThrow(/32 bytes/);
  });

  it("writes integers little-endian, two's complement", () => {
    expect([...canonicalBytes(BigInt64Array.of(-2n, 258n))]).toEqual([
      254, 255, 255, 255, 255, 255, 255, 255, 2, 1, 0, 0, 0, 0, 0, 0,
    ]);
    expect([...canonicalBytes(Int32Array.of(-1, 513))]).toEqual([255, 255, 255, 255, 1, 2, 0, 0]);
  });
});
