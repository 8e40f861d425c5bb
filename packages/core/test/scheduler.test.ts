import { describe, expect, it } from 'vitest';
import { PriorityQueue } from '../src/prove/queue.js';
import { Scheduler } from '../src/prove/scheduler.js';
import { threadsPerTask, workerCount } from '../src/prove/threads.js';

const MB = 2 ** 20;

/** A job that ends when it is told to; records when it begins. */
function job(
  log: string[],
  name: string,
  memoryMb = 1,
  more: { priority?: number; signal?: AbortSignal } = {},
) {
  let end = () => {};
  const ended = new Promise<void>((r) => {
    end = r;
  });
  return {
    end,
    options: {
      ...more,
      memoryBytes: memoryMb * MB,
      run: async (threads: number) => {
        log.push(`${name}/${threads}`);
        await ended;
        return name;
      },
    },
  };
}
const turn = () => new Promise((r) => setImmediate(r));

describe('threads for a task', () => {
  it.each([
    [{ queued: 0, running: 0, workers: 8, cores: 8 }, 8],
    [{ queued: 1, running: 0, workers: 8, cores: 8 }, 4],
    [{ queued: 0, running: 1, workers: 8, cores: 8 }, 4],
    [{ queued: 2, running: 0, workers: 8, cores: 8 }, 2],
    [{ queued: 100, running: 0, workers: 8, cores: 8 }, 1],
    [{ queued: 100, running: 1, workers: 2, cores: 8 }, 4],
    [{ queued: 100, running: 15, workers: 16, cores: 4 }, 1],
    [{ queued: 0, running: 0, workers: 1, cores: 1 }, 1],
  ])('%o: %i', (load, threads) => {
    expect(threadsPerTask(load)).toBe(threads);
  });

  it('workers are a whole number, or -1 for the cores', () => {
    expect(workerCount(3)).toBe(3);
    expect(workerCount(-1)).toBeGreaterThanOrEqual(1);
    expect(workerCount()).toBeLessThanOrEqual(4);
    for (const bad of [0, -2, 1.5, Number.NaN]) {
      expect(() => workerCount(bad)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }));
    }
  });
});

it('a queue gives higher priorities first, equal ones in order', () => {
  const queue = new PriorityQueue<{ priority: number; n: number }>();
  const entries = [0, 5, 0, -1, 5, 9].map((priority, n) => ({ priority, n }));
  for (const e of entries) queue.push(e);
  expect(queue.remove(entries[2]!)).toBe(true);
  expect(queue.remove(entries[2]!)).toBe(false);
  expect(queue.drain().map((e) => e.n)).toEqual([5, 1, 4, 0, 3]);
});

describe('the scheduler', () => {
  it('never runs more than its workers, nor more than its memory', async () => {
    const scheduler = new Scheduler({ workers: 3, memoryBudgetMb: 10 });
    const log: string[] = [];
    const jobs = [6, 5, 4, 1, 10, 1].map((mb, n) => job(log, `j${n}`, mb));
    const peaks: number[] = [];
    const done = jobs.map((j) =>
      scheduler.submit({
        ...j.options,
        run: async (t) => {
          peaks.push(scheduler.reservedBytes / MB);
          return j.options.run(t);
        },
      }),
    );
    const begun = () => log.map((l) => l.split('/')[0]);
    // 6 + 5 do not fit together; what is behind does not overtake.
    expect(begun()).toEqual(['j0']);
    expect(scheduler.queued).toBe(5);
    jobs[0]!.end();
    await turn();
    // 5 + 4 + 1
    expect(begun()).toEqual(['j0', 'j1', 'j2', 'j3']);
    for (const j of jobs.slice(1, 4)) j.end();
    await turn();
    // 10 alone
    expect(begun()).toEqual(['j0', 'j1', 'j2', 'j3', 'j4']);
    for (const j of jobs) j.end();
    expect(await Promise.all(done)).toEqual(['j0', 'j1', 'j2', 'j3', 'j4', 'j5']);
    expect(Math.max(...peaks)).toBe(10);
    expect(scheduler.reservedBytes).toBe(0);
    expect(scheduler.running).toBe(0);
  });

  it('refuses at once what can never fit', async () => {
    const scheduler = new Scheduler({ workers: 1, memoryBudgetMb: 10 });
    const refused = scheduler.submit(job([], 'large', 11).options);
    await expect(refused).rejects.toMatchObject({ code: 'TASK_TOO_LARGE' });
    const nonsense = scheduler.submit({ ...job([], 'nan').options, memoryBytes: Number.NaN });
    await expect(nonsense).rejects.toMatchObject({ code: 'TASK_TOO_LARGE' });
    expect(() => new Scheduler({ memoryBudgetMb: 0 })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    );
  });

  it('removes an aborted task from the queue, and lets what waited behind it go', async () => {
    const scheduler = new Scheduler({ workers: 2, memoryBudgetMb: 10 });
    const log: string[] = [];
    const stop = new AbortController();
    const [a, b, c] = [job(log, 'a', 6), job(log, 'b', 6, { signal: stop.signal }), job(log, 'c', 4)];
    const done = [a, b, c].map((j) => scheduler.submit(j.options));
    expect(log).toHaveLength(1);
    stop.abort();
    await expect(done[1]).rejects.toMatchObject({ code: 'PROVER_ABORTED' });
    expect(log.map((l) => l[0])).toEqual(['a', 'c']);
    await expect(scheduler.submit(b.options)).rejects.toMatchObject({ code: 'PROVER_ABORTED' });
    a.end();
    c.end();
    await Promise.all([done[0], done[2]]);
  });

  it('closes: refuses what waits, waits for what runs', async () => {
    const scheduler = new Scheduler({ workers: 1, memoryBudgetMb: 10 });
    const [a, b] = [job([], 'a'), job([], 'b')];
    const done = [a, b].map((j) => scheduler.submit(j.options));
    let closed = false;
    const closing = scheduler.close().then(() => {
      closed = true;
    });
    await expect(done[1]).rejects.toMatchObject({ code: 'PROVER_CLOSED' });
    await turn();
    expect(closed).toBe(false);
    a.end();
    await closing;
    expect(await done[0]).toBe('a');
    await expect(scheduler.submit(a.options)).rejects.toMatchObject({ code: 'PROVER_CLOSED' });
  });

  it('goes on after a task that fails', async () => {
    const scheduler = new Scheduler({ workers: 1, memoryBudgetMb: 10 });
    const failing = scheduler.submit({
      memoryBytes: MB,
      run: () => {
        throw new Error('no');
      },
    });
    await expect(failing).rejects.toThrow('no');
    const next = job([], 'next');
    next.end();
    expect(await scheduler.submit(next.options)).toBe('next');
  });
});
