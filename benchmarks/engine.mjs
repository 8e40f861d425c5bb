/**
 * The engines that are compared. As a script, `node engine.mjs NAME` prints whether one is there.
 *
 *   wasm          WebAssembly, one thread
 *   wasm-threads  WebAssembly, a thread a core inside one proof
 *   native        the Node addon, a thread a core
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadProver, PotError } from '@proof-of-training/halo2-wasm';

const CORES = availableParallelism();
const OPTIONS = {
  wasm: { engine: 'wasm', threads: 1 },
  'wasm-threads': { engine: 'wasm', threads: CORES },
  native: { engine: 'native' },
};
/** Their files, the first one that is there. */
const FILES = {
  wasm: ['halo2-wasm/wasm/pot_wasm_bg.wasm'],
  'wasm-threads': ['halo2-wasm/wasm-threads/pot_wasm_bg.wasm'],
  native: ['halo2-wasm/addon/pot_native.node', 'halo2-wasm-linux-x64-gnu/pot_native.node'],
};

export const ENGINES = Object.keys(OPTIONS);

/**
 * The prover with that engine and no other. Errors: `ENGINE_UNAVAILABLE` where it is not there, or where this version of
 * halo2-wasm does not know the option and gives another engine.
 */
export async function loadEngine(name) {
  const options = OPTIONS[name];
  if (!options) throw new PotError('ENGINE_UNKNOWN', `${name} is none of ${ENGINES.join(', ')}`);
  const halo2 = await loadProver(options);
  const { engine = 'wasm', threads = 1 } = halo2;
  const is = {
    wasm: engine === 'wasm' && threads === 1,
    'wasm-threads': threads > 1,
    native: engine === 'native',
  };
  if (is[name]) return halo2;
  throw new PotError('ENGINE_UNAVAILABLE', `this build has no engine ${name}`, {
    details: { engine: name, reason: 'missing', cores: CORES },
  });
}

/** What an engine is made of, for reports: SHA-256 of its file, shortened. */
export function engineVersion(name) {
  const paths = FILES[name].map((file) => fileURLToPath(new URL(`../packages/${file}`, import.meta.url)));
  const path = paths.find((file) => existsSync(file));
  if (path === undefined) return null;
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 12);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const name = process.argv[2];
  const halo2 = await loadEngine(name);
  console.log(JSON.stringify({ name, version: engineVersion(name), threads: halo2.threads ?? null }));
  await halo2.close?.();
}
