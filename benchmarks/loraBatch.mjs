/**
 * Eight updates of rank 8 at d = 768, batch 8, through OptimizedLoRAProver: `layers`, one update of each of eight
 * adapters, or `steps`, eight in a row of one adapter. A first batch makes its keys, a second one has them.
 * node loraBatch.mjs layers native
 */
import { loadConfig, OptimizedLoRAProver } from '@proof-of-training/core';
import { PotError } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { planSpec } from '@proof-of-training/sgd-circuit';
import { cacheFor } from '@proof-of-training/verifier/node';
import { loadEngine } from './engine.mjs';
import { specFor } from './lib.mjs';
import { ADAPTED } from './runner/suites.mjs';

const [RANK, WIDTH, SAMPLES, UPDATES] = [8, 768, 8, 8];
/** The engines of engine.mjs by what the prover calls them; it chooses threads itself. */
const ENGINES = { 'wasm-threads': 'wasm', native: 'native' };

const [kind, engine] = process.argv.slice(2);
// Keys are made, not read from an earlier run's files.
const config = await loadConfig({
  env: {},
  overrides: { prover: { engine: ENGINES[engine] }, cache: { diskCacheSizeMb: 0 } },
});

const uniform = (count, limit) => Float32Array.from({ length: count }, () => (2 * Math.random() - 1) * limit);

function updates() {
  return Array.from({ length: UPDATES }, (_, n) => ({
    ...((n === 0 || kind === 'layers') && {
      adapter: {
        rank: RANK,
        alpha: 2 * RANK,
        A: uniform(RANK * WIDTH, 0.08),
        B: uniform(WIDTH * RANK, 0.02),
      },
    }),
    x: uniform(SAMPLES * WIDTH, 1),
    gradient: uniform(SAMPLES * WIDTH, 0.01),
    learningRate: 0.01,
  }));
}

/** One batch of a prover. Errors: the first one of its proofs. */
async function measured(prover) {
  const list = updates();
  const cpu = process.cpuUsage();
  const { proofs, chosen, reachedMs, keygenMs, targetTimeMs } = await prover.proveLoraBatch(list);
  const { user, system } = process.cpuUsage(cpu);
  const failed = proofs.find((p) => !p.ok);
  if (failed) throw failed.error;
  const covered = proofs.flatMap((p) => p.value.updates);
  if (covered.length !== UPDATES) throw new PotError('BENCH_FAILED', `${covered.length} updates were proven`);
  return {
    reachedMs,
    cpuMs: (user + system) / 1000,
    keygenMs,
    targetTimeMs,
    chosen,
    k: proofs.map((p) => p.value.proof.spec.shape.k),
    proofBytes: proofs.reduce((sum, p) => sum + Buffer.from(p.value.proof.proof, 'base64url').length, 0),
  };
}

/** Reference strings for every window that may be chosen, into the memory of this process: in nobody's time. */
async function prepare() {
  const halo2 = await loadEngine(engine);
  const { widths, ...rest } = ADAPTED.local;
  for (let steps = 1; steps <= UPDATES; steps *= 2) {
    const { shape } = planSpec(halo2, specFor(widths, { ...rest, steps })).spec;
    await developmentSrs(halo2, shape.k, cacheFor(config));
  }
  await halo2.close?.();
}

await prepare();
const prover = new OptimizedLoRAProver({ config, srs: 'development', onWarning: () => {} });
const hardware = await prover.optimizeForHardware();
const first = await measured(prover);
const again = await measured(prover);
await prover.close();
const peakBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ updates: UPDATES, hardware, first, again, peakBytes }));
