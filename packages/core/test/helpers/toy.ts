import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs';
import type { CreateOptions } from '../../src/session/options.js';
import { seededRandom } from '../../src/trainConfig/random.js';

tf.enableProdMode();

/** Inputs, outputs and samples of the toy problem: small enough that a proof takes about a second. */
export const TOY = { inputs: 6, hidden: 5, outputs: 3, batch: 4, window: 2, shards: 3 };

/** A toy classification: the label is the largest of three sums. */
export function toyData(seed = 1, samples = TOY.batch * TOY.window * TOY.shards) {
  const random = seededRandom(seed);
  const x = Float32Array.from({ length: samples * TOY.inputs }, () => Math.round(random() * 255) / 256);
  const y = new Float32Array(samples * TOY.outputs);
  for (let s = 0; s < samples; s++) {
    const sums = [0, 1, 2].map((c) => x[s * TOY.inputs + 2 * c]! + x[s * TOY.inputs + 2 * c + 1]!);
    y[s * TOY.outputs + sums.indexOf(Math.max(...sums))] = 1;
  }
  return { x, y };
}

/** A compiled 6-5-3 network with seeded first weights. */
export function toyModel(seed = 1, activation: 'relu' | 'linear' = 'relu'): tf.LayersModel {
  const kernelInitializer = (n: number) => tf.initializers.glorotUniform({ seed: 10 * seed + n });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: TOY.hidden,
        activation,
        inputShape: [TOY.inputs],
        kernelInitializer: kernelInitializer(0),
      }),
      tf.layers.dense({ units: TOY.outputs, activation: 'softmax', kernelInitializer: kernelInitializer(1) }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  return model;
}

/** Options of a session on the toy problem, in a new folder. */
export function toyOptions(more: Partial<CreateOptions> = {}): CreateOptions {
  return {
    model: toyModel(),
    data: toyData(),
    dir: mkdtempSync(join(tmpdir(), 'pot-run-')),
    batchSize: TOY.batch,
    window: TOY.window,
    profile: 'compact',
    workers: 2,
    // Made in no time, in any size; ceremony.test.ts is about the default.
    srs: 'development',
    onWarning: () => {},
    ...more,
  };
}
