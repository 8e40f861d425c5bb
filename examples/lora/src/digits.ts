import type { loadDigits } from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';

/** Images `[samples][inputs]` and one-hot labels `[samples][10]`, flat. */
export interface Images {
  x: Float32Array;
  y: Float32Array;
  samples: number;
}

/** The images of `set` whose label is one of `digits`. */
export function only(set: ReturnType<typeof loadDigits>['train'], digits: readonly number[]): Images {
  const [x, y] = [Float32Array.from(set.x), Float32Array.from(set.y)];
  const inputs = x.length / set.samples;
  const chosen = Array.from({ length: set.samples }, (_, n) => n).filter((n) =>
    digits.includes(y.subarray(10 * n, 10 * n + 10).indexOf(1)),
  );
  const pick = (values: Float32Array, width: number) => {
    const rows = new Float32Array(chosen.length * width);
    chosen.forEach((n, at) => {
      rows.set(values.subarray(n * width, (n + 1) * width), at * width);
    });
    return rows;
  };
  return { x: pick(x, inputs), y: pick(y, 10), samples: chosen.length };
}

/** Share of the images that the model classifies as their labels say. */
export function accuracy(model: tf.LayersModel, { x, y, samples }: Images): number {
  return tf.tidy(() => {
    const guess = model.predict(tf.tensor2d(x, [samples, x.length / samples])) as tf.Tensor2D;
    return guess
      .argMax(1)
      .equal(tf.tensor2d(y, [samples, 10]).argMax(1))
      .mean()
      .dataSync()[0]!;
  });
}
