import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { afterEach, describe, expect, it } from 'vitest';
import { recordModel } from '../src/record/index.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { verifyModelWeights } from '../src/verify/modelWeights.js';
import { TOY, toyData, toyModel, toyOptions } from './helpers/toy.js';

const open: TrainingSession[] = [];
async function create(more = {}): Promise<TrainingSession> {
  const session = await TrainingSession.create(toyOptions(more));
  open.push(session);
  return session;
}
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

const accept = { allowDevelopmentSrs: true };

describe('a session', () => {
  it('keeps to the columns that were asked for, in both circuits, and verifies', async () => {
    const session = await create({ weightColumns: 3 });
    await session.fit({ epochs: 1 });
    const bundle = await session.finish();
    expect(bundle.run.spec.shape.weightColumns).toBe(3);
    expect(bundle.run.genesisSpec.shape.weightColumns).toBe(3);
    expect((await verifyTrainingRun(bundle, accept)).ok).toBe(true);
    await expect(create({ weightColumns: 0 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });

  it('trains, proves in the background, and gives a bundle that verifies', async () => {
    const proofs: (number | undefined)[] = [];
    const session = await create({
      onProof: (p: { window: number | undefined }) => proofs.push(p.window),
    });
    const reports = await session.epoch();
    expect(reports.map((r) => r.step)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(reports.every((r) => r.loss > 0 && r.accuracy >= 0 && r.accuracy <= 1)).toBe(true);
    const opening = await session.opening();
    const bundle = await session.finish();
    expect([...proofs].sort()).toEqual([0, 1, 2, undefined]);
    const report = await verifyTrainingRun(JSON.stringify(bundle), accept);
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({
      ok: true,
      developmentSrs: true,
      proven: { steps: 6, windows: 3, epochs: 1 },
    });

    // The model is the committed one; another model, and another commitment, are not.
    const { weightsAfter, weightsBefore } = report.proven!;
    expect((await verifyModelWeights(session.model, weightsAfter, opening, accept)).ok).toBe(true);
    expect(await verifyModelWeights(toyModel(2), weightsAfter, opening, accept)).toMatchObject({
      ok: false,
      failure: { code: 'MODEL_DIFFERENT' },
    });
    expect(await verifyModelWeights(session.model, weightsBefore, opening, accept)).toMatchObject({
      failure: { code: 'OPENING_COMMITMENT' },
    });
  });

  // Linear units: with ReLU a pre-activation that rounds to zero is inactive for the integers and active for the float
  // (docs/operate/accuracy.md), and whether a batch meets one depends on its order, which is drawn anew for each run.
  it('warns of the development SRS once a process', async () => {
    // As in a process that has just begun.
    delete process.env.POT_DEVELOPMENT_WARNED;
    const warnings: string[] = [];
    const onWarning = (m: string) => warnings.push(m);
    for (let n = 0; n < 2; n++) await (await create({ onWarning })).close();
    expect(warnings).toEqual([expect.stringMatching(/^INSECURE development SRS/)]);
  });

  it('takes the same steps as float32 TensorFlow.js, to a few units of the fixed point', async () => {
    const model = toyModel(1, 'linear');
    const float = toyModel(1, 'linear');
    const { x, y } = toyData();
    const session = await create({ model });
    const tf = await import('@tensorflow/tfjs');
    for (let n = 0; n < 6; n++) {
      const { samples } = session.next();
      const rows = (v: Float32Array, width: number) =>
        tf.tensor2d(
          samples.flatMap((s) => [...v.subarray(s * width, (s + 1) * width)]),
          [samples.length, width],
        );
      await session.step();
      await float.trainOnBatch(rows(x, TOY.inputs), rows(y, TOY.outputs));
    }
    const [ours, theirs] = [await recordModel(model), await recordModel(float)];
    theirs.layers.forEach(({ kernel }, l) => {
      const { kernel: own } = ours.layers[l]!;
      for (let i = 0; i < kernel.length; i++) expect(Math.abs(own[i]! - kernel[i]!)).toBeLessThan(1e-3);
    });
  });

  it('refuses a batch that is not the scheduled one', async () => {
    const session = await create();
    const x = new Int32Array(TOY.batch * TOY.inputs);
    const y = new Int32Array(TOY.batch * TOY.outputs);
    await expect(session.step({ x, y })).rejects.toMatchObject({ code: 'BATCH_NOT_SCHEDULED' });
    expect(session.steps).toBe(0);
  });

  it('covers every step with a proof, or says so', async () => {
    const session = await create();
    await expect(session.finish()).rejects.toMatchObject({ code: 'SESSION_EMPTY' });
    await session.fit({ steps: 1 });
    expect(session.steps).toBe(TOY.window);
    await session.step();
    await expect(session.finish()).rejects.toMatchObject({ code: 'SESSION_WINDOW_OPEN' });
    const bundle = await session.finish({ discardOpenWindow: true });
    expect(bundle.windows).toHaveLength(1);
    await expect(session.step()).rejects.toMatchObject({ code: 'SESSION_CLOSED' });
  });

  it('forgets the checkpoints, and their salts, that no open proof needs', async () => {
    const options = toyOptions();
    const session = await TrainingSession.create(options);
    open.push(session);
    await session.epoch();
    await session.finish();
    const left = readdirSync(join(options.dir, 'private')).filter((n) => n.startsWith('checkpoint'));
    expect(left).toEqual(['checkpoint-000003-1.bin']);
  });

  it('stops proving when it is aborted, and can be resumed', async () => {
    const controller = new AbortController();
    const options = toyOptions({ signal: controller.signal });
    const session = await TrainingSession.create(options);
    open.push(session);
    await session.step();
    await session.step();
    controller.abort();
    await expect(session.finish()).rejects.toMatchObject({ code: 'PROVER_ABORTED' });
    await session.close();
    const again = await TrainingSession.resume(options.dir, { onWarning: () => {} });
    open.push(again);
    expect(again.steps).toBe(2);
    const bundle: RunBundle = await again.finish();
    expect((await verifyTrainingRun(bundle, accept)).failure).toBeUndefined();
  });

  it('refuses a window under a salt that leaves no proof for a renewal', async () => {
    const options = toyOptions();
    const session = await TrainingSession.create(options);
    await session.epoch();
    await session.close();
    const path = join(options.dir, 'run.json');
    const file = JSON.parse(readFileSync(path, 'utf8'));
    expect(file.maxEpochs).toBeGreaterThan(1);
    writeFileSync(path, JSON.stringify({ ...file, maxEpochs: 1 }));
    const again = await TrainingSession.resume(options.dir, { onWarning: () => {} });
    open.push(again);
    await expect(again.step()).rejects.toMatchObject({ code: 'SALT_EXHAUSTED' });
  });

  it('takes steps one after the other, also where they are not awaited', async () => {
    const session = await create();
    const reports = await Promise.all([session.step(), session.step(), session.step(), session.step()]);
    expect(reports.map((r) => r.step)).toEqual([0, 1, 2, 3]);
    expect((await verifyTrainingRun(await session.finish(), accept)).ok).toBe(true);
  });

  it('proves a regression with signed data and mean squared error', async () => {
    const tf = await import('@tensorflow/tfjs');
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, activation: 'relu', inputShape: [2] }),
        tf.layers.dense({ units: 1, activation: 'linear', useBias: false }),
      ],
    });
    model.compile({ optimizer: tf.train.sgd(0.125), loss: 'meanSquaredError' });
    const x = tf.tensor2d(Array.from({ length: 16 }, (_, i) => [Math.sin(i) / 2, Math.cos(3 * i) / 2]));
    const y = tf.tidy(() => x.mul([[1, -1]]).sum(1, true));
    const session = await create({ model, data: { x, y } });
    await session.epoch();
    expect(session.run.spec).toMatchObject({ loss: 'meanSquaredError', xOffset: 256, yOffset: 256 });
    expect((await verifyTrainingRun(await session.finish(), accept)).failure).toBeUndefined();
  });

  it('leaves nothing behind when it refuses to begin', async () => {
    const refusals: [object, string][] = [
      [{ learningRate: 1e-6 }, 'LEARNING_RATE_UNREPRESENTABLE'],
      [{ data: { ...toyData(), x: toyData().x.fill(9, 0, 1) } }, 'VALUE_OUT_OF_RANGE'],
      [{ data: { ...toyData(), x: toyData().x.fill(Number.NaN, 0, 1) } }, 'VALUE_NOT_FINITE'],
      [{ data: toyData(1, 2) }, 'DATA_TOO_SMALL'],
      [{ batchSize: 5000, learningRate: 4 }, 'SPEC_INVALID'],
      // The planner tries other windows: the less of them, the sooner it says which one would fit.
      [{ batchSize: 256, window: 16, learningRate: 4 }, 'CIRCUIT_TOO_LARGE'],
    ];
    const errors = [];
    for (const [more, code] of refusals) {
      const options = toyOptions(more);
      const error = await TrainingSession.create(options).catch((e) => e);
      expect(error).toMatchObject({ code });
      expect(readdirSync(options.dir)).toEqual([]);
      errors.push(error);
    }
    const { hint, details } = errors.at(-1);
    expect(hint).toMatch(/A window of \d+ steps would fit/);
    expect(details.fits).toBeLessThan(16);
  });
});
