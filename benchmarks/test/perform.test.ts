import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runChild } from '../runner/child.mjs';
import { findEngines, perform } from '../runner/perform.mjs';
import { State } from '../runner/state.mjs';

const limits = { limitMs: 200_000 };

it('a child that fails gives its code; one that is too slow or interrupted is ended', async () => {
  await expect(runChild('engine.mjs', ['none'], limits)).rejects.toMatchObject({ code: 'ENGINE_UNKNOWN' });
  await expect(runChild('absent.mjs', [], limits)).rejects.toMatchObject({ code: 'CHILD_FAILED' });
  await expect(runChild('engine.mjs', ['wasm'], { limitMs: 1 })).rejects.toMatchObject({
    code: 'CASE_TIMEOUT',
  });
  const interrupt = new AbortController();
  const running = runChild('engine.mjs', ['wasm'], { ...limits, signal: interrupt.signal });
  interrupt.abort();
  await expect(running).rejects.toMatchObject({ code: 'BENCH_INTERRUPTED' });
  await expect(
    runChild('engine.mjs', ['wasm'], { ...limits, signal: interrupt.signal }),
  ).rejects.toMatchObject({ code: 'BENCH_INTERRUPTED' });
});

it('measures a real proof; one failure does not end the others; a resumed run measures nothing twice', async () => {
  const path = join(mkdtempSync(join(tmpdir(), 'pot-bench-')), 'state.json');
  const widths = [16, 16, 4];
  const job = (id: string, engine: string, options: object) => ({
    id,
    kind: 'prove',
    suites: ['sgd'],
    script: 'prove.mjs',
    args: [widths, { ...options, engine }],
    size: 'tiny',
    engine,
    widths,
    options,
    ...limits,
  });
  const good = { batch: 2, steps: 1, profile: 'compact' };
  const jobs = [
    job('bad', 'wasm', { ...good, batch: 0 }),
    job('good', 'wasm', good),
    job('absent', 'other', good),
  ];
  const engines = {
    ...(await findEngines(['wasm'])),
    other: {
      status: 'unavailable',
      reason: 'missing',
      error: { code: 'ENGINE_UNAVAILABLE', message: 'not there' },
    },
  };
  const started: string[] = [];
  const run = async () =>
    perform(jobs, {
      state: await State.open(path, { commit: 'x' }, { resume: true }),
      engines,
      onStart: (j: { id: string }) => started.push(j.id),
      onEnd: () => {},
    });

  const [bad, proof, absent] = await run();
  expect(bad).toMatchObject({ status: 'failed', error: { code: 'SPEC_INVALID' } });
  expect(absent).toMatchObject({ status: 'unavailable', reason: 'missing' });
  expect(proof.status).toBe('done');
  expect(proof.result).toMatchObject({ weights: 340, shape: { k: 10 } });
  expect(proof.result.proofBytes).toBeGreaterThan(1000);
  expect(proof.result.peakBytes).toBeGreaterThanOrEqual(proof.result.peakBeforeBytes);

  expect(started).toEqual(['bad', 'good', 'absent']);
  const again = await run();
  expect(started).toEqual(['bad', 'good', 'absent', 'bad', 'absent']);
  expect(again[1].result).toEqual(proof.result);
});
