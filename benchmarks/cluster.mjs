#!/usr/bin/env node
/**
 * Windows over the queue, by one worker of one thread and by two: `node benchmarks/cluster.mjs [WINDOWS]`. Prints one line of JSON.
 * Needs redis-server; docs/operate/cluster.md has what came out.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectQueue, LocalCluster } from '@proof-of-training/cluster';
import { ProverPool } from '@proof-of-training/core';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { planSpec, profiles } from '@proof-of-training/sgd-circuit';

const WINDOWS = Number(process.argv[2] ?? 64);
const halo2 = await loadProver();
const layers = [
  { inputs: 64, outputs: 16, activation: 'relu', bias: true },
  { inputs: 16, outputs: 10, activation: 'softmax', bias: true },
];
const unplanned = {
  kind: 'window',
  mode: 'exact',
  layers,
  loss: 'softmaxCrossEntropy',
  batch: 4,
  steps: 2,
  scales: profiles.compact,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
};
const { spec } = planSpec(halo2, unplanned);
const srs = (await developmentSrs(halo2, spec.shape.k)).bytes;
const weights = layers.reduce((n, { inputs, outputs }) => n + (inputs + 1) * outputs, 0);
const dir = mkdtempSync(join(tmpdir(), 'pot-bench-cluster-'));
const salt = (n) => new Uint8Array(32).fill(n);
const times = { commit: [], verify: [] };

/** A window with its commitments; each has a salt of its own, so that none is found as proven. */
async function windowOf(pool, n) {
  const before = BigInt64Array.from(
    { length: weights },
    (_, i) => BigInt(((i * 7919 + n) % 2000) - 1000) << 20n,
  );
  const x = Int32Array.from({ length: 64 * 8 }, (_, i) => (i * 31 + n) % 256);
  const y = Int32Array.from({ length: 10 * 8 }, (_, i) => Number(i % 10 === (Math.floor(i / 10) + n) % 10));
  const executor = halo2.executor(JSON.stringify(spec), before);
  executor.step(x.subarray(0, 256), y.subarray(0, 40), 1000n);
  executor.step(x.subarray(256), y.subarray(40), 1000n);
  const after = executor.weights();
  executor.free();
  const [saltBefore, saltAfter, dataSalt] = [salt(n % 251), salt((n * 3) % 251), salt((n * 7) % 251)];
  const results = await Promise.all([
    pool.run({ kind: 'commitWeights', spec, weights: before, salt: saltBefore }),
    pool.run({ kind: 'commitWeights', spec, weights: after, salt: saltAfter }),
    pool.run({ kind: 'commitData', spec, x, y, salt: dataSalt }),
  ]);
  times.commit.push(results.reduce((ms, result) => ms + result.ms, 0));
  const [weightsIn, weightsOut, data] = results.map(({ digest }) => digest);
  const place = {
    runId: `0x${'0'.repeat(56)}${String(n).padStart(8, '0')}`,
    firstStep: 0,
    epoch: 0,
    eta: '1000',
  };
  const inputs = { ...place, weightsIn, weightsOut, data };
  const salts = { saltBefore, saltAfter, dataSalt };
  return { kind: 'window', spec, public: inputs, before, after: new BigInt64Array(0), x, y, ...salts };
}

async function timed(workers, from) {
  const cluster = await LocalCluster.start({ dir: join(dir, `${workers}`), workers, proofThreads: 1 });
  const local = await ProverPool.start({ srs, workers: 1 });
  const { queue: url, artefacts, workerList } = cluster.settings;
  const executor = await connectQueue({ local, srs, queue: { url, artefacts, workerList } });
  try {
    const tasks = [];
    for (let n = 0; n < WINDOWS + 2 * workers; n++) tasks.push(await windowOf(local, from + n));
    // Keys are made once a worker, before.
    await Promise.all(tasks.splice(0, 2 * workers).map((task) => executor.run(task)));
    const load = loadavg()[0];
    const begun = performance.now();
    const results = await Promise.all(tasks.map((task) => executor.run(task)));
    const ms = performance.now() - begun;
    for (const [n, { proof }] of results.slice(0, 8).entries()) {
      const { ms: verifying } = await local.run({ kind: 'verify', spec, public: tasks[n].public, proof });
      times.verify.push(verifying);
    }
    const proving = results.reduce((sum, result) => sum + result.ms, 0);
    return { ms, provingMs: proving / WINDOWS, overheadMs: (ms * workers - proving) / WINDOWS, load };
  } finally {
    await executor.close();
    await cluster.close();
  }
}

const mean = (all) => all.reduce((a, b) => a + b, 0) / all.length;
const one = await timed(1, 1);
const two = await timed(2, 1000);
rmSync(dir, { recursive: true, force: true });
const { model } = cpus()[0];
const said = {
  windows: WINDOWS,
  k: spec.shape.k,
  cpus: `${cpus().length} x ${model}`,
  one,
  two,
  ratio: one.ms / two.ms,
};
console.log(JSON.stringify({ ...said, commitMs: mean(times.commit), verifyMs: mean(times.verify) }));
process.exit(0);
