/** Exact mode trains as well as float32: the benchmark whose figures docs/operate/accuracy.md gives. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../../benchmarks/accuracy.mjs', import.meta.url));

it('is within half a point of float32 TensorFlow.js after 1,000 steps, on digits, on a regression and with adapters', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const rows = JSON.parse(stdout.trim().split('\n').at(-1)!) as {
    name: string;
    exact: number;
    float: number;
    difference: number;
  }[];
  expect(rows.map((r) => r.name.split(' ')[0])).toEqual([
    ...Array(4).fill('digits'),
    ...Array(3).fill('Friedman'),
    // Plain SGD, then momentum and AdamW.
    ...Array(9).fill('LoRA'),
  ]);
  for (const { name, exact, difference } of rows) {
    expect(Math.abs(difference), name).toBeLessThanOrEqual(0.5);
    // And it has learned: digits far above 10 % (0 % where the base does not know them), the regression far above the mean.
    expect(exact, name).toBeGreaterThan(name.startsWith('Friedman') ? 70 : 88);
  }
}, 1_500_000);
