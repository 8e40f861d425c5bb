import type { SeedStart } from '@proof-of-training/verifier/run';
import { firstValues, naturalLog, SeedStream } from '@proof-of-training/verifier/run';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksFresh } from '../src/start/fresh.js';
import { readInitializers } from '../src/start/readInitializers.js';

const SEED = new Uint8Array(32).map((_, i) => i);
const SHAPE: [number, number] = [60, 40];
/** Made by another program, from docs/protocol/protocol.md. */
const UNIFORM = [
  0.9770277810244777, 0.41827722685968427, 0.1903145622526412, 0.4763670123758601, 0.5247254432637514,
];
const NORMAL = [-0.575707850547429, -0.26648124620886343, 1.660078887873443, -0.19486774299178947];
type Init = Parameters<typeof tf.layers.dense>[0]['kernelInitializer'];

function modelOf(kernelInitializer: Init, biasInitializer: Init = 'zeros'): tf.LayersModel {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: SHAPE[1], inputShape: [SHAPE[0]], kernelInitializer, biasInitializer }),
    ],
  });
}
function startOf(model: tf.LayersModel): SeedStart {
  const found = readInitializers(tf, model);
  if ('reason' in found) throw new Error(found.reason);
  return found.start;
}
function kernelOf(start: SeedStart) {
  const own = start.layers[0];
  if (!own || !('kernel' in own)) throw new Error('no dense layer');
  return own.kernel;
}
function momentsOf(values: ArrayLike<number>) {
  const list = Array.from(values);
  const mean = list.reduce((a, b) => a + b, 0) / list.length;
  const variance = list.reduce((a, b) => a + (b - mean) ** 2, 0) / list.length;
  return { mean, deviation: Math.sqrt(variance), low: Math.min(...list), high: Math.max(...list) };
}

describe('the generator', () => {
  it('gives known answers', () => {
    // SHA-256(seed, tensor as 4 bytes, block as 8 bytes); 64 bits each, cut to 53.
    const stream = new SeedStream(SEED, 0);
    expect(Array.from({ length: 5 }, () => stream.uniform())).toEqual(UNIFORM);
    const other = new SeedStream(SEED, 1);
    expect(Array.from({ length: 4 }, () => other.normal())).toEqual(NORMAL);
  });

  it('has a stream for each tensor', () => {
    expect(new SeedStream(SEED, 0).uniform()).not.toBe(new SeedStream(SEED, 1).uniform());
  });

  it('knows logarithms to the last bits', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-32, max: 1, noNaN: true, minExcluded: true }), (x) => {
        const wanted = Math.log(x);
        expect(Math.abs(naturalLog(x) - wanted)).toBeLessThanOrEqual(4e-16 * Math.max(1, Math.abs(wanted)));
      }),
    );
    expect(naturalLog(1)).toBe(0);
  });
});

describe.each([
  ['zeros', tf.initializers.zeros()],
  ['ones', tf.initializers.ones()],
  ['constant', tf.initializers.constant({ value: 0.3 })],
  ['randomUniform', tf.initializers.randomUniform({ minval: -0.2, maxval: 0.1 })],
  ['randomUniform by default', 'randomUniform'],
  ['randomNormal', tf.initializers.randomNormal({ mean: 0.1, stddev: 0.2 })],
  ['truncatedNormal', tf.initializers.truncatedNormal({ mean: -0.1, stddev: 0.2 })],
  ['glorotUniform', 'glorotUniform'],
  ['glorotNormal', 'glorotNormal'],
  ['heUniform', 'heUniform'],
  ['heNormal', 'heNormal'],
  ['leCunUniform', 'leCunUniform'],
  ['leCunNormal', 'leCunNormal'],
  ['varianceScaling', tf.initializers.varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'uniform' })],
] as [string, Init][])('%s', (_, kernelInitializer) => {
  it('is what TensorFlow.js has: mean, deviation and bounds', () => {
    const model = modelOf(kernelInitializer);
    const start = startOf(model);
    const own = momentsOf(firstValues(kernelOf(start), SHAPE, new SeedStream(SEED, 0)));
    const theirs = momentsOf(model.getWeights()[0]!.dataSync());
    const n = SHAPE[0] * SHAPE[1];
    // Two samples of 2400: both estimates are within five of their standard errors.
    const error = (5 * Math.SQRT2 * theirs.deviation) / Math.sqrt(n) + 1e-7;
    expect(Math.abs(own.mean - theirs.mean)).toBeLessThan(error);
    expect(Math.abs(own.deviation - theirs.deviation)).toBeLessThan(error);
    const bounded = 'normal' !== kernelOf(start).kind;
    if (bounded) {
      // The largest of 2400 values of a bounded law is close to its bound.
      expect(Math.abs(own.high - theirs.high)).toBeLessThan(0.05 * (theirs.high - theirs.low) + 1e-7);
      expect(Math.abs(own.low - theirs.low)).toBeLessThan(0.05 * (theirs.high - theirs.low) + 1e-7);
    }
  });

  it('is known as new, and not when it is scaled or shifted', () => {
    const model = modelOf(kernelInitializer);
    const start = startOf(model);
    const kernel = model.getWeights()[0]!.dataSync();
    const fresh = (values: ArrayLike<number>, bias = new Float32Array(SHAPE[1])) =>
      looksFresh(start, [{ name: 'l', kernel: values, bias, inputs: SHAPE[0], outputs: SHAPE[1] }]);
    expect(fresh(kernel)).toBe(true);
    const changed = Float32Array.from(kernel);
    changed[7]! += 3;
    expect(fresh(changed)).toBe(false);
    if (momentsOf(kernel).deviation > 0) expect(fresh(Float32Array.from(kernel, (v) => v / 2))).toBe(false);
    expect(fresh(kernel, new Float32Array(SHAPE[1]).fill(1e-9))).toBe(false);
  });
});

describe('initialisers', () => {
  it('are known by their class, not by their name', () => {
    const model = modelOf('glorotUniform');
    class Own extends tf.serialization.Serializable {
      static className = 'VarianceScaling';
      apply = (shape: number[]) => tf.zeros(shape);
      getConfig = () => ({ scale: 1, mode: 'fanAvg', distribution: 'uniform' });
    }
    (model.layers[0] as unknown as { kernelInitializer: object }).kernelInitializer = new Own();
    expect(readInitializers(tf, model)).toMatchObject({ reason: expect.stringContaining('not known') });
    expect(readInitializers(tf, modelOf(tf.initializers.heNormal({ seed: 1 })))).toMatchObject({
      seeded: true,
    });
    expect(readInitializers(tf, modelOf('heNormal'))).toMatchObject({ seeded: false });
  });
});
