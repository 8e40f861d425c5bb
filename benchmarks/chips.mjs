/**
 * The aggregation circuit's elliptic-curve chip, ours or halo2-ecc's: what proving the verification of one window costs on it. A Rust example, so it
 * needs cargo.
 * node chips.mjs wide | stock
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { missing, requireMemory, runPeer } from './peers/process.mjs';

const chip = process.argv[2];
/** log2 of the rows, and memory that a chip needs. */
const NEEDS = { wide: { k: 17, bytes: 1.5e9 }, stock: { k: 20, bytes: 8e9 } };
const root = fileURLToPath(new URL('..', import.meta.url));

const { k, bytes } = NEEDS[chip];
requireMemory(bytes);
const program = await build();
const dir = mkdtempSync(join(tmpdir(), 'pot-bench-chips-'));
try {
  const file = join(dir, 'srs');
  writeFileSync(file, (await developmentSrs(await loadProver({ engine: 'auto' }), k)).bytes);
  const { stdout } = await runPeer(program, [chip, file], { cwd: root });
  console.log(stdout.trim().split('\n').at(-1));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Builds the example with what a release has. */
async function build() {
  try {
    execFileSync('cargo', ['--version'], { stdio: 'ignore' });
  } catch (cause) {
    throw missing('cargo', cause);
  }
  const package_ = ['--package', 'pot-aggregator', '--features', 'asm', '--example', 'chips'];
  await runPeer('cargo', ['build', '--quiet', '--locked', '--release', ...package_], { cwd: root });
  return join(root, process.env.CARGO_TARGET_DIR ?? 'target', 'release/examples/chips');
}
