/** Examples in README.md and docs/ that prove steps, runs or adapters run as they are written. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import * as files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IGNITION } from '@proof-of-training/halo2-wasm';
import * as inference from '@proof-of-training/inference/node';
import * as lora from '@proof-of-training/lora-circuit';
import * as loraFiles from '@proof-of-training/lora-circuit/node';
import * as tf from '@tensorflow/tfjs';
import { expect, it, vi } from 'vitest';
import * as core from '../src/index.js';
import { stepTask } from './helpers/step.js';
import { toyData, toyModel } from './helpers/toy.js';

const AsyncFunction = (async () => {}).constructor as new (
  ...args: string[]
) => (...values: unknown[]) => Promise<void>;

function examples(file: string): string[] {
  const text = readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8');
  return [...text.matchAll(/```js\n([\s\S]*?)```/g)].map((m) => m[1]!);
}

/** Runs examples with these values in place of what they import. Gives what they log. */
async function run(code: string, values: Record<string, unknown>): Promise<unknown[][]> {
  const logged: unknown[][] = [];
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((...args) => void logged.push(args)),
    vi.spyOn(console, 'warn').mockImplementation(() => {}),
  ];
  try {
    const body = code.replace(/^import .*$/gm, '');
    await new AsyncFunction(...Object.keys(values), body)(...Object.values(values));
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return logged;
}

const blocks = ['docs/operate/pools.md'].flatMap((file) => {
  return examples(file)
    .filter((code) => /new (Parallel|Streaming)Prover/.test(code))
    .map((code, n) => [`${file}, example ${n + 1}`, code] as const);
});

it('there are examples', () => expect(blocks.length).toBeGreaterThanOrEqual(2));

it.each(blocks)('%s', async (_, code) => {
  const { before, after, batch, learningRate } = await stepTask();
  expect(learningRate).toBe(0.125);
  const { xs, ys } = batch;
  const signal = new AbortController().signal;
  // The examples import from the package, which is `core` here, and their steps were taken with a rate of 0.1.
  const own = code.replaceAll('learningRate: 0.1 ', 'learningRate: 0.125 ');
  const logged = await run(own, { ...core, before, after, xs, ys, signal });
  expect(logged.length).toBeGreaterThan(0);
  expect(JSON.stringify(logged)).not.toMatch(/_[A-Z]|false/);
});

it('README.md, ten lines: a run on the ceremony, verified without a flag', async () => {
  const [code] = examples('README.md');
  expect(code).not.toMatch(/development/i);
  const dir = mkdtempSync(join(tmpdir(), 'pot-readme-'));
  const own = code!.replace("'runs/mine'", JSON.stringify(join(dir, 'run')));
  try {
    let made: core.RunBundle | undefined;
    const verifyTrainingRun = (bundle: core.RunBundle) => {
      made = bundle;
      return core.verifyTrainingRun(bundle);
    };
    expect(await run(own, { ...core, tf, verifyTrainingRun })).toEqual([[true]]);
    expect(made?.run.srs).toMatchObject({ hash: IGNITION.hash, development: false });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

it('docs/learn/first-run.md has the program that it tells to run', () => {
  const program = readFileSync(new URL('../../../examples/digits/firstRun.mjs', import.meta.url), 'utf8');
  expect(examples('docs/learn/first-run.md')).toEqual([program]);
});

it('docs/concepts/choices.md, a run with a beacon', async () => {
  const [code] = examples('docs/concepts/choices.md');
  const dir = mkdtempSync(join(tmpdir(), 'pot-readme-'));
  const value = `0x${'4f'.repeat(32)}`;
  const given = {
    ...core,
    tf,
    publish: async (fixed: object) => fixed,
    nextRound: async () => value,
    publishedRound: async () => value,
  };
  const own = code!.replace("'runs/beacon'", JSON.stringify(join(dir, 'run')));
  try {
    const more = { ...given, model: toyModel(), ...toyData(1, 32) };
    // The example's model is new; the toy model has seeds of its own, so that its weights would be kept.
    const logged = await run(own.replace('  model,', "  start: 'seed', model,"), more);
    expect(logged).toEqual([[expect.stringContaining('drand round 4711')]]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

it('docs/learn/first-fine-tuning.md, adapters and their files', async () => {
  const both = examples('docs/learn/first-fine-tuning.md');
  expect(both).toHaveLength(2);
  const dir = mkdtempSync(join(tmpdir(), 'pot-readme-'));
  const there = (path: string) => JSON.stringify(join(dir, path));
  const code = both
    .join('')
    .replace("'runs/tuned'", there('run'))
    .replaceAll("'my-adapter'", there('adapter'));
  try {
    const logged = await run(code, {
      ...core,
      ...lora,
      ...loraFiles,
      model: toyModel(),
      ...toyData(1, 32),
    });
    expect(logged).toEqual([[true], [true]]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

it('docs/learn/first-inference.md, verified against its run without a flag', async () => {
  const [code] = examples('docs/learn/first-inference.md');
  const dir = mkdtempSync(join(tmpdir(), 'pot-readme-'));
  const layers = [tf.layers.dense({ units: 3, activation: 'softmax', inputShape: [4] })];
  const model = tf.sequential({ layers });
  model.compile({ optimizer: tf.train.sgd(0.1), loss: 'categoricalCrossentropy' });
  const [x, y] = [tf.randomUniform([16, 4]), tf.oneHot(tf.randomUniform([16], 0, 3, 'int32'), 3)];
  const options = { model, data: { x, y }, dir: join(dir, 'run'), batchSize: 8, window: 2 };
  try {
    const session = await core.TrainingSession.create(options);
    await session.fit({ epochs: 1 });
    const opening = await session.opening();
    const bundle = await session.finish();
    await session.close();
    await files.writeFile(join(dir, 'opening.json'), JSON.stringify(opening));
    await files.writeFile(join(dir, 'mine.json'), JSON.stringify(bundle));
    const logged = await run(code!.replaceAll("'runs/", `'${dir}/`), {
      readFile: files.readFile,
      writeFile: files.writeFile,
      ...inference,
    });
    expect(logged).toEqual([[[expect.any(Number), expect.any(Number)]], [true, bundle.run.runId]]);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
