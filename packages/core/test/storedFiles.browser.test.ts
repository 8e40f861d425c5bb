/** Stored files in headless Chromium: an aggregate under its pinned key, the thread that would derive it, and a single proof. */
import { readFileSync } from 'node:fs';
import { aggregationPin } from '@proof-of-training/verifier';
import { parseAggregate, parseTrainingProof } from '@proof-of-training/verifier/files';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { inWorker } from './browser/inWorker.js';
import { pages } from './browser/pages.js';

const stored = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
/** Made by `verify:onchain --out`. */
const aggregate = parseAggregate(stored('../../blockchain/test/fixtures/onchain/aggregate.json'));
const proof = parseTrainingProof(stored('fixtures/step.proof.json'));

let page: Page;
const open = pages();

beforeAll(async () => {
  page = await open();
});

/** What the verifier's function says in a new worker of the page. */
function verifyIn(name: string, file: object, options: object) {
  const task = { name, file, options: { allowDevelopmentSrs: true, ...options } };
  return inWorker(page, '/packages/core/test/browser/verifyFile.js', task);
}

/** Base64url with one byte in the middle changed. */
function flipped(text: string): string {
  const bytes = Buffer.from(text, 'base64url');
  bytes[bytes.length >> 1]! ^= 1;
  return bytes.toString('base64url');
}

it('verifyAggregate accepts an aggregate under its pinned key, and refuses an altered one', async () => {
  const { key } = aggregate.aggregate;
  const aggregationKey = aggregationPin(key.digest, aggregate.run.keys.window);
  const verify = (file: object) => verifyIn('verifyAggregate', file, { aggregationKey });
  expect(await verify(aggregate)).toEqual({ ok: true, code: undefined });
  const proof = flipped(aggregate.aggregate.proof);
  expect(await verify({ ...aggregate, aggregate: { ...aggregate.aggregate, proof } })).toEqual({
    ok: false,
    code: expect.stringMatching(/^VERIFY_|^POINT|^AGGREGAT/),
  });
});

it('verifyTrainingProof accepts a proof of a step, and refuses an altered one', async () => {
  const verify = (file: object) => verifyIn('verifyTrainingProof', file, { expectedKey: proof.key });
  expect(await verify(proof)).toEqual({ ok: true, code: undefined });
  expect(await verify({ ...proof, proof: flipped(proof.proof) })).toEqual({
    ok: false,
    code: expect.stringMatching(/^VERIFY_|^POINT/),
  });
});

it('the thread that derives an aggregation key begins, and says why it cannot', async () => {
  const { spec } = aggregate.run;
  // As text: vitest rewrites the import of a function.
  const code = await page.evaluate(`import('/packages/halo2-wasm/dist/index.js').then(async (m) => {
    const srs = (await m.loadProver()).srsDevelopment(${spec.shape.k});
    const request = { srs, specJson: ${JSON.stringify(JSON.stringify(spec))}, places: 2 };
    return m.aggregationDigest(request).catch((e) => e.code);
  })`);
  expect(code).toBe('SRS_TOO_SMALL');
});
