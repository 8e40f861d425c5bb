import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { PotError } from '@proof-of-training/halo2-wasm';
import {
  bytes as bytesOf,
  checkArgument,
  is,
  type ShapeFor,
  whole,
} from '@proof-of-training/verifier/options';
import { z } from 'zod';

const anyBytes = bytesOf();
const integers = is(
  'a BigInt64Array or an Int32Array',
  (v) => v instanceof BigInt64Array || v instanceof Int32Array,
);

/** Bytes of one leaf: 128 weights, or 256 data cells. */
export const LEAF_BYTES = 1024;

/** One leaf with what is needed to check it against the root; gives nothing away of the others. */
export interface LeafOpening {
  index: number;
  /** Leaves of the whole tree. */
  leaves: number;
  /** Bytes of the whole tensor. */
  length: number;
  bytes: Uint8Array;
  /** This leaf's own salt, never the secret that it comes from. */
  salt: Uint8Array;
  /** Sibling hashes from the leaf up. */
  path: Uint8Array[];
}

/**
 * A SHA-256 Merkle tree over canonical bytes, each leaf blinded by a salt of its own.
 *
 * @example
 * const tree = new Sha256Tree(canonicalBytes(weights), secret);
 * publish.root = tree.root;
 * const opening = tree.open(3); // shows leaf 3 and no other
 */
export class Sha256Tree {
  private readonly levels: Uint8Array[][];

  /**
   * @param bytes canonical bytes: see {@link canonicalBytes}
   * @param secret 32 secret bytes, for these contents alone: leaf salts are HMAC-SHA-256(secret, index)
   */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly secret: Uint8Array,
  ) {
    checkArgument(anyBytes, bytes, 'new Sha256Tree', 'bytes');
    checkArgument(anyBytes, secret, 'new Sha256Tree', 'secret');
    if (secret.length !== 32) throw new PotError('SALT_SIZE', `a salt has 32 bytes, not ${secret.length}`);
    const count = Math.max(1, Math.ceil(bytes.length / LEAF_BYTES));
    const leaves = Array.from({ length: count }, (_, i) => leafHash(i, this.leafSalt(i), this.leafBytes(i)));
    this.levels = [leaves];
    for (let level = leaves; level.length > 1; ) {
      level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => parent(level, i));
      this.levels.push(level);
    }
  }

  /** 64 hex digits: SHA-256 over length and top of the tree. */
  get root(): string {
    return rootHash(this.bytes.length, this.levels[this.levels.length - 1]![0]!);
  }

  /** Opens one leaf. Errors: `LEAF_INDEX`. */
  open(index: number): LeafOpening {
    const leaves = this.levels[0]!.length;
    if (!Number.isInteger(index) || index < 0 || index >= leaves) {
      throw new PotError('LEAF_INDEX', `there is no leaf ${index} among ${leaves}`);
    }
    const path: Uint8Array[] = [];
    let at = index;
    for (const level of this.levels.slice(0, -1)) {
      const sibling = level[at ^ 1];
      if (sibling) path.push(sibling);
      at >>= 1;
    }
    return {
      index,
      leaves,
      length: this.bytes.length,
      bytes: this.leafBytes(index).slice(),
      salt: this.leafSalt(index),
      path,
    };
  }

  private leafBytes(index: number): Uint8Array {
    return this.bytes.subarray(index * LEAF_BYTES, (index + 1) * LEAF_BYTES);
  }

  private leafSalt(index: number): Uint8Array {
    return createHmac('sha256', this.secret).update(`proof-of-training/sha256-leaf/v1/${index}`).digest();
  }
}

const leafOpening = z.strictObject({
  index: whole(0),
  leaves: whole(1),
  length: whole(0),
  bytes: anyBytes,
  salt: anyBytes,
  path: z.array(anyBytes),
} satisfies ShapeFor<LeafOpening>);

/**
 * Whether a leaf belongs to a root; a malformed one belongs to none.
 *
 * @example
 * const tree = new Sha256Tree(canonicalBytes(weights), secret);
 * verifyLeaf(tree.root, tree.open(0)); // true
 */
export function verifyLeaf(root: string, opening: LeafOpening): boolean {
  if (typeof root !== 'string' || !leafOpening.safeParse(opening).success) return false;
  const { index, leaves, length, bytes, salt, path } = opening;
  if (leaves !== Math.max(1, Math.ceil(length / LEAF_BYTES)) || index < 0 || index >= leaves) return false;
  if (bytes.length !== Math.min(LEAF_BYTES, length - index * LEAF_BYTES) || salt.length !== 32) return false;
  let hash = leafHash(index, salt, bytes);
  let at = index;
  let used = 0;
  for (let width = leaves; width > 1; width = Math.ceil(width / 2)) {
    const alone = at % 2 === 0 && at === width - 1;
    const sibling = alone ? undefined : path[used++];
    if (!alone && sibling?.length !== 32) return false;
    hash = at % 2 === 0 ? node(hash, sibling) : node(sibling!, hash);
    at >>= 1;
  }
  if (used !== path.length) return false;
  const computed = Buffer.from(rootHash(length, hash), 'hex');
  const claimed = Buffer.from(root.replace(/^0x/, ''), 'hex');
  return computed.length === claimed.length && timingSafeEqual(computed, claimed);
}

/**
 * Integers as bytes: 8 (weights) or 4 (data) bytes each, little-endian two's complement, on every machine.
 *
 * @example
 * canonicalBytes(Int32Array.of(1, -1)); // 01 00 00 00 ff ff ff ff
 */
export function canonicalBytes(values: BigInt64Array | Int32Array): Uint8Array {
  checkArgument(integers, values, 'canonicalBytes', 'values');
  const bytes = new Uint8Array(values.byteLength);
  const view = new DataView(bytes.buffer);
  if (values instanceof BigInt64Array)
    for (const [i, v] of values.entries()) view.setBigInt64(8 * i, v, true);
  else for (const [i, v] of values.entries()) view.setInt32(4 * i, v, true);
  return bytes;
}

function leafHash(index: number, salt: Uint8Array, bytes: Uint8Array): Uint8Array {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(index, 1);
  return createHash('sha256').update(head).update(salt).update(bytes).digest();
}

function node(left: Uint8Array, right: Uint8Array | undefined): Uint8Array {
  const hash = createHash('sha256')
    .update(Uint8Array.of(right ? 1 : 2))
    .update(left);
  return (right ? hash.update(right) : hash).digest();
}

function parent(level: Uint8Array[], i: number): Uint8Array {
  return node(level[2 * i]!, level[2 * i + 1]);
}

function rootHash(length: number, top: Uint8Array): string {
  const head = Buffer.alloc(9, 3);
  head.writeBigUInt64BE(BigInt(length), 1);
  return createHash('sha256').update(head).update(top).digest('hex');
}
