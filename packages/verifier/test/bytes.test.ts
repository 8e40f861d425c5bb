/** What is done here without Node's own functions is what these do. */
import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBase64url, toBase64url } from '../src/bundle/base64url.js';
import { hexOf, sha256, uint64 } from '../src/hash/sha256.js';

it('SHA-256 of bytes and texts, of any length and in parts', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 1000]) {
    const bytes = new Uint8Array(randomBytes(length));
    const expected = createHash('sha256').update(bytes).update('grün').update(bytes).digest('hex');
    expect(hexOf(sha256(bytes, 'grün', bytes))).toBe(expected);
  }
});

it('numbers of 64 bits, big-endian', () => {
  expect(hexOf(uint64(258))).toBe('0000000000000102');
  expect(hexOf(uint64(2n ** 64n - 1n))).toBe('ffffffffffffffff');
});

it('base64url as Node has it, both ways', () => {
  const one = (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString('base64url');
    expect(toBase64url(bytes)).toBe(text);
    expect(fromBase64url(text)).toEqual(new Uint8Array(bytes));
  };
  for (let length = 0; length < 20; length++) one(new Uint8Array(randomBytes(length)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), one), { seed: 1 });
  expect(toBase64url(Uint8Array.of(251, 255))).toBe('-_8');
});

it('reads no other alphabet, and leaves bits behind the last byte alone', () => {
  for (const text of ['ab+d', 'ab/d', 'abc=', 'ab d', 'ä']) expect(fromBase64url(text)).toBeUndefined();
  for (const text of ['-_8', '-_9', 'A', 'AAAAA']) {
    expect(fromBase64url(text)).toEqual(new Uint8Array(Buffer.from(text, 'base64url')));
  }
  expect(toBase64url(fromBase64url('-_9')!)).toBe('-_8');
});
