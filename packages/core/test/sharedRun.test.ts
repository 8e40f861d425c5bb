/** What lets test files share a proven run: it is made once, by one of several workers, and never taken from a failure. */
import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { afterAll, expect, it } from 'vitest';
import { madeOnce, sharedRun } from './helpers/sharedRun.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-shared-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('is made once, also where several ask at the same time', async () => {
  let made = 0;
  const make = async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    return `run ${++made}`;
  };
  const all = await Promise.all([1, 2, 3].map(() => madeOnce('one', make, dir)));
  expect(all).toEqual(['run 1', 'run 1', 'run 1']);
  expect(await madeOnce('one', make, dir)).toBe('run 1');
  expect(made).toBe(1);
});

it('is nothing where it could not be made, and the next one tries', async () => {
  const failing = madeOnce('two', () => Promise.reject(new Error('does not prove')), dir);
  await expect(failing).rejects.toThrow('does not prove');
  expect(readdirSync(dir).filter((name) => name.startsWith('two'))).toEqual([]);
  expect(await madeOnce('two', async () => 'made', dir)).toBe('made');
});

it('is made where the one that was making it has ended', async () => {
  // No process has this number: Linux ends below it.
  writeFileSync(join(dir, 'three.lock'), '4194305');
  expect(await madeOnce('three', async () => 'made', dir)).toBe('made');
  expect(existsSync(join(dir, 'three.lock'))).toBe(false);
});

it('is made where the one that was making it ended before it said who it was', async () => {
  const lock = join(dir, 'four.lock');
  writeFileSync(lock, '');
  const long = new Date(Date.now() - 60_000);
  utimesSync(lock, long, long);
  expect(await madeOnce('four', async () => 'made', dir)).toBe('made');
  expect(existsSync(lock)).toBe(false);
});

it('verifies, whole and cut, and is a copy', async () => {
  const { bundle } = await sharedRun('denseAgain', 2);
  const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
  expect(report.failure).toBeUndefined();
  expect(report.proven?.steps).toBe(4);
  bundle.windows.pop();
  const whole = await sharedRun('denseAgain');
  expect(whole.bundle.windows).toHaveLength(4);
  expect((await verifyTrainingRun(whole.bundle, { allowDevelopmentSrs: true })).proven?.steps).toBe(8);
  await expect(sharedRun('denseAgain', 5)).rejects.toThrow('has 4 windows');
});
