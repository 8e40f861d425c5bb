import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import type { TrainConfig } from './config.js';
import { loadDigits } from './digits.js';
import { seededRandom, shuffle } from './random.js';

/** A data set in memory: flat arrays, with its widths. */
export interface LoadedData {
  train: { x: Float32Array; y: Float32Array; samples: number };
  test: { x: Float32Array; y: Float32Array; samples: number };
  inputs: number;
  outputs: number;
}

const rows = z.array(z.array(z.number()).min(1)).min(1);
const fileSchema = z.object({ x: rows, y: rows });

/** Loads what a configuration names; file paths are relative to `folder`. Errors: `DATA_*`, `DIGITS_MISSING`. */
export async function loadData(config: TrainConfig, folder: string): Promise<LoadedData> {
  if ('digits' in config.data) {
    const { train, test, pool } = config.data.digits;
    const digits = loadDigits({ test, pool, seed: config.seed, ...(train !== undefined && { train }) });
    return { ...(digits as unknown as LoadedData), outputs: 10 };
  }
  const { file, test } = config.data;
  const { x, y } = await readRows(resolve(folder, file));
  const order = shuffle([...x.keys()], seededRandom(config.seed));
  const pick = (indices: number[]) => ({
    x: Float32Array.from(indices.flatMap((i) => x[i]!)),
    y: Float32Array.from(indices.flatMap((i) => y[i]!)),
    samples: indices.length,
  });
  return {
    test: pick(order.slice(0, test)),
    train: pick(order.slice(test)),
    inputs: x[0]!.length,
    outputs: y[0]!.length,
  };
}

async function readRows(path: string): Promise<{ x: number[][]; y: number[][] }> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new PotError('DATA_FILE', `the data file ${path} cannot be read`, { cause });
  });
  let data: z.infer<typeof fileSchema>;
  try {
    data = fileSchema.parse(readStrictJson(text));
  } catch {
    throw new PotError('DATA_FILE', `${path} is not JSON of the form { "x": number[][], "y": number[][] }`);
  }
  const even = (m: number[][]) => m.every((row) => row.length === m[0]!.length);
  if (data.x.length !== data.y.length || !even(data.x) || !even(data.y)) {
    throw new PotError('DATA_SHAPE', `${path}: x and y need the same number of rows, all of one width each`);
  }
  return data;
}
