import * as tf from '@tensorflow/tfjs';
import type { StepTask } from '../../src/batch/tasks.js';
import { recordModel } from '../../src/record/index.js';

/** A step that TensorFlow.js took on a 4-3 network: proven in well under a second. */
export async function stepTask(seed = 1): Promise<StepTask> {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 3,
        activation: 'softmax',
        inputShape: [4],
        kernelInitializer: tf.initializers.glorotUniform({ seed }),
      }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  const xs = [
    [0, 0.25, 0.5, 0.75],
    [1, 0.5, 0, 0.5],
  ];
  const ys = [
    [0, 1, 0],
    [0, 0, 1],
  ];
  const before = await recordModel(model);
  await model.trainOnBatch(tf.tensor2d(xs), tf.tensor2d(ys));
  const after = await recordModel(model);
  return { before, after, batch: { xs, ys }, learningRate: 0.125, format: 'compact', step: seed };
}
