import { expect, it } from 'vitest';
import { peerFigures, STORED } from '../peers/stored.mjs';
import { ratios, verificationGrowth } from '../report/ratios.mjs';
import { evaluateTargets } from '../report/targets.mjs';
import { batchFigures, figures, type Job, madeUpRun } from './helpers/run.js';

type Run = ReturnType<typeof madeUpRun>;
const target = (run: Run, start: string) => {
  const found = evaluateTargets(run).filter((t) => t.work.startsWith(start));
  expect(found).toHaveLength(1);
  return found[0]!;
};
const isStep = (job: Job, size: string, engine: string, steps = 1, batch = 8) =>
  job.size === size && job.engine === engine && job.options?.steps === steps && job.options?.batch === batch;

it('the full tier measures every target, the quick one those that fit into ten minutes', () => {
  const missing = (tier: string) =>
    evaluateTargets(madeUpRun(tier))
      .filter((t) => t.measured === null)
      .map((t) => t.work);
  expect(missing('full')).toEqual([]);
  expect(missing('quick')).toEqual([
    'the same in WASM with threads',
    'cells that one more point takes, our chip',
    'stock chip / ours, proving time of a point',
    '1M weights, one exact step, batch 8, WASM with threads',
    'verification at 100K, WASM',
    'peak memory at 1M, WASM with threads',
    '8 updates of rank 8, d = 768, keys included, WASM',
    'a step in a window of 8 / a step alone, 100K, batch 8, WASM',
    '100K, batch 32, WASM, one thread / shared/spikes, a cell of weights',
    'peak memory at 100K, batch 32, WASM',
    'peak memory at 1M, WASM, one thread',
    'inference 784-128-10, one input, native',
    'inference of one input, 784-128-10, WASM with threads',
    'inference 784-128-10, 64 inputs, native, each',
    'EZKL / ours, key and proof of one input, 784-128-10, native',
  ]);
});

it('compares with the limit, which itself is within', () => {
  const at = (provingMs: number) =>
    target(
      madeUpRun('quick', (job) =>
        isStep(job, '1M', 'native') ? { result: figures({ provingMs }) } : undefined,
      ),
      '1M weights, one exact step, batch 8, native',
    );
  expect(at(5000)).toMatchObject({ measured: 5, target: 5, reached: true });
  expect(at(5001)).toMatchObject({ measured: 5.001, reached: false });
});

it('divides a window by its steps, and a window step by a single one', () => {
  const run = madeUpRun('full', (job) => {
    if (isStep(job, '100K', 'native', 32)) return { result: figures({ provingMs: 6400 }) };
    if (isStep(job, '100K', 'wasm', 8)) return { result: figures({ provingMs: 3200, provingCpuMs: 3200 }) };
    return undefined;
  });
  expect(target(run, 'a step in a window of 32').measured).toBeCloseTo(0.2);
  expect(target(run, 'a step in a window of 32').reached).toBe(false);
  expect(target(run, 'a step in a window of 8').measured).toBeCloseTo(0.4);
  expect(target(run, 'a step in a window of 8').reached).toBe(true);
});

it('says why there is no figure, and does not call that reached', () => {
  const run = madeUpRun('quick', (job) => {
    if (job.engine === 'native')
      return {
        status: 'unavailable',
        reason: 'missing',
        error: { code: 'ENGINE_UNAVAILABLE', message: '' },
        result: undefined,
      };
    if (job.engine === 'wasm-threads')
      return { status: 'failed', error: { code: 'CASE_TIMEOUT', message: '' }, result: undefined };
    return undefined;
  });
  expect(target(run, '10K, one exact step, native, compact')).toMatchObject({
    measured: null,
    reached: null,
    note: 'not built',
  });
  expect(target(run, '100K, batch 32, one exact step, WASM with threads')).toMatchObject({
    reached: null,
    note: 'failed: CASE_TIMEOUT',
  });
  expect(target(run, 'EZKL / ours at')).toMatchObject({ reached: null, note: 'not built' });
  expect(ratios(run).some((r) => r.name.includes('native'))).toBe(false);
});

it('adds processor time, shared by two cores, where other programs were running', () => {
  const run = madeUpRun('quick', (job) =>
    isStep(job, '1M', 'native') ? { result: figures({ provingMs: 9000, provingCpuMs: 8000 }) } : undefined,
  );
  const work = '1M weights, one exact step, batch 8, native';
  expect(target(run, work)).not.toHaveProperty('byCpu');
  run.machine.load = 3;
  expect(target(run, work)).toMatchObject({ measured: 9, reached: false, byCpu: 4, reachedByCpu: true });
});

it('takes a peer from this run, else the stored figures with their date', () => {
  const run = madeUpRun('full');
  expect(peerFigures(run, 'ezkl', 8832)).toMatchObject({ provingMs: 2e5, stored: false });
  expect(target(run, 'EZKL / ours at 8.8K weights').measured).toBe(200);
  const without = madeUpRun('full', (job) =>
    job.kind === 'ezkl'
      ? {
          status: 'unavailable',
          reason: 'not installed',
          error: { code: 'PEER_MISSING', message: '' },
          result: undefined,
        }
      : undefined,
  );
  expect(peerFigures(without, 'ezkl', 8832)).toMatchObject({ provingMs: 105_900, stored: true });
  expect(target(without, 'EZKL / ours at 8.8K weights').measured).toBeCloseTo(105.9);
  expect(target(without, 'EZKL / ours at 8.8K weights').note).toContain(STORED.date);
});

