/** Which number format a float step gets. */
import { loadProver } from '@proof-of-training/halo2-wasm';
import { describe, expect, it } from 'vitest';
import { recordBatch, recordModel } from '../src/record/index.js';
import { integerStep } from '../src/step/integerStep.js';

describe('the format of a step', () => {
  it('is the first one whose range holds every value of the step', async () => {
    // Outputs of +-1344: their difference is beyond the default format's exponential table, and within the next one's.
    const inputs = 64;
    const model = (first: number, second: number) =>
      recordModel(
        [
          {
            name: 'dense/kernel',
            shape: [inputs, 2],
            values: Float32Array.from({ length: 2 * inputs }, (_, n) => (n % 2 === 0 ? first : second)),
          },
        ],
        { activations: ['softmax'], loss: 'softmaxCrossEntropy' },
      );
    // Label 1: the step is -rate * 3 and +rate * 3.
    const rate = 2 ** -4;
    const [before, after] = [await model(7, -7), await model(7 - 3 * rate, -7 + 3 * rate)];
    const xs = Float32Array.from({ length: inputs }, () => 3);
    const batch = await recordBatch({ xs, ys: Float32Array.of(0, 1) }, inputs, 2, 'softmaxCrossEntropy');
    const halo2 = await loadProver();
    const step = integerStep(halo2, before, after, batch, rate);
    expect(step.format.name).toBe('sharp');
    expect(step.deviations[0]!.maxDeviation).toBeLessThan(step.tolerance);
  });
});
