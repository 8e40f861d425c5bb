/** That each setting does what docs/operate/configuration.md says. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { profiles, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { afterEach, describe, expect, it } from 'vitest';
import { ParallelProver } from '../src/batch/parallelProver.js';
import { StreamingProver } from '../src/batch/streamingProver.js';
import { cellsOf } from '../src/config/apply.js';
import { loadConfig } from '../src/config/load.js';
import type { Settings } from '../src/config/schema.js';
import { ProverMetrics } from '../src/metrics/proverMetrics.js';
import { planCircuit } from '../src/plan/planCircuit.js';
import { ProverPool, poolOptions } from '../src/prove/pool.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { StepProver } from '../src/step/index.js';
import { genesisTask, tiny, tinySpecs, windowTask } from './helpers/proverTask.js';
import { toyOptions } from './helpers/toy.js';

const cwd = mkdtempSync(join(tmpdir(), 'pot-config-'));
const configured = (overrides: Settings) => loadConfig({ cwd, env: {}, overrides });
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const o of open.splice(0)) await o.close();
});

async function session(settings: Settings, more: object = {}): Promise<TrainingSession> {
  const made = await TrainingSession.create(toyOptions({ config: await configured(settings), ...more }));
  open.push(made);
  return made;
}

describe('circuit.maxConstraints', () => {
  it('refuses a circuit with more cells, in a session and for a step, and says what would fit', async () => {
    const big = { window: 64, batchSize: 8, data: toyOptions().data, learningRate: 0.25 };
    const e = await session({ circuit: { maxConstraints: 40_000 } }, big).catch((e) => e);
    expect(e).toMatchObject({ code: 'CIRCUIT_TOO_LARGE', details: { maxConstraints: 40_000 } });
    expect(e.details.cells).toBeGreaterThan(40_000);
    expect(e.message).toMatch(/A window of \d+ steps would fit/);
    const halo2 = await loadProver();
    const step: UnplannedSpec = { ...tiny, mode: 'tolerance', toleranceLimbs: 3 };
    const cells = cellsOf(planCircuit(halo2, step).info);
    const config = (maxConstraints: number) => configured({ circuit: { maxConstraints } });
    const within = await StepProver.start({ config: await config(cells) });
    const beyond = await StepProver.start({ config: await config(cells - 1) });
    open.push(within, beyond);
    expect(within.plan(step).shape.k).toBe(planCircuit(halo2, step).spec.shape.k);
    expect(() => beyond.plan(step)).toThrow(expect.objectContaining({ code: 'CIRCUIT_TOO_LARGE' }));
  });
});

describe('circuit.optimizationLevel', () => {
  it('sets the default window, as far as the data fill it', async () => {
    const steps = async (level: 0 | 1 | 2, window?: number) => {
      const { window: _, ...options } = toyOptions({ batchSize: 1, learningRate: 0.0625 });
      const config = await configured({ circuit: { optimizationLevel: level } });
      const made = await TrainingSession.create({ ...options, config, ...(window && { window }) });
      open.push(made);
      return made.run.spec.steps;
    };
    // 24 samples, one a step.
    expect([await steps(0), await steps(1), await steps(2), await steps(2, 3)]).toEqual([1, 8, 16, 3]);
  });

  it('plays no part in a single step: its proof has at most 8 KB, if the reference string has the rows', async () => {
    const halo2 = await loadProver();
    const wide: UnplannedSpec = {
      ...tiny,
      mode: 'tolerance',
      layers: [{ inputs: 784, outputs: 256, activation: 'softmax', bias: true }],
      scales: profiles.compact,
      toleranceLimbs: 3,
    };
    const rows = (k: number) => ({ srs: { k, hash: '', development: false, bytes: new Uint8Array() } });
    const usual = planCircuit(halo2, wide, { srs: 'development' });
    expect(usual.info.proofBytes).toBeLessThanOrEqual(8192);
    const { k } = usual.spec.shape;
    expect(planCircuit(halo2, wide, rows(k)).spec).toEqual(usual.spec);
    const fewer = planCircuit(halo2, wide, rows(k - 1));
    expect(fewer.spec.shape.k).toBe(k - 1);
    expect(fewer.info.proofBytes).toBeGreaterThan(8192);
    // No circuit at all has so few rows: the planner's own is what the caller refuses.
    expect(planCircuit(halo2, wide, rows(4)).spec).toEqual(usual.spec);
  });
});

describe('circuit.debugMode', () => {
  it('names the part of the statement that is not what the witness commits to, before proving', async () => {
    const config = await configured({ circuit: { debugMode: true }, prover: { numWorkers: 1 } });
    const pool = await ProverPool.start({ srs: (await tinySpecs()).srs, ...poolOptions({ config }) });
    open.push(pool);
    const task = await windowTask(pool);
    expect((await pool.run(task)).proof).toBeInstanceOf(Uint8Array);
    expect((await pool.run(await genesisTask(pool))).proof).toBeInstanceOf(Uint8Array);
    const moved = BigInt64Array.from(task.before);
    moved[3]! += 1n;
    const x = Int32Array.from(task.x);
    x[0]! ^= 1;
    const eta = { ...task.public, eta: '999' };
    for (const [name, wrong] of [
      ['weightsIn', { ...task, before: moved }],
      ['data', { ...task, x }],
      ['weightsOut', { ...task, public: eta }],
    ] as const) {
      await expect(pool.run(wrong)).rejects.toMatchObject({ code: 'DEBUG_WITNESS', details: { name } });
    }
  });

  it('passes whole sessions', async () => {
    const made = await session({ circuit: { debugMode: true } });
    await made.fit({ steps: 4 });
    expect((await made.finish()).windows).toHaveLength(2);
  });
});

describe('prover', () => {
  it('numWorkers and batchSize are the defaults of the provers; options go before them', async () => {
    const config = await configured({ prover: { numWorkers: 3, batchSize: 5 } });
    const lanes = (p: object) => (p as { lanes: number }).lanes;
    const parallel = new ParallelProver(undefined, { config });
    expect([parallel.workers, lanes(parallel)]).toEqual([3, 5]);
    expect(new ParallelProver(2, { config }).workers).toBe(2);
    const streaming = new StreamingProver(2, { config, batchSize: 1 });
    expect([streaming.workers, lanes(streaming)]).toEqual([2, 1]);
    const step = await StepProver.start({ config });
    open.push(step);
    expect(step.scheduler.workers).toBe(3);
  });

  it('batchSize is how many windows of a session are open before training waits', async () => {
    const made = await session({ prover: { batchSize: 1, numWorkers: 2 } }, { workers: undefined });
    let most = 0;
    await made.fit({
      steps: 6,
      onStep: () => {
        most = Math.max(most, made.pending);
      },
    });
    expect(most).toBe(1);
  });

  it('memoryBudgetMb refuses a window before anything is written', async () => {
    const options = toyOptions({ config: await configured({ prover: { memoryBudgetMb: 1 } }) });
    const refused = TrainingSession.create(options);
    await expect(refused).rejects.toMatchObject({ code: 'CIRCUIT_TOO_LARGE' });
    await expect(refused).rejects.toThrow('the budget is 1 MB');
    expect(readdirSync(options.dir)).toEqual([]);
  });

  // What an explicit choice does where there is no addon: packages/halo2-wasm/test/engine.test.ts.
  it('engine is the one that proves, or refused before anything is written', async () => {
    const wasm = await StepProver.start({ config: await configured({ prover: { engine: 'wasm' } }) });
    expect(wasm.halo2.engine).toBe('wasm');
    await wasm.close();
    const config = await configured({ prover: { engine: 'native' } });
    const native = await StepProver.start({ config }).catch((e: { code: string }) => e.code);
    if (typeof native !== 'string') {
      expect(native.halo2.engine).toBe('native');
      return native.close();
    }
    expect(native).toBe('ENGINE_UNAVAILABLE');
    const options = toyOptions({ config });
    await expect(TrainingSession.create(options)).rejects.toMatchObject({ code: native });
    expect(readdirSync(options.dir)).toEqual([]);
  });
});

it('cache.directory and sizes are where the reference string is kept, and counted', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'pot-cache-'));
  const metrics = new ProverMetrics();
  const settings = { cache: { directory, memoryCacheSizeMb: 1 } };
  await session(settings, { metrics });
  expect(readdirSync(join(directory, 'objects'))).toHaveLength(1);
  expect((await metrics.snapshot()).cache).toMatchObject({ hits: 0 });
  await session(settings, { metrics });
  expect(await metrics.prometheus()).toContain('pot_cache_hits_total{cache="srs"} 1');
  const none = mkdtempSync(join(tmpdir(), 'pot-cache-'));
  await session({ cache: { directory: none, diskCacheSizeMb: 0 } });
  expect(readdirSync(none)).toEqual([]);
});
