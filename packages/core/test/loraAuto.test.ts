/** Steps that TensorFlow.js took with adapters, proven in tolerance mode. */

import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RecordedModel, recordModel } from '../src/record/index.js';
import { type AutoProof, autoProveTrainingStep, StepProver } from '../src/step/index.js';
import { baseDigest } from '../src/verify/baseDigest.js';
import { loraToyModel } from './helpers/loraToy.js';
import { TOY, toyData, toyModel } from './helpers/toy.js';

const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const accept = { allowDevelopmentSrs: true };
let prover: StepProver;
let before: RecordedModel;
let after: RecordedModel;
let batch: { xs: tf.Tensor; ys: tf.Tensor };
let proven: AutoProof;

beforeAll(async () => {
  const model = await loraToyModel();
  const { x, y } = toyData(1, TOY.batch);
  batch = { xs: tf.tensor2d(x, [TOY.batch, TOY.inputs]), ys: tf.tensor2d(y, [TOY.batch, TOY.outputs]) };
  before = await recordModel(model);
  await model.trainOnBatch(batch.xs, batch.ys);
  after = await recordModel(model);
  prover = await StepProver.start({ srs: 'development', workers: 2, onWarning: () => {} });
  proven = await autoProveTrainingStep(before, after, batch, 0.125, { prover });
});
afterAll(() => prover?.close());

it('is of type lora, and names the base', async () => {
  expect(proven).toMatchObject({ success: true, proofType: 'lora', conditional: true });
  expect(proven.proof.public.base).toBe(proven.commitments.base);
  expect(proven.deviations).toHaveLength(2);
  for (const d of proven.deviations) expect(d.maxDeviation).toBeLessThan(proven.tolerance);
  const report = await verifyTrainingProof(JSON.stringify(proven.proof), accept);
  expect(report.failure).toBeUndefined();
  expect(report.lora).toMatchObject({ proofType: 'lora', base: { digest: proven.commitments.base } });
  expect(report.lora!.statement).toContain('within the tolerance');
  expect(await baseDigest(toyModel(1), proven.proof, accept)).toBe(proven.commitments.base);
});

it('is refused for another base, also by its digest alone', async () => {
  const other = { ...proven.proof, public: { ...proven.proof.public, base: proven.proof.public.data } };
  expect((await verifyTrainingProof(other, accept)).failure?.code).toBe('VERIFY_DIGEST');
  const { base: _, ...without } = proven.proof.public;
  expect((await verifyTrainingProof({ ...proven.proof, public: without }, accept)).failure?.code).toBe(
    'SPEC_BASE',
  );
  const expected = { base: proven.proof.public.data };
  const report = await verifyTrainingProof(proven.proof, { ...accept, expected });
  expect(report.failure?.code).toBe('EXPECTED_MISMATCH');
});

it('commits to a base once, and shows the same digest in the next step', async () => {
  const model = await loraToyModel();
  const start = await recordModel(model);
  await model.trainOnBatch(batch.xs, batch.ys);
  const next = await autoProveTrainingStep(start, model, batch, 0.125, { prover });
  expect(next.commitments.base).toBe(proven.commitments.base);
  const commitments = (prover as unknown as { bases: Map<string, unknown> }).bases;
  expect(commitments.size).toBe(1);
});

it('refuses a step that changed the base, is not SGD, or lost an adapter', async () => {
  const prove = (to: RecordedModel, rate = 0.125) =>
    autoProveTrainingStep(before, to, batch, rate, { prover });
  const base = structuredClone(after);
  base.layers[1]!.biases![0]! += 2 ** -20;
  await expect(prove(base)).rejects.toEqual(code('BASE_CHANGED'));
  await expect(prove(after, 0.25)).rejects.toEqual(code('STEP_NOT_SGD'));
  const skipped = structuredClone(after);
  skipped.layers[0]!.adapter = structuredClone(before.layers[0]!.adapter!);
  await expect(prove(skipped)).rejects.toEqual(code('STEP_NOT_SGD'));
  const lost = structuredClone(after);
  delete lost.layers[0]!.adapter;
  await expect(prove(lost)).rejects.toEqual(code('MODEL_MISMATCH'));
  const broken = structuredClone(after);
  broken.layers[0]!.adapter!.B[1] = Number.NaN;
  await expect(prove(broken)).rejects.toEqual(code('VALUE_NOT_FINITE'));
});

it.each([
  ['Adam', 1, () => tf.train.adam(0.01)],
  // The first step by momentum is one by plain SGD.
  ['momentum', 2, () => tf.train.momentum(0.01, 0.9)],
] as const)('refuses a step by %s, and says what proves such steps', async (_, steps, optimizer) => {
  const model = await loraToyModel();
  model.compile({ optimizer: optimizer(), loss: 'categoricalCrossentropy' });
  let start = await recordModel(model);
  for (let n = 0; n < steps; n++) {
    start = await recordModel(model);
    await model.trainOnBatch(batch.xs, batch.ys);
  }
  await expect(autoProveTrainingStep(start, model, batch, 0.01, { prover })).rejects.toMatchObject({
    code: 'STEP_NOT_SGD',
    hint: expect.stringMatching(/momentum, Adam .*exact mode: TrainingSession/),
  });
});