it('gives the worst growth of verification over the engines', () => {
  const run = madeUpRun('quick', (job) => {
    if (job.kind !== 'prove') return undefined;
    const grown =
      job.engine === 'native' &&
      job.size === '100K' &&
      job.options?.steps === 1 &&
      !job.options.weightColumns;
    return { result: figures({ verifyingLeastMs: grown ? 2.3 : 2 }) };
  });
  expect(target(run, 'the same, with the model').measured).toBeCloseTo(15);
  expect(target(run, 'the same, with the model').reached).toBe(false);
  expect(target(run, 'the same, with the window').measured).toBeCloseTo(0);
  expect(target(run, 'growth of verification').measured).toBeCloseTo(0);
  expect(verificationGrowth(run).filter((g) => g.growth > 1)).toHaveLength(1);
  // One size on each engine is no sweep.
  run.records = run.records.filter((r) => r.size === '1M');
  expect(target(run, 'the same, with the model')).toMatchObject({
    measured: null,
    reached: null,
  });
});

it('both chips of one run: their ratio, and nothing where one is missing', () => {
  const run = madeUpRun('full');
  const stock = run.records.find((r) => r.id === 'chips/stock') as unknown as { result: object };
  stock.result = { ...stock.result, provingMs: 120_000, terms: 45 };
  const ratio = target(run, 'stock chip');
  expect(ratio.measured).toBeCloseTo(20);
  expect(ratio).toMatchObject({ reached: true, note: 'theirs 45 points, ours 90' });
  const without = madeUpRun('full', (job) =>
    job.id === 'chips/stock'
      ? { status: 'unavailable', error: { code: 'PEER_MEMORY', message: 'too little' }, result: undefined }
      : undefined,
  );
  expect(target(without, 'stock chip')).toMatchObject({ measured: null, reached: null, note: 'too little' });
});

it('two windows in one proof: the slower link', () => {
  const run = madeUpRun('quick');
  expect(target(run, 'two windows in one proof').measured).toBe(22);
  expect(target(run, 'the same, log2 of the rows')).toMatchObject({ measured: 18, reached: false });
});

it('two workers against one', () => {
  expect(target(madeUpRun('quick'), 'two WASM workers').measured).toBe(2);
});

it('adapters: a step of a window, and only the native engine in the native row', () => {
  const run = madeUpRun('quick', (job) => {
    if (job.lora === 'mlp' && job.options?.steps === 16)
      return { result: figures({ provingMs: 24_160, provingCpuMs: 40_000 }) };
    if (job.lora === 'local' && job.options?.steps === 1 && job.options.profile === 'default')
      return { result: figures({ provingMs: job.engine === 'native' ? 400 : 2900 }) };
    return undefined;
  });
  expect(target(run, 'rank 8 on a frozen base of 1M weights')).toMatchObject({
    measured: 1.51,
    reached: false,
  });
  const local = '768 x 768, rank 8, layer-local, one step, batch 8, ';
  expect(target(run, `${local}native`)).toMatchObject({ measured: 0.4, reached: true });
  expect(target(run, `${local}WASM with threads`)).toMatchObject({ measured: 2.9, reached: true });
});

it('a batch of updates: the slower kind, its keys included, and what was chosen', () => {
  const slower = (reachedMs: number) =>
    madeUpRun('quick', (job) =>
      job.kind === 'loraBatch' && job.engine === 'native' && job.updates === 'steps'
        ? { result: batchFigures({ reachedMs }) }
        : undefined,
    );
  const work = '8 updates of rank 8, d = 768, keys included, native';
  expect(target(slower(4900), work)).toMatchObject({ measured: 4.9, reached: true });
  expect(target(slower(5100), work)).toMatchObject({ measured: 5.1, reached: false });
  expect(target(slower(5100), work).note).toBe(
    '8 steps of one layer: chose 8 proofs of up to 1 step, 2 at once, 1 thread each, default',
  );
  // One kind alone says nothing about the slower one.
  const failed = madeUpRun('quick', (job) =>
    job.kind === 'loraBatch' && job.updates === 'layers'
      ? { status: 'failed', error: { code: 'BENCH_FAILED', message: '' }, result: undefined }
      : undefined,
  );
  expect(target(failed, work)).toMatchObject({
    measured: null,
    reached: null,
    note: 'failed: BENCH_FAILED',
  });
});

it('compares with what zkLoRA published, and says that it is that', () => {
  const run = madeUpRun('full', (job) =>
    job.lora === 'small'
      ? {
          result: figures({
            provingMs: job.options?.profile === 'compact' ? 108 : 432,
            provingCpuMs: 200,
          }),
        }
      : undefined,
  );
  const work = "64 x 4 x 64, zkLoRA's Halo2 forward / our forward and update, native, ";
  expect(target(run, `${work}compact`)).toMatchObject({ measured: 100, reached: true });
  expect(target(run, `${work}default`)).toMatchObject({ measured: 25, reached: false });
  expect(target(run, `${work}compact`).note).toContain('published 2026-06-10, not measured here');
  run.machine.load = 4;
  expect(target(run, `${work}compact`)).toMatchObject({ byCpu: 108, reachedByCpu: true });
  const shown = ratios(run).filter((r) => r.group === 'adapters');
  expect(shown).toHaveLength(6);
  for (const r of shown) expect(r.note).toContain('not measured here');
});

it('adapters have their own accuracy, and do not count as the network of issue 3', () => {
  const run = madeUpRun('quick');
  expect(target(run, 'exact mode against float32')).toMatchObject({ measured: 0.2, reached: true });
  expect(target(run, 'adapters, exact mode against float32')).toMatchObject({
    measured: 0.6,
    reached: false,
    note: 'LoRA of rank 8',
  });
  for (const r of run.records) if (r.kind === 'accuracy') r.result = [];
  expect(target(run, 'adapters, exact mode against float32')).toMatchObject({
    measured: null,
    reached: null,
    note: 'not in this run',
  });
});
