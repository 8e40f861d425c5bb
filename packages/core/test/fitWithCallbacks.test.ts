/** Training a session as `model.fit` trains a model. */
import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { fitWithCallbacks, type StepReport, TrainingSession } from '../src/index.js';
import { TOY, toyData, toyOptions } from './helpers/toy.js';

const open: TrainingSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

it('calls callbacks as model.fit does, gives its history, and stops where one asks for it', async () => {
  const session = await TrainingSession.create(toyOptions());
  open.push(session);
  const { x, y } = toyData();
  const validationData = [tf.tensor2d(x, [24, TOY.inputs]), tf.tensor2d(y, [24, TOY.outputs])] as const;
  session.model.compile({
    optimizer: 'sgd',
    loss: 'categoricalCrossentropy',
    metrics: ['accuracy'],
  });
  const seen: string[] = [];
  const say =
    (what: string) =>
    async (n?: number | tf.Logs, logs: tf.Logs = {}) => {
      seen.push([what, ...(typeof n === 'number' ? [n] : []), ...Object.keys(logs)].join(' '));
    };
  const names = [
    'onTrainBegin',
    'onEpochBegin',
    'onBatchBegin',
    'onBatchEnd',
    'onEpochEnd',
    'onTrainEnd',
  ] as const;
  const told = Object.fromEntries(names.map((n) => [n, say(n)]));
  // As TensorFlow.js calls them.
  const model = tf.sequential({
    layers: [tf.layers.dense({ units: 3, inputShape: [6], activation: 'softmax' })],
  });
  model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy', metrics: ['accuracy'] });
  const args = { epochs: 1, batchSize: TOY.batch, verbose: 0 as const };
  await model.fit(...validationData, { ...args, validationData: [...validationData], callbacks: told });
  const wanted = seen.splice(0);

  const reports: StepReport[] = [];
  const { epoch, history } = await fitWithCallbacks(session, {
    callbacks: told,
    validationData,
    onStep: (r) => void reports.push(r),
  });
  const sorted = (list: string[]) => list.map((line) => line.split(' ').sort().join(' '));
  expect(sorted(seen)).toEqual(sorted(wanted));
  expect(epoch).toEqual([0]);
  const mean = (key: 'loss' | 'accuracy') => reports.reduce((s, r) => s + r[key], 0) / reports.length;
  expect(reports).toHaveLength(6);
  expect(history.loss![0]).toBeCloseTo(mean('loss'), 10);
  expect(history.acc![0]).toBeCloseTo(mean('accuracy'), 10);
  const [loss, accuracy] = (session.model.evaluate(...validationData) as tf.Scalar[]).map(
    (t) => t.dataSync()[0],
  );
  expect([history.val_loss, history.val_acc]).toEqual([[loss], [accuracy]]);

  // A class of TensorFlow.js's own; a loss that falls is never good enough for it.
  const patient = tf.callbacks.earlyStopping({ monitor: 'loss', minDelta: 1e9, patience: 0 });
  const stopped = await fitWithCallbacks(session, { epochs: 5, callbacks: [patient] });
  expect(stopped.epoch).toEqual([1, 2]);
  // In the middle of an epoch: with the window.
  const halt = {
    onBatchEnd: async () => {
      session.model.stopTraining = true;
    },
  };
  const cut = await fitWithCallbacks(session, { epochs: 1, callbacks: halt });
  expect(session.steps).toBe(18 + TOY.window);
  expect(cut.history.loss).toHaveLength(1);
  // The pass that has begun is ended, no other is begun.
  expect((await fitWithCallbacks(session)).epoch).toEqual([3]);
  expect(session.steps).toBe(24);
  const refused = { name: 'PotError', code: 'RUN_TOO_LONG' };
  await expect(fitWithCallbacks(session, { epochs: 1e6 })).rejects.toMatchObject(refused);
  expect(session.steps).toBe(24);
});
