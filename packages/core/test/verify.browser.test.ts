/** The WebAssembly artifact in a page's web worker: headless Chromium verifies a stored proof. */
import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { inWorker } from './browser/inWorker.js';
import { pages } from './browser/pages.js';

const file = JSON.parse(readFileSync(new URL('fixtures/step.proof.json', import.meta.url), 'utf8'));

let page: Page;
const open = pages();
const problems: string[] = [];

beforeAll(async () => {
  page = await open();
  page.on('pageerror', (e) => problems.push(e.message));
});

/** Sends a task to a new worker of the page; gives its answer. */
function answerTo(task: { file: unknown; flip?: number }): Promise<Record<string, unknown>> {
  return inWorker(page, '/packages/core/test/browser/worker.js', task);
}

it('verifies a stored proof', async () => {
  const answer = await answerTo({ file });
  expect(answer).toEqual({
    ok: true,
    key: file.key,
    verified: expect.objectContaining({
      ok: true,
      weightsIn: file.public.weightsIn,
      weightsOut: file.public.weightsOut,
    }),
  });
});

it('refuses the proof with one byte changed, and another learning rate', async () => {
  for (const flip of [5, Math.floor(file.proof.length / 2)]) {
    expect(await answerTo({ file, flip })).toEqual({
      ok: false,
      code: expect.stringMatching(/^VERIFY_|^POINT|^PROOF/),
    });
  }
  const eta = String(Number(file.public.eta) + 1);
  const other = { ...file, public: { ...file.public, eta } };
  expect(await answerTo({ file: other })).toEqual({ ok: false, code: expect.stringMatching(/^VERIFY_/) });
  expect(problems).toEqual([]);
});
