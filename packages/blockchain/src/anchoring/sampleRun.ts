import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CheckpointOpening,
  parseTrainConfig,
  type RunBundle,
  type Srs,
  TrainingSession,
} from '@proof-of-training/core';
import { initialModel } from '@proof-of-training/core/model';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';

const [INPUTS, OUTPUTS, BATCH, WINDOWS] = [16, 4, 4, 2];
/** Rows (log2) of its circuit. */
const ROWS = 10;

/** The network; its data are made below. */
const config = parseTrainConfig({
  data: { file: '' },
  layers: [
    { units: 16, activation: 'relu' },
    { units: OUTPUTS, activation: 'softmax' },
  ],
  loss: 'categoricalCrossentropy',
  learningRate: 0.125,
});

export interface SampleRun {
  bundle: RunBundle;
  /** Opens the commitment to the last weights: secret, in memory only. */
  opening: CheckpointOpening;
}

/**
 * Trains a 16-16-4 network for two windows of one step each, and proves them, as any program would: the run that
 * `pnpm verify:onchain` makes on the spot. `srs`: its SRS; default: the INSECURE development SRS, since the wrapper
 * needs 2^20 points of the same one.
 *
 * Errors: those of `TrainingSession`.
 */
export async function sampleRun(srs?: Srs): Promise<SampleRun> {
  const samples = BATCH * WINDOWS;
  // Four classes: the label is the quarter of the inputs that is bright.
  const label = (i: number) => i % OUTPUTS;
  const x = Float32Array.from({ length: samples * INPUTS }, (_, at) => {
    const [i, pixel] = [Math.floor(at / INPUTS), at % INPUTS];
    // 61 is prime to 16 and to 37: no two samples are the same, as shards must not be.
    const noise = ((at * 37) % 61) / 256;
    return Math.floor((pixel * OUTPUTS) / INPUTS) === label(i) ? 0.75 + noise / 2 : noise;
  });
  const y = Float32Array.from({ length: samples * OUTPUTS }, (_, at) =>
    Number(at % OUTPUTS === label(Math.floor(at / OUTPUTS))),
  );
  const dir = await mkdtemp(join(tmpdir(), 'pot-onchain-'));
  const session = await TrainingSession.create({
    model: await initialModel(config, INPUTS),
    data: { x, y },
    dir,
    batchSize: BATCH,
    window: 1,
    profile: 'compact',
    onWarning: () => {},
    srs: srs ?? (await developmentSrs(await loadProver(), ROWS)),
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
