/** The verifier in headless Chromium, without Node: a real run on the ceremony's string, with the ordinary and the threaded artifact. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointOpening, RunBundle } from '@proof-of-training/verifier/files';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { TrainingSession } from '../src/session/trainingSession.js';
import { inWorker } from './browser/inWorker.js';
import { pages } from './browser/pages.js';
import { TOY, toyData, toyModel } from './helpers/toy.js';

let bundle: RunBundle;
let opening: CheckpointOpening;
const open = pages();

beforeAll(async () => {
  ({ bundle, opening } = await smallRun());
});

/** Two windows of a toy model, proven here. */
async function smallRun() {
  const dir = mkdtempSync(join(tmpdir(), 'pot-browser-'));
  const model = toyModel();
  const session = await TrainingSession.create({
    model,
    data: toyData(),
    dir,
    batchSize: 4,
    window: 2,
    workers: 1,
  });
  try {
    await session.fit({ steps: 4 });
    const opening = await session.opening();
    return { bundle: await session.finish(), opening };
  } finally {
    await session.close();
    rmSync(dir, { recursive: true });
  }
}

/** Verifies in a new worker of the page. */
function verifyIn(page: Page, sent: { bundle: RunBundle; threads: number }) {
  return inWorker(page, '/packages/core/test/browser/verify.js', sent);
}

/** The bundle with one byte of a window's proof changed. */
function forged(): RunBundle {
  const copy = structuredClone(bundle);
  const proof = Buffer.from(copy.windows[1]!.proof, 'base64url');
  proof[proof.length >> 1]! ^= 1;
  copy.windows[1]!.proof = proof.toString('base64url');
  return copy;
}

describe.each([
  { what: 'ordinary', threads: 1, isolated: false },
  { what: 'threaded', threads: 2, isolated: true },
])('the verifier with the $what artifact in a browser', ({ threads, isolated }) => {
  it('accepts a run, and refuses it with one byte of a proof changed', async () => {
    const page = await open({ isolated });
    expect(await verifyIn(page, { bundle, threads })).toEqual({
      ok: true,
      steps: 4,
      threads,
      code: undefined,
    });
    const refused = await verifyIn(page, { bundle: forged(), threads });
    expect(refused).toMatchObject({ ok: false, code: expect.stringMatching(/^VERIFY_|^POINT/) });
    await page.close();
  });
});

it('what the run ended with answers in a page, proven there', async () => {
  const page = await open();
  const inputs = toyData(5).x.slice(0, 2 * TOY.inputs);
  const found = await inWorker(page, '/packages/core/test/browser/infer.js', { opening, bundle, inputs });
  expect(found).toEqual({
    ok: true,
    code: undefined,
    run: bundle.run.runId,
    samples: 2,
    refused: 'VERIFY_DIGEST',
  });
  await page.close();
});
