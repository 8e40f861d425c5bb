/** ParallelProver with real proofs. */

import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ParallelProver } from '../src/batch/parallelProver.js';
import type { CircuitTask, StepTask } from '../src/batch/tasks.js';
import { ProverPool } from '../src/prove/pool.js';
import { genesisTask, tinySpecs, windowTask } from './helpers/proverTask.js';
import { stepTask } from './helpers/step.js';

let step: StepTask;
let window: CircuitTask;
let genesis: CircuitTask;
beforeAll(async () => {
  const pool = await ProverPool.start({ srs: (await tinySpecs()).srs, workers: 1 });
  [step, window, genesis] = [await stepTask(), await windowTask(pool), await genesisTask(pool)];
  await pool.close();
});

const provers: ParallelProver[] = [];
function start(workers = 2, more = {}): ParallelProver {
  const prover = new ParallelProver(workers, { srs: 'development', onWarning: () => {}, ...more });
  provers.push(prover);
  return prover;
}
afterEach(() => Promise.all(provers.splice(0).map((p) => p.close({ force: true }))));
afterAll(() => expect(provers).toEqual([]));

describe('ParallelProver', () => {
  it('gives results in the order of the tasks, and a task that fails does not lose the others', async () => {
    const prover = start();
    const wrong: StepTask = { ...step, learningRate: 0.5 };
    const forged: CircuitTask = { ...window, public: { ...window.public, weightsIn: window.public.data } };
    const seen: number[] = [];
    const results = await prover.generateBatch([await stepTask(4), wrong, window, forged, genesis] as const, {
      onProgress: ({ done, total, index }) => {
        seen.push(index);
        expect([done, total]).toEqual([seen.length, 5]);
      },
    });
    expect(results.map((r) => r.ok)).toEqual([true, false, true, false, true]);
    const [first, second, third] = results;
    expect(second).toMatchObject({ error: { code: 'STEP_NOT_SGD' } });
    expect(first.ok && first.value.proof.public.firstStep).toBe(4);
    const report = first.ok && (await verifyTrainingProof(first.value.proof, { allowDevelopmentSrs: true }));
    expect(report).toMatchObject({ ok: true });
    expect(third.ok && third.value.proof.byteLength).toBeGreaterThan(1000);
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4]);
    const { proofs, successRate } = await prover.metrics.snapshot();
    // The step that is not SGD was refused before it came to a prover.
    expect(proofs).toMatchObject({ total: 4, succeeded: 3, failed: 1 });
    expect(successRate).toBe(0.75);
  });

  it('cancels a batch: what is finished is kept, the rest ends with PROVER_ABORTED', async () => {
    const prover = start(1, { batchSize: 2 });
    const stop = new AbortController();
    const results = await prover.generateBatch([window, window, window, window], {
      signal: stop.signal,
      onProgress: ({ done }) => done === 1 && stop.abort(),
    });
    expect(results[0]!.ok).toBe(true);
    for (const r of results.slice(1))
      expect(r).toMatchObject({ ok: false, error: { code: 'PROVER_ABORTED' } });
    expect((await prover.generateBatch([window]))[0]).toMatchObject({ ok: true });
  });

  it('serves the batch with the higher priority first', async () => {
    const prover = start(1, { batchSize: 3 });
    const order: string[] = [];
    const batch = (name: string, priority: number) =>
      prover.generateBatch([window, window], { priority, onProgress: () => order.push(name) });
    const low = batch('low', 0);
    await new Promise((r) => setTimeout(r, 20));
    await Promise.all([low, batch('high', 5)]);
    expect(order).toEqual(['low', 'high', 'high', 'low']);
  });

  it('refuses one task that the memory budget cannot hold, with what would', async () => {
    const prover = start(1, { memoryBudgetMb: 1 });
    const [result] = await prover.generateBatch([window]);
    expect(result).toMatchObject({ ok: false, error: { code: 'TASK_TOO_LARGE' } });
  });

  it('closes: what has begun is finished, what has not ends with PROVER_CLOSED', async () => {
    const prover = start(1, { batchSize: 1 });
    const batch = prover.generateBatch([window, window]);
    await new Promise((r) => setTimeout(r, 20));
    await prover.close();
    expect(await batch).toMatchObject([{ ok: true }, { ok: false, error: { code: 'PROVER_CLOSED' } }]);
    await expect(prover.generateBatch([window])).rejects.toMatchObject({ code: 'PROVER_CLOSED' });
  });

  it('closes by force, in mid-proof and before it has started', async () => {
    const prover = start();
    const batch = prover.generateBatch([window, step]);
    await new Promise((r) => setTimeout(r, 100));
    await prover.close({ force: true });
    for (const r of await batch) expect(r).toMatchObject({ ok: false, error: { code: 'PROVER_CLOSED' } });
    await new ParallelProver(1).close();
  });

  it('takes -1 for all cores, and no nonsense', () => {
    expect(new ParallelProver(-1).workers).toBeGreaterThanOrEqual(1);
    for (const bad of [0, 1.5]) {
      expect(() => new ParallelProver(bad)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    }
  });
});
