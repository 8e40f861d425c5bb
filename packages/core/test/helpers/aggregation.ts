import { type Engine, loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import type { RunBundle } from '@proof-of-training/verifier/files';
import * as tf from '@tensorflow/tfjs';
import { TrainingSession } from '../../src/session/trainingSession.js';
import { toyData, toyOptions } from './toy.js';

/** Threads of the WebAssembly aggregations in tests. */
export const THREADS = 2;

/** A real run of the smallest windows: one step of a 6-3 network each, two shards. */
export async function smallRun(windows: number, engine: Engine): Promise<RunBundle> {
  const model = tf.sequential();
  model.add(
    tf.layers.dense({
      units: 3,
      activation: 'softmax',
      inputShape: [6],
      kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
    }),
  );
  model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  const session = await TrainingSession.create(toyOptions({ model, data: toyData(1, 8), window: 1, engine }));
  try {
    await session.fit({ steps: windows });
    return await session.finish();
  } finally {
    await session.close();
  }
}

/** The development SRS of 2^17 points, which the smallest aggregation circuits need. */
export async function largeSrs(engine: Engine): Promise<Uint8Array> {
  return (await developmentSrs(await loadProver({ engine }), 17)).bytes;
}
