/** Threads in headless Chromium: with the headers that isolate a page they prove; without them there is one, and it says so. */
import { type Halo2, loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { inWorker } from './browser/inWorker.js';
import { pages } from './browser/pages.js';
import { type ToyWindow, toySpec, toyWindow } from './helpers/window.js';

let halo2: Halo2;
let prover: Prover;
let window: ToyWindow;
const opened = pages();

beforeAll(async () => {
  halo2 = await loadProver();
  prover = halo2.prover((await developmentSrs(halo2, toySpec(halo2).shape.k)).bytes);
  window = await toyWindow(halo2, prover);
});

async function open(options: { isolated: boolean }) {
  const page = await opened(options);
  expect(await page.evaluate(() => globalThis.crossOriginIsolated)).toBe(options.isolated);
  return page;
}

/** Proves the window in a worker of the page, with as many threads as it gets. */
async function proveIn(page: Page, threads: number) {
  const { specJson, publicJson, spec, witness } = window;
  const task = {
    threads,
    k: spec.shape.k,
    specJson,
    publicJson,
    witness: Object.fromEntries(
      Object.entries(witness).map(([name, v]) => [name, Array.from(v as BigInt64Array, String)]),
    ),
  };
  const answer = await inWorker(page, '/packages/core/test/browser/proveWithThreads.js', task);
  expect(answer.error).toBeUndefined();
  expect(answer.key).toBe(prover.vkDigest(specJson));
  prover.verify(specJson, publicJson, Uint8Array.from(answer.proof as number[]));
  return answer;
}

it('proves with threads in a worker of an isolated page, and again after close', async () => {
  const page = await open({ isolated: true });
  expect(await proveIn(page, 2)).toMatchObject({ threads: 2, again: 2 });
});

it('has one thread on a page that is not isolated, and says so', async () => {
  const page = await open({ isolated: false });
  expect(await proveIn(page, 2)).toMatchObject({ threads: 1, again: 1 });
});

it("has one thread on the page's main thread, which may not wait", async () => {
  const page = await open({ isolated: true });
  // As text: vitest rewrites the import of a function.
  const threads = await page.evaluate(
    `import('/packages/halo2-wasm/dist/index.js').then((m) => m.loadProver({ threads: 2 })).then((h) => h.threads)`,
  );
  expect(threads).toBe(1);
});
