/** The example with adapters at small sizes: real proofs, real digits. The demonstration itself is run by .ci/run. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { baseDigest, loadDigits, verifyTrainingRun } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkAdapter, writeAdapter } from '../src/adapterFile.js';
import { attack } from '../src/attacks.js';
import { altered, pretrain } from '../src/base.js';
import { accuracy, type Images, only } from '../src/digits.js';
import { type FineTuned, fineTune } from '../src/fineTune.js';
import { DEMO, type Settings } from '../src/settings.js';

const SMALL: Settings = {
  ...DEMO,
  hidden: 16,
  rank: 4,
  alpha: 8,
  train: 600,
  test: 400,
  window: 8,
  steps: 16,
};
const { train, test } = loadDigits({ train: SMALL.train, test: SMALL.test, pool: true, seed: SMALL.seed });
const dir = mkdtempSync(join(tmpdir(), 'example-lora-'));
const adapter = join(dir, 'adapter');

let base: Awaited<ReturnType<typeof pretrain>>;
let before: Float32Array[];
let tuned: FineTuned;
let own: string;
let other: string;

const loss = (model: tf.LayersModel, { x, y, samples }: Images) =>
  tf.tidy(() => {
    const [xs, ys] = [tf.tensor2d(x, [samples, 196]), tf.tensor2d(y, [samples, 10])];
    return (model.evaluate(xs, ys) as tf.Scalar).dataSync()[0]!;
  });
const values = () => base.getWeights().map((w) => w.dataSync().slice() as Float32Array);

beforeAll(async () => {
  base = await pretrain(SMALL, only(train, [0, 1, 2, 3, 4]));
  before = values();
  tuned = await fineTune(base, only(train, [5, 6, 7, 8, 9]), join(dir, 'run'), SMALL);
  own = await baseDigest(base, tuned.bundle.run);
  other = await baseDigest(await altered(SMALL, base), tuned.bundle.run);
  await writeAdapter(adapter, tuned);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('splits the digits: no image of another class, none lost', () => {
  const sets = [only(train, [0, 1, 2, 3, 4]), only(train, [5, 6, 7, 8, 9])];
  expect(sets[0]!.samples + sets[1]!.samples).toBe(SMALL.train);
  sets.forEach(({ x, y, samples }, which) => {
    expect(x.length).toBe(196 * samples);
    for (let n = 0; n < samples; n++) {
      expect(Math.floor(y.subarray(10 * n, 10 * n + 10).indexOf(1) / 5)).toBe(which);
    }
  });
});

it('learns digits that the base does not know, and leaves the base as it is', () => {
  const fresh = only(test, [5, 6, 7, 8, 9]);
  expect(accuracy(base, fresh)).toBeLessThan(0.05);
  expect(loss(tuned.model, fresh)).toBeLessThan(loss(base, fresh) / 2);
  expect(values()).toEqual(before);
});

it('is proven over the digest of its base', async () => {
  const report = await verifyTrainingRun(JSON.stringify(tuned.bundle), {
    expected: { base: own },
  });
  expect(report.failure).toBeUndefined();
  expect(report.ceremony?.id).toBe('ignition');
  expect(report.proven).toMatchObject({
    steps: SMALL.steps,
    parameters: 4 * (196 + 16) + 4 * (16 + 10),
    lora: { proofType: 'lora', base: { digest: own } },
  });
});

it('refuses another base, altered proofs and altered files', async () => {
  expect(other).not.toBe(own);
  const attacks = await attack(tuned, adapter, own, other);
  expect(attacks.map((a) => a.code)).toEqual([
    'RUN_BASE',
    'VERIFY_DIGEST',
    expect.stringMatching(/^(VERIFY_|POINT_INVALID)/),
    'ADAPTER_DIFFERENT',
  ]);
});

it('writes adapters as PEFT does, and finds them to be those of the run', async () => {
  const config = JSON.parse(readFileSync(join(adapter, 'adapter_config.json'), 'utf8'));
  expect(config).toMatchObject({
    peft_type: 'LORA',
    r: 4,
    lora_alpha: 8,
    target_modules: ['hidden', 'output'],
    revision: own,
  });
  const report = await checkAdapter(adapter, tuned, own);
  expect(report.failure).toBeUndefined();
  expect(report.checks.at(-1)).toMatchObject({ name: 'adapter file', ok: true });
});

it('refuses an adapter file that names another base', async () => {
  const path = join(adapter, 'adapter_config.json');
  const config = readFileSync(path, 'utf8');
  writeFileSync(path, config.replace(own, other));
  try {
    await expect(checkAdapter(adapter, tuned, own)).rejects.toMatchObject({ code: 'PEFT_BASE_MISMATCH' });
  } finally {
    writeFileSync(path, config);
  }
});
