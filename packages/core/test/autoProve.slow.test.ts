/** A step on real digits at 784-128-10, taken by TensorFlow.js, proven and verified. */

import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { recordModel } from '../src/record/index.js';
import { autoProveTrainingStep, StepProver } from '../src/step/index.js';
import { loadDigits } from '../src/trainConfig/digits.js';

it('proves a float32 step at 784-128-10, batch 32, and refuses the same step under another learning rate', async () => {
  await tf.setBackend('cpu');
  const { train } = loadDigits({ test: 0, train: 32, seed: 1 });
  const xs = tf.tensor2d(train.x as Float32Array, [32, 784]);
  const ys = tf.tensor2d(train.y as Float32Array, [32, 10]);
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: 128,
        activation: 'relu',
        inputShape: [784],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.dense({
        units: 10,
        activation: 'softmax',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
  const before = await recordModel(model);
  await model.trainOnBatch(xs, ys);
  const prover = await StepProver.start({ srs: 'development', onWarning: () => {} });
  try {
    const made = await autoProveTrainingStep(before, model, { xs, ys }, 0.1, { prover });
    expect(made.deviations).toHaveLength(2);
    expect(made.stepExceedsTolerance).toBe(true);
    expect(Buffer.from(made.proof.proof, 'base64url').length).toBeLessThanOrEqual(8448);
    expect((await verifyTrainingProof(made.proof, { allowDevelopmentSrs: true })).ok).toBe(true);
    await expect(autoProveTrainingStep(before, model, { xs, ys }, 0.11, { prover })).rejects.toThrow(
      expect.objectContaining({ code: 'STEP_NOT_SGD' }),
    );
  } finally {
    await prover.close();
  }
}, 600_000);
