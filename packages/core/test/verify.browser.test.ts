/** The WebAssembly artifact in a page's web worker: headless Chromium verifies a stored proof. */
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { inWorker } from './browser/inWorker.js';
import { serveRepository } from './browser/serve.js';

const file = JSON.parse(readFileSync(new URL('fixtures/step.proof.json', import.meta.url), 'utf8'));

let server: Server;
let browser: Browser;
let page: Page;
const problems: string[] = [];

beforeAll(async () => {
  const served = await serveRepository();
  server = served.server;
  browser = await chromium.launch({
    executablePath: process.env.POT_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox'],
  });
  page = await browser.newPage();
  page.on('pageerror', (e) => problems.push(e.message));
  await page.goto(served.url);
});

afterAll(async () => {
  await browser?.close();
  server?.close();
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
