// README.md's ten lines, and the run's file.
import { writeFileSync } from 'node:fs';
import { TrainingSession, verifyTrainingRun } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';

const model = tf.sequential({
  layers: [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })],
});
model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
const [x, y] = [tf.randomUniform([16, 4]), tf.oneHot(tf.randomUniform([16], 0, 3, 'int32'), 3)];
const session = await TrainingSession.create({
  model,
  data: { x, y },
  dir: 'runs/mine',
  batchSize: 8,
  window: 2,
});
await session.fit({ epochs: 1 });
const bundle = await session.finish();
await session.close();
if (!(await verifyTrainingRun(bundle)).ok) throw new Error('the run does not verify');
writeFileSync('bundle.json', JSON.stringify(bundle));
