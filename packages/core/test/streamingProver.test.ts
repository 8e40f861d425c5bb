/** StreamingProver with real proofs. */
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StreamOptions } from '../src/batch/checks.js';
import { StreamingProver } from '../src/batch/streamingProver.js';
import type { CircuitTask } from '../src/batch/tasks.js';
import { ProverPool } from '../src/prove/pool.js';
import { tinySpecs, windowTask } from './helpers/proverTask.js';
import { stepTask } from './helpers/step.js';

let window: CircuitTask;
beforeAll(async () => {
  const pool = await ProverPool.start({ srs: (await tinySpecs()).srs, workers: 1 });
  window = await windowTask(pool);
  await pool.close();
});

const provers: StreamingProver[] = [];
async function start(workers = 1, more: StreamOptions = {}): Promise<StreamingProver> {
  const prover = new StreamingProver(workers, {
    srs: 'development',
    onWarning: () => {},
    batchSize: 1,
    ...more,
  });
  provers.push(prover);
  await prover.start();
  return prover;
}
afterEach(() => Promise.all(provers.splice(0).map((p) => p.stop({ force: true }))));

describe('StreamingProver', () => {
  it('gives results as they come, or for an id, each once', async () => {
    const prover = await start(2, { batchSize: 2 });
    const [a, b] = [await prover.submitTask(window), await prover.submitTask(await stepTask())];
    expect(a).not.toBe(b);
    expect(prover.open).toBe(2);
    expect(await prover.getResult(60_000, b)).toMatchObject({
      id: b,
      ok: true,
      value: { proofType: 'sgd-step-tolerance' },
    });
    expect(await prover.getResult()).toMatchObject({ id: a, ok: true });
    await expect(prover.getResult(10, a)).rejects.toMatchObject({ code: 'STREAM_UNKNOWN_TASK' });
    expect((await prover.metrics.snapshot()).proofs.succeeded).toBe(2);
  });

  it('loses nothing when a wait times out', async () => {
    const prover = await start();
    const id = await prover.submitTask(window);
    await expect(prover.getResult(1)).rejects.toMatchObject({ code: 'STREAM_TIMEOUT' });
    await expect(prover.getResult(1, id)).rejects.toMatchObject({
      code: 'STREAM_TIMEOUT',
      details: { open: 1, id },
    });
    // Two wait for the one result: the first gets it, the second is told.
    const [first, second] = [prover.getResult(60_000, id), prover.getResult(60_000, id)];
    await expect(second).rejects.toMatchObject({ code: 'STREAM_UNKNOWN_TASK' });
    expect(await first).toMatchObject({ id, ok: true });
    await expect(prover.getResult(1)).rejects.toMatchObject({ code: 'STREAM_TIMEOUT' });
  });

  it('is iterated until it is stopped; stopping finishes what was taken on', async () => {
    const prover = await start();
    const ids = [await prover.submitTask(window), await prover.submitTask(window)];
    const seen: number[] = [];
    const reading = (async () => {
      for await (const r of prover) {
        expect(r.ok).toBe(true);
        seen.push(r.id);
      }
    })();
    await prover.stop();
    await reading;
    expect(seen).toEqual(ids);
    await expect(prover.submitTask(window)).rejects.toMatchObject({ code: 'STREAM_STOPPED' });
    await expect(prover.getResult()).rejects.toMatchObject({ code: 'STREAM_ENDED' });
    await expect(prover.start()).rejects.toMatchObject({ code: 'STREAM_STOPPED' });
  });

  it('keeps results that nobody took before it was stopped', async () => {
    const prover = await start();
    const id = await prover.submitTask(window);
    await prover.stop();
    expect(await prover.getResult(0)).toMatchObject({ id, ok: true });
  });

  it('refuses use before it is started', async () => {
    const prover = new StreamingProver(1);
    await expect(prover.submitTask(window)).rejects.toMatchObject({ code: 'STREAM_NOT_STARTED' });
    await expect(prover.getResult()).rejects.toMatchObject({ code: 'STREAM_NOT_STARTED' });
    await prover.stop();
    expect(() => new StreamingProver(1, { maxQueue: 0 })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  });

  it('begins higher priorities first', async () => {
    const prover = await start();
    const ids: number[] = [];
    for (const priority of [0, 1, 3, 2]) ids.push(await prover.submitTask(window, { priority }));
    const order: number[] = [];
    for (let n = 0; n < 4; n++) order.push((await prover.getResult()).id);
    expect(order).toEqual([ids[0], ids[2], ids[3], ids[1]]);
  });

  it('holds submissions back while the queue is full, and lets an aborted one go', async () => {
    const prover = await start(1, { maxQueue: 1 });
    await prover.submitTask(window);
    await prover.submitTask(window);
    expect(prover.queued).toBe(1);
    const stop = new AbortController();
    const aborted = prover.submitTask(window, { signal: stop.signal });
    let taken = false;
    const third = prover.submitTask(window).then((id) => {
      taken = true;
      return id;
    });
    await new Promise((r) => setTimeout(r, 10));
    expect([prover.queued, taken]).toEqual([1, false]);
    stop.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'PROVER_ABORTED' });
    await prover.getResult();
    const id = await third;
    await prover.stop();
    expect((await prover.getResult(0, id)).ok).toBe(true);
    expect((await prover.getResult(0)).ok).toBe(true);
  });

  it('cancels a waiting and a running task by their signals; each has a result', async () => {
    const prover = await start();
    const [one, two] = [new AbortController(), new AbortController()];
    const running = await prover.submitTask(window, { signal: one.signal });
    const waiting = await prover.submitTask(window, { signal: two.signal });
    const third = await prover.submitTask(window);
    two.abort();
    expect(await prover.getResult(0, waiting)).toMatchObject({
      ok: false,
      error: { code: 'PROVER_ABORTED' },
    });
    await new Promise((r) => setTimeout(r, 60));
    one.abort();
    expect(await prover.getResult(60_000, running)).toMatchObject({
      ok: false,
      error: { code: 'PROVER_ABORTED' },
    });
    expect(await prover.getResult(60_000, third)).toMatchObject({ ok: true });
  });

  it('cancels many tasks by one signal, without a warning', async () => {
    const warnings: Error[] = [];
    const listen = (w: Error) => warnings.push(w);
    process.on('warning', listen);
    const prover = await start(1, { maxQueue: 20 });
    const stop = new AbortController();
    for (let n = 0; n < 15; n++) await prover.submitTask(window, { signal: stop.signal });
    stop.abort();
    for (let n = 0; n < 15; n++) {
      expect(await prover.getResult(60_000)).toMatchObject({ error: { code: 'PROVER_ABORTED' } });
    }
    await new Promise((r) => setTimeout(r, 5));
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  it('stops by force: nothing hangs, every open task has its result', async () => {
    const prover = await start(1, { maxQueue: 2 });
    const ids = [await prover.submitTask(window), await prover.submitTask(window)];
    await new Promise((r) => setTimeout(r, 60));
    await prover.stop({ force: true });
    for (const id of ids) {
      expect(await prover.getResult(0, id)).toMatchObject({ ok: false, error: { code: 'PROVER_CLOSED' } });
    }
  });
});
