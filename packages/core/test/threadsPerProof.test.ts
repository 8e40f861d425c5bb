/** How many threads a proof gets, on machines of any size. */
import { expect, it } from 'vitest';
import type { ProverTask } from '../src/prove/tasks.js';
import { ThreadsPerProof } from '../src/prove/threads.js';

const large = { kind: 'window', spec: { shape: { k: 14 } } } as ProverTask;
const small = { kind: 'window', spec: { shape: { k: 10 } } } as ProverTask;

it.each([
  ['wasm', 8, 8, 1],
  ['wasm', 128, 64, 1],
  ['native', 128, 128, 128],
] as const)('%s on %i cores: %i for a large proof that is alone', (engine, cores, alone, little) => {
  const threads = new ThreadsPerProof(engine, undefined, cores);
  expect(threads.of(large, cores)).toBe(alone);
  expect(threads.of(small, cores)).toBe(little);
});

it('-1 is one a core, of WebAssembly at most what it may have; a number that was asked for stays', () => {
  expect(new ThreadsPerProof('wasm', -1, 128).of(small, 1)).toBe(64);
  expect(new ThreadsPerProof('native', -1, 128).of(small, 1)).toBe(128);
  expect(new ThreadsPerProof('wasm', 100, 128).of(small, 1)).toBe(100);
});
