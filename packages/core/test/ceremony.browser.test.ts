/** The ceremony's string in headless Chromium: powers from the package, bases in the page's Cache Storage. */
import { ceremonyPowers, IGNITION, loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { inWorker } from './browser/inWorker.js';
import { pages } from './browser/pages.js';
import { type ToyWindow, toySpec, toyWindow } from './helpers/window.js';

let prover: Prover;
let window: ToyWindow;
let page: Page;
const open = pages();

beforeAll(async () => {
  const halo2 = await loadProver();
  prover = halo2.prover((await ceremonyPowers(halo2, toySpec(halo2).shape.k)).bytes);
  window = await toyWindow(halo2, prover);
  page = await open();
});

/** Proves the window in a new worker of the page; the proof holds here, under the package's powers. */
async function proveIn({ alter = false } = {}) {
  const { spec, specJson, publicJson, witness } = window;
  const texts = Object.entries(witness).map(([name, v]) => [name, Array.from(v as BigInt64Array, String)]);
  const task = { alter, k: spec.shape.k, specJson, publicJson, witness: Object.fromEntries(texts) };
  const answer = await inWorker(page, '/packages/core/test/browser/ceremony.js', task);
  expect(answer.error).toBeUndefined();
  prover.verify(specJson, publicJson, Uint8Array.from(answer.proof as number[]));
  expect(answer).toMatchObject({
    named: 'Aztec Ignition',
    refused: expect.stringMatching(/^VERIFY_|^POINT/),
  });
  return answer as { entries: string[]; ms: number };
}

it('proves and verifies on it, and keeps the basis by hash and k', async () => {
  const { entries, ms } = await proveIn();
  expect(entries).toEqual([
    `https://cache.invalid/proof-of-training/srs/${IGNITION.hash}/${window.spec.shape.k}`,
  ]);
  const again = await proveIn();
  expect(again.entries).toEqual(entries);
  expect(again.ms).toBeLessThan(ms);
});

it('makes an altered basis again', async () => {
  expect((await proveIn({ alter: true })).entries).toHaveLength(1);
  await proveIn();
});
