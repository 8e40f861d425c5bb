/** The prover pool with real proofs: order, cancelling, memory, crashes, shutdown. */
import { loadProver } from '@proof-of-training/halo2-wasm';
import { afterEach, describe, expect, it } from 'vitest';
import { ProverMetrics } from '../src/metrics/proverMetrics.js';
import type { PoolOptions } from '../src/prove/checks.js';
import { MemoryEstimates } from '../src/prove/memory.js';
import { ProverPool } from '../src/prove/pool.js';
import { genesisTask, threadsOf, tinySpecs, until, windowTask } from './helpers/proverTask.js';

const pools: ProverPool[] = [];
async function start(more: Partial<PoolOptions> = {}): Promise<ProverPool> {
  const pool = await ProverPool.start({ srs: (await tinySpecs()).srs, workers: 1, ...more });
  pools.push(pool);
  return pool;
}
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.destroy();
});
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

/** The prover here in this thread, with which proofs of the pool are verified. */
async function verifies(task: Awaited<ReturnType<typeof windowTask>>, proof: Uint8Array): Promise<boolean> {
  const prover = (await loadProver()).prover((await tinySpecs()).srs);
  try {
    return prover.verify(JSON.stringify(task.spec), JSON.stringify(task.public), proof).ok;
  } finally {
    prover.free();
  }
}

