// A process that trains until it is killed: begins the run in the given folder, or continues it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { TrainingSession } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';

tf.enableProdMode();
const dir = process.argv[2];
const samples = 24;
const x = Float32Array.from({ length: samples * 6 }, (_, i) => ((i * 37) % 256) / 256);
const y = new Float32Array(samples * 3);
for (let s = 0; s < samples; s++) y[s * 3 + (s % 3)] = 1;
const model = tf.sequential({
  layers: [
    tf.layers.dense({
      units: 5,
      activation: 'relu',
      inputShape: [6],
      kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
    }),
    tf.layers.dense({
      units: 3,
      activation: 'softmax',
      kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
    }),
  ],
});
model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });

const options = { onWarning: () => {}, workers: 1 };
const session = existsSync(join(dir, 'run.json'))
  ? await TrainingSession.resume(dir, options)
  : await TrainingSession.create({
      ...options,
      srs: 'development',
      model,
      data: { x, y },
      dir,
      batchSize: 4,
      window: 2,
      profile: 'compact',
    });

for (;;) {
  await session.step();
  process.send({ steps: session.steps });
  // Time for the parent to kill this process between two steps.
  await new Promise((resolve) => setTimeout(resolve, 100));
}
