import { expect, it } from 'vitest';
import { baselineOf, compareBaseline } from '../report/baseline.mjs';
import { figures, madeUpRun } from './helpers/run.js';

const withFigures = (over: Record<string, unknown>) =>
  madeUpRun('quick', (job) =>
    job.id === 'prove/32-24-8/b8/k1/compact/wasm' ? { result: figures(over) } : undefined,
  );
const baseline = JSON.parse(JSON.stringify(baselineOf(withFigures({}))));

it('fits itself, in whatever order the keys are', () => {
  expect(compareBaseline(baseline, withFigures({}))).toMatchObject({ ok: true, lines: [] });
  const shape = { laneColumns: 11, lanes: 1, dataColumns: 1, weightColumns: 3, k: 12 };
  expect(compareBaseline(baseline, withFigures({ shape }))).toMatchObject({ ok: true, lines: [] });
});

it('exact figures must be equal', () => {
  for (const over of [
    { proofBytes: 4001 },
    { plan: { rows: 8192, adviceColumns: 20, fixedColumns: 30, degree: 3 } },
    { plan: { rows: 4096, adviceColumns: 21, fixedColumns: 30, degree: 3 } },
    { shape: { k: 13, weightColumns: 3, dataColumns: 1, lanes: 1, laneColumns: 11 } },
  ]) {
    const { ok, lines } = compareBaseline(baseline, withFigures(over));
    expect(ok).toBe(false);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('prove/32-24-8/b8/k1/compact/wasm: ');
  }
});

it('times are remarked on, and fail beyond twice', () => {
  expect(compareBaseline(baseline, withFigures({ provingCpuMs: 1700 }))).toMatchObject({
    ok: true,
    lines: [],
  });
  const slower = compareBaseline(baseline, withFigures({ provingCpuMs: 3000 }));
  expect(slower).toMatchObject({ ok: true });
  expect(slower.lines[0]).toContain('1.88 times');
  expect(compareBaseline(baseline, withFigures({ provingCpuMs: 3300 })).ok).toBe(false);
});

it('a run that shares no case with the baseline does not pass', () => {
  const run = madeUpRun('quick', () => ({
    status: 'failed',
    error: { code: 'X', message: '' },
    result: undefined,
  }));
  expect(compareBaseline(baseline, run)).toMatchObject({ ok: false, compared: 0 });
});