describe('a pool', () => {
  it('runs higher priorities first, and counts', async () => {
    const metrics = new ProverMetrics();
    const pool = await start({ metrics });
    const task = await windowTask(pool);
    const order: number[] = [];
    const done = [0, 0, 5, -1, 9].map((priority, n) =>
      pool.run(task, { priority }).then(({ proof }) => {
        order.push(n);
        return proof!;
      }),
    );
    await until(() => pool.scheduler.running === 1);
    expect(await metrics.snapshot()).toMatchObject({ queueDepth: 4, running: 1, workers: 1 });
    const proofs = await Promise.all(done);
    // The first one was running already when the others came.
    expect(order).toEqual([0, 4, 2, 1, 3]);
    expect(await verifies(task, proofs[3]!)).toBe(true);
    const now = await metrics.snapshot();
    expect(now).toMatchObject({
      proofs: { total: 5, succeeded: 5, failed: 0, cancelled: 0 },
      successRate: 1,
      queueDepth: 0,
      running: 0,
      crashes: 0,
      // One thread makes its key once.
      cache: { hits: 4, misses: 1 },
      memory: { reserved: 0 },
    });
    expect(now.p95Ms).toBeGreaterThanOrEqual(now.averageMs!);
  });

  it('cancels a waiting task without touching the running one', async () => {
    const pool = await start();
    const task = await windowTask(pool);
    const stop = new AbortController();
    const running = pool.run(task);
    const waiting = pool.run(task, { signal: stop.signal });
    await until(() => pool.scheduler.running === 1);
    const thread = threadsOf(pool)[0];
    stop.abort();
    await expect(waiting).rejects.toEqual(code('PROVER_ABORTED'));
    expect((await running).proof).toBeInstanceOf(Uint8Array);
    expect(threadsOf(pool)[0]).toBe(thread);
    await expect(pool.run(task, { signal: stop.signal })).rejects.toEqual(code('PROVER_ABORTED'));
  });

  it('cancels a running task by ending its thread, and goes on with a fresh one', async () => {
    const pool = await start();
    const task = await windowTask(pool);
    const stop = new AbortController();
    const running = pool.run(task, { signal: stop.signal });
    await until(() => pool.scheduler.running === 1);
    const thread = threadsOf(pool)[0]!;
    await new Promise((r) => setTimeout(r, 30));
    stop.abort();
    await expect(running).rejects.toEqual(code('PROVER_ABORTED'));
    // Its memory counts until it has ended.
    expect(thread.threadId).toBe(-1);
    const { proof } = await pool.run(task);
    expect(await verifies(task, proof!)).toBe(true);
    const { proofs, crashes } = await pool.metrics.snapshot();
    expect(proofs).toEqual({ total: 1, succeeded: 1, failed: 0, cancelled: 1 });
    expect(crashes).toBe(0);
  });

  it('keeps the running estimates within the memory budget, and refuses what can never fit', async () => {
    const estimates = new MemoryEstimates(await loadProver());
    const { window } = await tinySpecs();
    const task = await windowTask(await start());
    const bytes = estimates.of(task);
    const pool = await start({ workers: 4, memoryBudgetMb: (2.5 * bytes) / 2 ** 20 });
    const seen: number[] = [];
    const watch = setInterval(() => seen.push(pool.scheduler.reservedBytes, pool.scheduler.running), 2);
    await Promise.all([1, 2, 3, 4, 5].map(() => pool.run(task)));
    clearInterval(watch);
    expect(Math.max(...seen)).toBe(2 * bytes);
    expect(threadsOf(pool)).toHaveLength(2);

    const small = await start({ memoryBudgetMb: (bytes - 1) / 2 ** 20 });
    await expect(small.run(task)).rejects.toEqual(code('TASK_TOO_LARGE'));
    const longer = { ...window, steps: 256, batch: 8 };
    const e = await small.run({ ...task, spec: longer }, { memoryBytes: 2 * bytes }).catch((e) => e);
    expect(e.details).toMatchObject({ memoryBytes: 2 * bytes });
    expect(e.message).toMatch(/memoryBudgetMb: \d+/);
    const roomy = await start({ memoryBudgetMb: (1.2 * bytes) / 2 ** 20 });
    const f = await roomy.run({ ...task, spec: longer }, { memoryBytes: 2 * bytes }).catch((e) => e);
    expect(f.details.fits).toBeGreaterThanOrEqual(1);
    expect(f.message).toContain(`A window of ${f.details.fits} steps would fit`);
  });

  it('estimates memory also for shapes that the planner would not choose, about alike', async () => {
    const estimates = new MemoryEstimates(await loadProver());
    const task = await windowTask(await start());
    // The planner takes 200 columns and refuses 300.
    const wide = (weightColumns: number) => ({
      ...task,
      spec: { ...task.spec, shape: { ...task.spec.shape, weightColumns } },
    });
    const ratio = estimates.of(wide(300)) / estimates.of(wide(200));
    expect(ratio).toBeGreaterThan(0.5);
    expect(ratio).toBeLessThan(3);
    const { spec } = task;
    const commitment = { kind: 'vkDigest', spec } as const;
    expect(estimates.of(commitment)).toBeLessThanOrEqual(estimates.of(task));
  });

  it('runs a task once more on a fresh thread when its thread is killed in mid-proof', async () => {
    const pool = await start();
    const task = await windowTask(pool);
    const running = pool.run(task);
    await until(() => pool.scheduler.running === 1);
    await new Promise((r) => setTimeout(r, 30));
    const [killed] = threadsOf(pool);
    await killed!.terminate();
    const { proof } = await running;
    expect(await verifies(task, proof!)).toBe(true);
    expect(threadsOf(pool)[0]).not.toBe(killed);
    expect(await pool.metrics.snapshot()).toMatchObject({
      proofs: { succeeded: 1, failed: 0 },
      crashes: 1,
      retries: 1,
    });
  });

  it('fails with the cause when the second thread dies too, and then serves the next task', async () => {
    const pool = await start();
    const task = await windowTask(pool);
    const running = pool.run(task).catch((e) => e);
    for (let n = 0; n < 2; n++) {
      await until(() => threadsOf(pool).some((t) => t.threadId !== -1));
      await new Promise((r) => setTimeout(r, 60));
      await threadsOf(pool)[0]!.terminate();
    }
    const e = await running;
    expect(e).toEqual(code('PROVER_CRASHED'));
    expect(String(e.cause)).toContain('exited');
    expect(await pool.metrics.snapshot()).toMatchObject({ proofs: { failed: 1 }, crashes: 2, retries: 1 });
    expect((await pool.run(task)).proof).toBeInstanceOf(Uint8Array);
  });

  it('ends a thread whose WebAssembly instance trapped, and gives the trap as the cause', async () => {
    const pool = await start({ engine: 'wasm' });
    const { window: spec } = await tinySpecs();
    const task = await windowTask(pool);
    const [thread] = threadsOf(pool);
    // 4 GiB of zeros that nobody touches: more than an instance can take.
    const weights = new BigInt64Array(new SharedArrayBuffer(2 ** 32 - 8));
    const e = await pool
      .run({ kind: 'commitWeights', spec, weights, salt: new Uint8Array(32) })
      .catch((e) => e);
    expect(e).toEqual(code('PROVER_CRASHED'));
    expect(e.cause.code).toMatch(/^WASM_(TRAP|OUT_OF_MEMORY)$/);
    expect((await pool.metrics.snapshot()).crashes).toBe(2);
    expect((await pool.run(task)).proof).toBeInstanceOf(Uint8Array);
    expect(threadsOf(pool)).not.toContain(thread);
  });

  it("does not retry the prover's own errors", async () => {
    const pool = await start();
    const task = await windowTask(pool);
    const wrong = { ...task, public: { ...task.public, data: task.public.weightsIn } };
    const e = await pool.run(wrong).catch((e) => e);
    expect(e.name).toBe('PotError');
    expect(e.code).not.toBe('PROVER_CRASHED');
    expect(await pool.metrics.snapshot()).toMatchObject({
      proofs: { failed: 1 },
      retries: 0,
      successRate: 0,
    });
  });

  it('closes gracefully: the running proof is finished, the waiting one refused', async () => {
    const pool = await start();
    const task = await genesisTask(pool);
    const running = pool.run(task);
    const waiting = pool.run(task);
    await until(() => pool.scheduler.running === 1);
    const closing = pool.close();
    await expect(waiting).rejects.toEqual(code('PROVER_CLOSED'));
    expect((await running).proof).toBeInstanceOf(Uint8Array);
    await closing;
    expect(threadsOf(pool)).toHaveLength(0);
    await expect(pool.run(task)).rejects.toEqual(code('PROVER_CLOSED'));
  });

  it('closes by force: nothing is left running or hanging', async () => {
    const pool = await start({ workers: 2 });
    const task = await windowTask(pool);
    const done = [1, 2, 3].map(() => pool.run(task));
    await until(() => pool.scheduler.running === 2);
    const threads = threadsOf(pool);
    await Promise.all([
      pool.close({ force: true }),
      ...done.map((d) => expect(d).rejects.toEqual(code('PROVER_CLOSED'))),
    ]);
    expect(threads.map((t) => t.threadId)).toEqual([-1, -1]);
  });
});
