import { writeFile } from 'node:fs/promises';
import { TrainingSession, verifyTrainingRun } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({
  layers: [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
const [x, y] = [tf.randomUniform([64, 4]), tf.oneHot(tf.randomUniform([64], 0, 3, 'int32'), 3)];
const session = await TrainingSession.create({
  model,
  data: { x, y },
  dir: 'runs/first',
  batchSize: 8,
  window: 4,
});
await session.fit({ epochs: 1 });
const bundle = await session.finish();
await session.close();
await writeFile('runs/first.json', JSON.stringify(bundle));
const report = await verifyTrainingRun(bundle);
console.log(report.ok, report.proven);
