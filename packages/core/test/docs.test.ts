/** The examples of README.md and docs/pools.md that prove steps run as they are written. */
import { readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import * as core from '../src/index.js';
import { stepTask } from './helpers/step.js';

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

const blocks = ['README.md', 'docs/pools.md'].flatMap((file) => {
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)]
    .map((m) => m[1]!)
    .filter((code) => /new (Parallel|Streaming)Prover/.test(code))
    .map((code, n) => [`${file}, example ${n + 1}`, code] as const);
});

it('there are examples', () => expect(blocks.length).toBeGreaterThanOrEqual(3));

it.each(blocks)('%s', async (_, code) => {
  const logged: unknown[][] = [];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((...args) => void logged.push(args)),
    vi.spyOn(console, 'warn').mockImplementation(() => {}),
  ];
  try {
    const { before, after, batch, learningRate } = await stepTask();
    expect(learningRate).toBe(0.125);
    const values = {
      ...core,
      before,
      after,
      xs: batch.xs,
      ys: batch.ys,
      signal: new AbortController().signal,
    };
    // The examples import from the package, which is `core` here, and their steps were taken with a rate of 0.1.
    const body = code.replace(/^import .*$/gm, '').replaceAll('learningRate: 0.1 ', 'learningRate: 0.125 ');
    await new AsyncFunction(...Object.keys(values), body)(...Object.values(values));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const text = JSON.stringify(logged);
  expect(logged.length).toBeGreaterThan(0);
  expect(text).not.toMatch(/_[A-Z]|false/);
});
