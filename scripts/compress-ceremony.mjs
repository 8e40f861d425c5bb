#!/usr/bin/env node
/**
 * Makes packages/halo2-wasm/ceremony/ignition14.bin from the uncompressed powers:
 *
 *     node scripts/compress-ceremony.mjs ignition14.raw packages/halo2-wasm/ceremony/ignition14.bin
 *
 * In: points of G1, x then y, 32 bytes little-endian each, not Montgomery; then [1]_2 and [tau]_2, each x.c0, x.c1, y.c0, y.c1.
 * Out: each point of G1 as its x, 32 bytes little-endian, with the parity of y in bit 254; then [tau]_2 as x.c0, x.c1, with
 * the parity of y.c0 in the last byte's bit 6 (what halo2curves calls compressed). [1]_2 is the generator, and is left out.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';

const [from, to] = process.argv.slice(2);
if (!from || !to) throw new Error('usage: compress-ceremony.mjs RAW OUT');
const raw = readFileSync(from);
const SHA256 = 'db67a8d1fbd55915f0e5864da0a2c658f4349b7f955754c3e80d3d67a5e2fd0a';
const found = createHash('sha256').update(raw).digest('hex');
if (found !== SHA256) throw new Error(`${from} is not the file that the README names: SHA-256 ${found}`);

const points = (raw.length - 256) / 64;
const out = Buffer.alloc(32 * points + 64);
for (let i = 0; i < points; i++) {
  raw.copy(out, 32 * i, 64 * i, 64 * i + 32);
  out[32 * i + 31] |= (raw[64 * i + 32] & 1) << 6;
}
const tau = raw.length - 128;
raw.copy(out, 32 * points, tau, tau + 64);
out[out.length - 1] |= (raw[tau + 64] & 1) << 6;
writeFileSync(to, out);
console.log(
  `${points} powers, ${out.length} bytes, SHA-256 ${createHash('sha256').update(out).digest('hex')}`,
);
