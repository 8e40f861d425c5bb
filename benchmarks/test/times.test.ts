/** The report on how long tests take. */
import { expect, it } from 'vitest';
import { fileTimes, grown } from '../../scripts/times.mjs';

const BEFORE = { a: 10, b: 20, c: 6, d: 30, e: 1 };

it('names what grew, whatever the machine', () => {
  expect(grown(BEFORE, BEFORE)).toEqual([]);
  const slower = Object.fromEntries(Object.entries(BEFORE).map(([file, s]) => [file, 3 * s]));
  expect(grown(slower, BEFORE)).toEqual([]);
  expect(grown({ ...slower, a: 90 }, BEFORE)).toEqual(['a: 90 s, of 30 s expected on this machine']);
  expect(grown({ ...BEFORE, e: 4 }, BEFORE)).toEqual([]);
  expect(grown({ ...BEFORE, f: 7 }, BEFORE)).toEqual(['f: 7 s, not in the baseline']);
});

it('adds the tiers of one file', () => {
  const report = (endTime: number) => ({ testResults: [{ name: '/x/a.test.ts', startTime: 0, endTime }] });
  expect(Object.values(fileTimes([report(2000), report(500)]))).toEqual([2.5]);
});
