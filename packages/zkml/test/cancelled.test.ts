/** What takes too long or is cancelled stops: its process is gone, and so is its use of the processor. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ZkmlEngine } from '../src/index.js';
import { CANCER, engines, rows } from './helpers/models.js';

const open = engines();
const request = { model: 'cancer', inputs: rows[0]! };

type Inside = { work: { pool: { pids: number[] } } };
const pids = (engine: ZkmlEngine) => (engine as unknown as Inside).work.pool.pids;
const exists = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};
/** Processor time of all processes that this one started and that are still there, in ticks. */
const ticks = (pids: number[]) =>
  pids.filter(exists).reduce((sum, pid) => {
    const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(11, 13);
    return sum + Number(user) + Number(system);
  }, 0);
const failure = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (e: { code: string; details: object }) => e,
  );

let engine: ZkmlEngine;
beforeAll(async () => {
  engine = await open({ workers: 2, limits: { waiting: 1 }, timeouts: { prove: 0.1 } });
  await engine.registerModel(CANCER);
  await engine.compile('cancer');
}, 120_000);

describe('an engine', () => {
  it('ends a proof that takes too long, with its process, and goes on', async () => {
    const work = failure(engine.prove(request));
    await sleep(50);
    const before = pids(engine);
    expect(before.filter(exists)).toEqual(before);
    expect(await work).toMatchObject({
      code: 'ZKML_TIMEOUT',
      details: { limit: 'timeouts.prove', seconds: 0.1 },
    });
    const left = before.filter(exists);
    expect(left).toHaveLength(before.length - 1);
    const spent = ticks(left);
    await sleep(300);
    expect(ticks(left) - spent).toBeLessThan(10);
    const { killed, stages } = await engine.metrics.snapshot();
    expect({ killed, timeouts: stages.prove.timeout }).toEqual({ killed: 1, timeouts: 1 });
    expect(await engine.executeInference({ ...request, proof: false })).toHaveProperty('outputs');
    expect(await engine.metrics.prometheus()).toContain('pot_zkml_total{stage="prove",outcome="timeout"} 1');
  });

  it('ends what its caller cancels, running or waiting, and refuses when too much waits', async () => {
    const controllers = [0, 1, 2].map(() => new AbortController());
    const works = controllers.map(({ signal }) => failure(engine.verify('{}', { signal })));
    // Three jobs, two processes, one waits: a fourth finds no room.
    const fourth = failure(engine.verify('{}'));
    controllers[2]!.abort();
    expect(await works[2]).toMatchObject({ code: 'ZKML_ABORTED' });
    expect(await fourth).toMatchObject({ code: 'ZKML_LIMIT', details: { limit: 'waiting', most: 1 } });
    await Promise.all(works);
    const running = new AbortController();
    const work = failure(engine.prove({ ...request, signal: running.signal }));
    await sleep(50);
    const before = pids(engine);
    running.abort();
    expect(await work).toMatchObject({ code: 'ZKML_ABORTED' });
    expect(before.filter(exists)).toHaveLength(before.length - 1);
    expect(await failure(engine.prove({ ...request, signal: AbortSignal.abort() }))).toMatchObject({
      code: 'ZKML_ABORTED',
    });
  });

  it('ends a compilation that nobody waits for, and not one that others do', async () => {
    await engine.registerModel({ ...CANCER, id: 'other' });
    const leaving = new AbortController();
    const alone = failure(engine.compile('other', leaving));
    await sleep(50);
    leaving.abort();
    expect(await alone).toMatchObject({ code: 'ZKML_ABORTED' });
    const second = new AbortController();
    const left = failure(engine.compile('other', second));
    const stays = engine.compile('other');
    await sleep(50);
    second.abort();
    expect(await left).toMatchObject({ code: 'ZKML_ABORTED' });
    expect(await stays).toHaveProperty('commitment');
  });

  it('survives a process that dies, and leaves none behind when it stops', async () => {
    const work = failure(engine.executeInference(request));
    await sleep(50);
    for (const pid of pids(engine)) process.kill(pid, 'SIGKILL');
    expect(await work).toMatchObject({ code: 'ZKML_PROVING_FAILED', details: { code: 'PROVER_CRASHED' } });
    const last = failure(engine.executeInference(request));
    await sleep(50);
    const left = pids(engine);
    expect(left.length).toBeGreaterThan(0);
    await engine.stop();
    expect(await last).toMatchObject({ code: 'ZKML_STOPPED' });
    expect(left.filter(exists)).toEqual([]);
    expect(await failure(engine.prove(request))).toMatchObject({ code: 'ZKML_MODEL_INVALID' });
  });

  it('takes no time-out, limit or option that it does not know', async () => {
    const { ZkmlEngine } = await import('../src/index.js');
    const wrong = [
      { timeouts: { prove: 0 } },
      { timeouts: { prove: Number.POSITIVE_INFINITY } },
      { timeouts: { prove: Number.NaN } },
      { timeouts: { prove: 86_401 } },
      { timeouts: { proof: 1 } },
      { limits: { models: 0 } },
      { limits: { models: 1.5 } },
      { limits: { waiting: '9' } },
      { limits: { others: 1 } },
      { workers: 0 },
      { workers: 65 },
      { srs: 'none' },
    ];
    for (const options of wrong)
      expect(() => new ZkmlEngine(options as object), JSON.stringify(options)).toThrow(/OPTION_INVALID/);
    expect(() => new ZkmlEngine({ worker: 1 } as object)).toThrow(/OPTION_UNKNOWN/);
    const { limits, timeouts } = new ZkmlEngine();
    expect(limits.models).toBe(50);
    expect(timeouts).toEqual({ compile: 1200, prove: 1800, verify: 600, inference: 900 });
  });
});
