/**
 * Windows of one run put into one proof: time of each link, memory, sizes, verification.
 * node aggregate.mjs '[16,16,4]' '{"batch":4,"steps":1,"profile":"compact"}' WINDOWS WINDOWS_PER_PROOF ['{"engine":"wasm","threads":2}']
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  aggregateRun,
  aggregationPin,
  compressionOf,
  TrainingSession,
  verifyAggregate,
} from '@proof-of-training/core';
import { loadTf } from '@proof-of-training/core/model';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';

const [widths, options, windows, windowsPerProof, how = { engine: 'native' }] = process.argv
  .slice(2)
  .map((v) => JSON.parse(v));
/** Proofs that the described system aggregates, and how many times smaller it says the result is. */
const DESCRIBED = { 8: 32, 16: 64, 32: 128 };
const CHECKS = 10;
const dir = mkdtempSync(join(tmpdir(), 'pot-bench-aggregate-'));
try {
  console.log(JSON.stringify(await measure()));
} finally {
  rmSync(dir, { recursive: true, force: true });
}

async function measure() {
  const { bundle, trainMs } = await train();
  const proverBytes = process.resourceUsage().maxRSS * 1024;
  const links = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const file = await aggregateRun(bundle, {
    ...how,
    windowsPerProof,
    onProgress: ({ windows: covered, ms }) => links.push({ windows: covered, ms }),
  });
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const proving = links.reduce((sum, l) => sum + l.ms, 0);
  return {
    links,
    // Key and reference string.
    keygenMs: ms - proving,
    ms,
    cpuMs: (user + system) / 1000,
    k: file.aggregate.key.k,
    trainMs,
    peakBeforeBytes: proverBytes,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    fileBytes: Buffer.byteLength(JSON.stringify(file)),
    bundleBytes: Buffer.byteLength(JSON.stringify(bundle)),
    compression: compressionOf(bundle, file),
    compressions: Object.entries(DESCRIBED).map(([n, described]) => ({
      ...compressionOf(bundle, file, Number(n)),
      described,
    })),
    verifying: {
      ...(how.engine === 'native' && { native: await verifying('native', file) }),
      wasm: await verifying('wasm', file),
    },
  };
}

/** The proof alone, with its key at hand, and the whole report of the file with a pinned key: least of several, in milliseconds. */
async function verifying(engine, file) {
  const halo2 = await loadProver({ engine });
  const { key, public: statement, accumulator, proof } = file.aggregate;
  const srs = await developmentSrs(halo2, file.run.spec.shape.k);
  const verifier = halo2.aggregateVerifier(new Uint8Array(Buffer.from(key.bytes, 'base64url')), srs.bytes);
  const json = JSON.stringify({ public: statement, accumulator, proof });
  const spec = JSON.stringify(file.run.spec);
  const proofMs = await least(() => verifier.verify(spec, json));
  verifier.free();
  const fileMs = await least(async () => {
    const report = await verifyAggregate(file, {
      engine,
      allowDevelopmentSrs: true,
      aggregationKey: aggregationPin(key.digest, file.run.keys.window),
    });
    if (!report.ok) throw new Error(report.failure.message);
  });
  return { proofMs, fileMs };
}

async function least(call) {
  let ms = Number.POSITIVE_INFINITY;
  for (let i = 0; i < CHECKS; i++) {
    const start = performance.now();
    await call();
    ms = Math.min(ms, performance.now() - start);
  }
  return ms;
}

async function train() {
  const tf = await loadTf();
  const last = widths.length - 2;
  const model = tf.sequential();
  widths.slice(1).forEach((units, l) => {
    model.add(
      tf.layers.dense({
        units,
        activation: l === last ? 'softmax' : 'relu',
        kernelInitializer: tf.initializers.glorotUniform({ seed: l + 1 }),
        ...(l === 0 && { inputShape: [widths[0]] }),
      }),
    );
  });
  model.compile({ optimizer: tf.train.sgd(0.0625), loss: 'categoricalCrossentropy' });
  // Four shards, used again in every epoch.
  const samples = 4 * options.batch * options.steps;
  const x = Float32Array.from({ length: samples * widths[0] }, () => Math.random());
  const y = new Float32Array(samples * widths.at(-1));
  for (let s = 0; s < samples; s++) y[s * widths.at(-1) + (s % widths.at(-1))] = 1;
  const start = performance.now();
  const session = await TrainingSession.create({
    model,
    srs: 'development',
    data: { x, y },
    dir: join(dir, 'run'),
    batchSize: options.batch,
    window: options.steps,
    profile: options.profile,
    engine: how.engine,
    onWarning: () => {},
  });
  try {
    await session.fit({ steps: windows * options.steps });
    return { bundle: await session.finish(), trainMs: performance.now() - start };
  } finally {
    await session.close();
  }
}
