/**
 * A small real run for the fixtures: four windows, its genesis proof and the opening of its last weights. Two aggregates of
 * two windows each would say what `aggregates` has; here the fixtures' circuit proves that, not the aggregation
 * circuit, which takes minutes. So the run's description is real, and so is everything that is checked of it off
 * the chain.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRun, TrainingSession } from '@proof-of-training/core';
import { summarise } from '@proof-of-training/verifier/files';
import * as tf from '@tensorflow/tfjs';
import { scheduleHashOf, termsOfRun } from '../dist/index.js';

const [INPUTS, OUTPUTS, BATCH, STEPS, SHARDS, WINDOWS] = [4, 3, 2, 2, 3, 4];

/** `{ run, lastShard, genesis, opening, aggregates }`: public inputs 12 to 21 of the wrapper for windows 0 and 1, and 2 and 3. */
export async function fixtureRun() {
  tf.enableProdMode();
  const samples = BATCH * STEPS * SHARDS;
  const x = Float32Array.from({ length: samples * INPUTS }, (_, i) => ((i * 37) % 64) / 64);
  const y = Float32Array.from({ length: samples * OUTPUTS }, (_, i) =>
    Number(i % OUTPUTS === Math.floor(i / OUTPUTS) % OUTPUTS),
  );
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 3 });
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: OUTPUTS, activation: 'softmax', inputShape: [INPUTS], kernelInitializer }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  const dir = mkdtempSync(join(tmpdir(), 'pot-fixture-'));
  const session = await TrainingSession.create({
    // Tests refuse it, and accept it where they are told to.
    srs: 'development',
    model,
    data: { x, y },
    dir,
    batchSize: BATCH,
    window: STEPS,
    profile: 'compact',
    transcript: 'poseidon',
    onWarning: () => {},
  });
  try {
    await session.fit({ steps: WINDOWS * STEPS });
    const opening = await session.opening();
    const { run: whole, genesis, windows } = await session.finish();
    const run = summarise(whole);
    const terms = await termsOfRun(run, '');
    const hex = (n) => `0x${BigInt(n).toString(16).padStart(64, '0')}`;
    const aggregates = [];
    for (const first of [0, 2]) {
      const [from, to] = [windows[first].public, windows[first + 1].public];
      const [firstStep, endStep] = [first * STEPS, (first + 2) * STEPS];
      aggregates.push([
        run.runId,
        hex(run.eta),
        hex(firstStep),
        hex(endStep),
        from.weightsIn,
        to.weightsOut,
        run.datasetRoot,
        await scheduleHashOf(run, firstStep, endStep),
        terms.base,
        hex(terms.depth),
      ]);
    }
    const { digest, siblings } = (await openRun(whole)).shard(whole.shards.length - 1);
    return { run, lastShard: { digest, siblings }, genesis, opening, aggregates };
  } finally {
    await session.close();
    rmSync(dir, { recursive: true });
  }
}
