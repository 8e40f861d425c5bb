import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CheckpointOpening, type RunBundle, type Srs, TrainingSession } from '@proof-of-training/core';
import { loadTf } from '@proof-of-training/core/internal';

const [INPUTS, HIDDEN, OUTPUTS, BATCH, WINDOWS] = [16, 16, 4, 4, 2];

export interface SampleRun {
  bundle: RunBundle;
  /** Opens the commitment to the last weights: secret, in memory only. */
  opening: CheckpointOpening;
}

/**
 * Trains a 16-16-4 network for two windows of one step each, and proves them, as any program would: the run that
 * `pnpm verify:onchain` makes on the spot. `srs`: its reference string; default: the INSECURE development string.
 *
 * Errors: those of `TrainingSession`.
 */
export async function sampleRun(srs?: Srs): Promise<SampleRun> {
  const tf = await loadTf();
  const samples = BATCH * WINDOWS;
  // Four classes: the label is the quarter of the inputs that is bright.
  const label = (i: number) => i % OUTPUTS;
  const x = Float32Array.from({ length: samples * INPUTS }, (_, at) => {
    const [i, pixel] = [Math.floor(at / INPUTS), at % INPUTS];
    const noise = ((at * 37) % 64) / 256;
    return Math.floor((pixel * OUTPUTS) / INPUTS) === label(i) ? 0.75 + noise / 2 : noise;
  });
  const y = Float32Array.from({ length: samples * OUTPUTS }, (_, at) =>
    Number(at % OUTPUTS === label(Math.floor(at / OUTPUTS))),
  );
  const model = tf.sequential({
    layers: [
      tf.layers.dense({
        units: HIDDEN,
        activation: 'relu',
        inputShape: [INPUTS],
        kernelInitializer: tf.initializers.glorotUniform({ seed: 1 }),
      }),
      tf.layers.dense({
        units: OUTPUTS,
        activation: 'softmax',
        kernelInitializer: tf.initializers.glorotUniform({ seed: 2 }),
      }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  const dir = await mkdtemp(join(tmpdir(), 'pot-onchain-'));
  const session = await TrainingSession.create({
    model,
    data: { x, y },
    dir,
    batchSize: BATCH,
    window: 1,
    profile: 'compact',
    onWarning: () => {},
    ...(srs && { srs }),
  });
  try {
    await session.fit({ steps: WINDOWS });
    const opening = await session.opening();
    const bundle = await session.finish();
    return { bundle, opening };
  } finally {
    await session.close();
    await rm(dir, { recursive: true, force: true });
  }
}
