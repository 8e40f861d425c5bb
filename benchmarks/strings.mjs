/**
 * A session under one reference string: creating the first one, which makes the string, and one with the string in the cache on disk;
 * verifying its run.
 * node strings.mjs ignition native
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, TrainingSession, verifyTrainingRun } from '@proof-of-training/core';
import { loadTf } from '@proof-of-training/core/model';
import { PotError } from '@proof-of-training/halo2-wasm';

const [INPUTS, OUTPUTS, BATCH] = [128, 10, 8];
const [string, engine] = process.argv.slice(2);
const dir = mkdtempSync(join(tmpdir(), 'pot-bench-strings-'));
// A cache of its own, where nothing is at first, and nothing is kept in memory.
const config = await loadConfig({
  env: {},
  overrides: { prover: { engine }, cache: { directory: join(dir, 'cache'), memoryCacheSizeMb: 0 } },
});

/** Milliseconds by the clock, and of this process's processor time. */
async function measured(work) {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  const value = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { value, ms: performance.now() - from, cpuMs: (user + system) / 1000 };
}

async function model(tf) {
  const layers = [
    tf.layers.dense({ units: 72, activation: 'relu', inputShape: [INPUTS] }),
    tf.layers.dense({ units: OUTPUTS, activation: 'softmax' }),
  ];
  const made = tf.sequential({ layers });
  made.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  return made;
}

/** What a session takes, of two shards. */
async function options(tf, folder) {
  const samples = 2 * BATCH;
  const x = Float32Array.from({ length: samples * INPUTS }, () => Math.round(Math.random() * 255) / 256);
  const label = (i) => Math.floor(i / OUTPUTS) % OUTPUTS;
  const y = Float32Array.from({ length: samples * OUTPUTS }, (_, i) => Number(i % OUTPUTS === label(i)));
  return {
    model: await model(tf),
    data: { x, y },
    dir: join(dir, folder),
    batchSize: BATCH,
    window: 1,
    config,
    onWarning: () => {},
    ...(string === 'development' && { srs: 'development' }),
  };
}

async function measure() {
  const tf = await loadTf();
  if (!['ignition', 'development'].includes(string)) {
    throw new PotError('OPTION_INVALID', `${string} is no string of this benchmark`);
  }
  // The first one makes the string, with its Lagrange basis.
  const first = await measured(async () => TrainingSession.create(await options(tf, 'first')));
  await first.value.close();
  const created = await measured(async () => TrainingSession.create(await options(tf, 'run')));
  const session = created.value;
  try {
    await session.fit({ steps: 1 });
    const bundle = await session.finish();
    const accept = string === 'development' ? { allowDevelopmentSrs: true } : {};
    const verified = await measured(() => verifyTrainingRun(bundle, { ...accept, engine, config }));
    if (!verified.value.ok) throw new PotError('BENCH_FAILED', verified.value.failure.message);
    return {
      k: session.run.spec.shape.k,
      firstMs: first.ms,
      createMs: created.ms,
      createCpuMs: created.cpuMs,
      verifyMs: verified.ms,
      verifyCpuMs: verified.cpuMs,
    };
  } finally {
    await session.close();
  }
}

try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
