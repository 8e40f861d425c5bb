/** The simulation of many workers: that it is one, and what the docs say came out of it. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { simulate } from '../clusterSimulation.mjs';

it('keeps all workers busy where nothing costs anything, and none where the trainer is the narrow place', () => {
  const free = { trainer: 0, queue: 0, roundTrip: 0, witness: 0, failure: 1e12, spread: 0 };
  expect(simulate({ workers: 10, ...free }).busy).toBeCloseTo(1, 6);
  // One core that needs 3 s a window serves ten workers of 30 s; of twenty, half are busy.
  const narrow = { ...free, trainer: 3, trainerCores: 1 };
  expect(simulate({ workers: 20, ...narrow }).busy).toBeCloseTo(0.5, 1);
  const failing = simulate({ workers: 10, ...free, failure: 300 });
  expect(failing.failures).toBeGreaterThan(20);
  expect(failing.busy).toBeLessThan(0.85);
});

it('gives what the documentation says', () => {
  const page = readFileSync(new URL('../../docs/operate/cluster.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| ([\d,]+) \| (\d+) \| (\d+) \| ([\d.]+) % \|$/gm)];
  expect(rows.length).toBeGreaterThan(3);
  for (const [, workers, proving, cores, busy] of rows) {
    const options = {
      workers: Number(workers!.replace(',', '')),
      proving: Number(proving),
      trainerCores: Number(cores),
    };
    expect(`${(100 * simulate(options).busy).toFixed(1)}`).toBe(busy);
  }
});
