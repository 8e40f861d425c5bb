import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPotError } from '@proof-of-training/halo2-wasm';
import { nearestName } from '@proof-of-training/verifier/options';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createOptions } from '../src/session/checks.js';
import { limitsOf, requireWithin } from '../src/session/limits.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { TOY, toyOptions } from './helpers/toy.js';

const open: TrainingSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});
async function create() {
  const session = await TrainingSession.create(toyOptions());
  open.push(session);
  return session;
}
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => undefined,
    (e) => e,
  );

describe('options of TrainingSession.create', () => {
  it.each([
    ['batchsize', 'batchSize'],
    ['windowSize', 'window'],
    ['learning_rate', 'learningRate'],
  ])('refuses %s and names %s', async (wrong, nearest) => {
    const options = { ...toyOptions(), [wrong]: 8 };
    const e = await refusal(TrainingSession.create(options));
    expect(e).toMatchObject({ code: 'OPTION_UNKNOWN', details: { option: wrong, nearest } });
    expect(e.hint).toContain(`Did you mean ${nearest}?`);
    expect(readdirSync(options.dir)).toEqual([]);
  });

  it.each([
    ['batchSize', '8'],
    ['batchSize', 0],
    ['batchSize', 7.5],
    ['batchSize', Number.NaN],
    ['batchSize', -1],
    ['window', '2'],
    ['learningRate', '0.125'],
    ['learningRate', 0],
    ['dir', undefined],
    ['dir', ''],
    ['model', undefined],
    ['model', {}],
    ['data', undefined],
    ['workers', '2'],
    ['signal', {}],
    ['onWarning', 'loud'],
    ['optimizer', { type: 'adamw', learningRate: '0.1' }],
  ])('refuses %s = %j before anything is made', async (name, value) => {
    const options = toyOptions();
    const e = await refusal(TrainingSession.create({ ...options, [name]: value } as never));
    expect(e.code).toBe('OPTION_INVALID');
    expect(e.details.option).toContain(name);
    expect(readdirSync(options.dir)).toEqual([]);
  });

  it('names a folder that cannot be made', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'pot-file-')), 'file');
    writeFileSync(file, '');
    for (const dir of [file, join(file, 'run'), ...(process.platform === 'linux' ? ['/proc/x'] : [])]) {
      expect(await refusal(TrainingSession.create(toyOptions({ dir })))).toMatchObject({
        code: 'SESSION_FOLDER',
      });
    }
  });

  it('never shows a text that was given', async () => {
    const e = await refusal(TrainingSession.create(toyOptions({ batchSize: 'secret' as never })));
    expect(e.message).not.toContain('secret');
  });

  it('refuses any wrong value of any option with a typed error, and makes no folder', async () => {
    const dir = join(mkdtempSync(join(tmpdir(), 'pot-fuzz-')), 'run');
    // None of these is a right value of any option; undefined leaves an option out.
    const wrong = fc.oneof(
      fc.constantFrom(null, Number.NaN, '', -3, 0.5, [], Symbol('s'), 10n),
      fc.constantFrom(Number.NEGATIVE_INFINITY, new Map()),
    );
    const always = { learningRate: [0.5], memoryBudgetMb: [0.5], profile: [[], new Map()] } as Record<
      string,
      unknown[]
    >;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(createOptions.shape)), wrong, async (name, value) => {
        fc.pre(!(always[name] ?? []).some((v) => Object.is(v, value)) && !(value instanceof Map));
        const e = await refusal(TrainingSession.create({ ...toyOptions({ dir }), [name]: value } as never));
        expect(isPotError(e)).toBe(true);
        expect(existsSync(dir)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('options of fit and resume', () => {
  it('refuses what fit does not know or cannot use, and takes no step', async () => {
    const session = await create();
    for (const [options, code] of [
      [{ steps: '2' }, 'OPTION_INVALID'],
      [{ epochs: '1' }, 'OPTION_INVALID'],
      [{ steps: 0 }, 'OPTION_INVALID'],
      [{ steps: 1.5 }, 'OPTION_INVALID'],
      [{ epochs: 0 }, 'OPTION_INVALID'],
      [{ epochs: Number.NaN }, 'OPTION_INVALID'],
      [{ steps: 2, epochs: 1 }, 'OPTION_INVALID'],
      [null, 'OPTION_INVALID'],
      [{ epochs: 1, batchSize: 16 }, 'OPTION_UNKNOWN'],
      [{ shuffle: false }, 'OPTION_UNKNOWN'],
      [{ classWeight: { 0: 1 } }, 'OPTION_UNKNOWN'],
      [{ validationSplit: 0.2 }, 'OPTION_UNKNOWN'],
    ] as const) {
      expect(await refusal(session.fit(options as never))).toMatchObject({ code });
    }
    expect(session.steps).toBe(0);
  });

  it('trains for one epoch without options', async () => {
    const session = await create();
    expect(await session.fit()).toHaveLength(TOY.shards * TOY.window);
  });

  it('says how far a run goes, and refuses more before the first step', async () => {
    const session = await create();
    const { epochs, windows, steps } = session.limits;
    expect(epochs).toBe(Math.floor(windows / TOY.shards));
    expect(steps).toBe(windows * TOY.window);
    const e = await refusal(session.fit({ epochs: epochs + 1 }));
    expect(e).toMatchObject({ code: 'RUN_TOO_LONG', details: { left: steps } });
    expect(session.steps).toBe(0);
  });

  it('refuses a resume without a folder', async () => {
    for (const dir of [undefined, '', 7, {}])
      expect(await refusal(TrainingSession.resume(dir as never))).toMatchObject({ code: 'OPTION_INVALID' });
    expect(await refusal(TrainingSession.resume('/nowhere', { wokers: 1 } as never))).toMatchObject({
      code: 'OPTION_UNKNOWN',
      details: { nearest: 'workers' },
    });
  });
});

it('ends a run with what a bundle and a statement can have', () => {
  const run = (steps: number) => ({ shards: ['a', 'b'], spec: { steps } }) as never;
  expect(limitsOf({ run: run(3) })).toEqual({ epochs: 500_000, windows: 1_000_000, steps: 3_000_000 });
  expect(limitsOf({ run: run(2 ** 20) }).windows).toBe(4095);
  const limits = { epochs: 3, windows: 7, steps: 21 };
  expect(() => requireWithin(limits, 18, 21)).not.toThrow();
  expect(() => requireWithin(limits, 18, 24)).toThrow(/3 more steps, not 6/);
});

it('finds the nearest name, or none', () => {
  expect(nearestName('numworker', ['prover.numWorkers', 'prover.engine'])).toBe('prover.numWorkers');
  expect(nearestName('xyzzyq', ['dir', 'model'])).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
});
