import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import type { Run } from '@proof-of-training/verifier/run';
import { runIdOf, scheduleOf, seedOf, settingsDigest, settingsOf } from '@proof-of-training/verifier/run';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { parseTrainConfig } from '../src/trainConfig/config.js';
import { trainRun } from '../src/trainConfig/engine.js';
import { TOY, toyModel, toyOptions } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const open: TrainingSession[] = [];
async function create(more: object = {}): Promise<TrainingSession> {
  const session = await TrainingSession.create(toyOptions(more));
  open.push(session);
  return session;
}
async function trained(more: object = {}): Promise<RunBundle> {
  const session = await create(more);
  await session.fit({ steps: TOY.window });
  return session.finish();
}
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

/** As people make one: no seeds. */
function newModel(): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.dense({ units: TOY.hidden, activation: 'relu', inputShape: [TOY.inputs] }),
      tf.layers.dense({ units: TOY.outputs, activation: 'softmax', kernelInitializer: 'heNormal' }),
    ],
  });
  model.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
  return model;
}
const floats = (model: tf.LayersModel) => model.getWeights().flatMap((w) => [...w.dataSync()]);
/** Public inputs of all proofs name the run: a forger's first step. */
async function reseal(bundle: RunBundle): Promise<RunBundle> {
  bundle.run.runId = runIdOf(bundle.run, await circomlibPair());
  return bundle;
}

describe('first weights of the public seed', () => {
  it('are the default of a new model: said, replaced, and made again by the verifier', async () => {
    const warnings: string[] = [];
    const model = newModel();
    const before = floats(model);
    const session = await create({ model, onWarning: (w: string) => warnings.push(w) });
    expect(session.start).toEqual({
      kind: 'seed',
      layers: [
        {
          kernel: { kind: 'varianceScaling', scale: 1, mode: 'fanAvg', distribution: 'normal' },
          bias: { kind: 'constant', value: 0 },
        },
        {
          kernel: { kind: 'varianceScaling', scale: 2, mode: 'fanIn', distribution: 'normal' },
          bias: { kind: 'constant', value: 0 },
        },
      ],
    });
    expect(warnings.some((w) => w.includes("start: 'given'"))).toBe(true);
    expect(floats(model)).not.toEqual(before);
    await session.fit({ steps: TOY.window });
    const bundle = await session.finish();
    const report = await verifyTrainingRun(JSON.stringify(bundle), accept);
    expect(report.failure).toBeUndefined();
    expect(report.proven?.start).toBe('seed');
    expect(report.checks.find((c) => c.name === 'first weights')?.detail).toContain(
      'variance scaling 2 fanIn',
    );
    expect(report.proven?.order).toContain('could have been chosen');
  });

  it('are refused where the weights are others', async () => {
    const bundle = await trained({ start: 'given', model: newModel() });
    bundle.run.start = (await create({ model: newModel() })).start;
    await reseal(bundle);
    for (const entry of [bundle.genesis, ...bundle.windows]) entry.public.runId = bundle.run.runId;
    // The one window's shard is another one now: an honest place, so that only the first weights are a lie.
    const { shard } = scheduleOf(bundle.run, 3).at(0);
    bundle.windows[0]!.public.data = bundle.run.shards[shard]!;
    const report = await verifyTrainingRun(bundle, accept);
    expect(report.failure?.code).toBe('START_SEED');
  });

  it.each([
    ['a seed of its own', () => toyModel()],
    [
      'weights that its initialisers cannot have made',
      () => {
        const model = newModel();
        model.layers[0]!.setWeights([tf.fill([TOY.inputs, TOY.hidden], 0.9), tf.zeros([TOY.hidden])]);
        return model;
      },
    ],
    [
      'a bias that training changed',
      () => {
        const model = newModel();
        model.layers[1]!.setWeights([model.layers[1]!.getWeights()[0]!, tf.tensor1d([0, 1e-6, 0])]);
        return model;
      },
    ],
    [
      'an initialiser that is not known',
      () => {
        const model = tf.sequential({
          layers: [
            tf.layers.dense({
              units: TOY.outputs,
              inputShape: [TOY.inputs],
              kernelInitializer: 'orthogonal',
            }),
          ],
        });
        model.add(tf.layers.activation({ activation: 'softmax' }));
        model.compile({ optimizer: 'sgd', loss: 'categoricalCrossentropy' });
        return model;
      },
    ],
  ])('are not taken for a model with %s: it keeps its weights', async (_, make) => {
    const model = make();
    const before = floats(model);
    const session = await create({ model });
    expect(session.start).toEqual({ kind: 'given' });
    const moved = floats(model).map((v, i) => Math.abs(v - before[i]!));
    expect(Math.max(...moved)).toBeLessThan(2 ** -12);
  });

  it('are not taken for a model that took a step', async () => {
    const model = newModel();
    await model.trainOnBatch(tf.zeros([4, TOY.inputs]), tf.oneHot([0, 1, 2, 0], 3));
    expect((await create({ model })).start.kind).toBe('given');
  });

  it('are taken or refused as asked for', async () => {
    expect((await create({ start: 'given', model: newModel() })).start.kind).toBe('given');
    // Its initialisers without their seeds.
    expect((await create({ start: 'seed', model: toyModel() })).start.kind).toBe('seed');
    const model = newModel();
    (model.layers[0] as unknown as { kernelInitializer: object }).kernelInitializer =
      tf.initializers.identity({ gain: 1 });
    await expect(create({ start: 'seed', model })).rejects.toMatchObject({ code: 'START_SEED' });
    await expect(create({ start: 'sead' })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

describe('a beacon', () => {
  const value = `0x${'fa'.repeat(32)}`;
  const beacon = { kind: 'value' as const, value, source: 'a newspaper' };

  it('is asked for when root and settings are fixed, and decides order and first weights', async () => {
    const asked: { datasetRoot: string; settings: string }[] = [];
    const bundle = await trained({
      model: newModel(),
      beacon: async (fixed: { datasetRoot: string; settings: string }) => {
        asked.push(fixed);
        return beacon;
      },
    });
    const { run } = bundle;
    expect(asked).toEqual([
      { datasetRoot: run.datasetRoot, settings: settingsDigest(settingsOf(run, run.shards.length)) },
    ]);
    const report = await verifyTrainingRun(bundle, { ...accept, expected: { beacon: value } });
    expect(report.failure).toBeUndefined();
    expect(report.proven).toMatchObject({ beacon, start: 'seed' });
    expect(report.proven?.order).toContain('a newspaper');
    const other = await verifyTrainingRun(bundle, {
      ...accept,
      expected: { beacon: `0x${'00'.repeat(32)}` },
    });
    expect(other.failure).toMatchObject({ code: 'EXPECTED_MISMATCH', details: { name: 'beacon' } });

    // Another value after the fact: other first weights.
    run.beacon = { ...beacon, value: `0x${'5b'.repeat(32)}` };
    await reseal(bundle);
    expect((await verifyTrainingRun(bundle, accept)).ok).toBe(false);
  });

  it('that was known before convinces nobody, and whoever trains is told', async () => {
    const warned = async (given: object) => {
      const warnings: string[] = [];
      await create({ ...given, onWarning: (w: string) => warnings.push(w) });
      return warnings.some((w) => w.includes('was known before'));
    };
    expect(await warned({ beacon })).toBe(true);
    expect(await warned({ beacon: () => beacon })).toBe(false);
    expect(await warned({})).toBe(false);
  });

  it('whose source fails ends the run before it is written', async () => {
    const options = toyOptions({ beacon: async () => Promise.reject(new Error('no network')) });
    await expect(TrainingSession.create(options)).rejects.toMatchObject({
      code: 'BEACON_FAILED',
      cause: { message: 'no network' },
    });
    // Neither data nor salts stay, and the folder takes a run.
    expect(readdirSync(join(options.dir, 'private'))).toEqual([]);
    for (const name of ['run.json', 'genesis.json']) expect(existsSync(join(options.dir, name))).toBe(false);
    const wrong = { ...options, beacon: () => ({ kind: 'value' }) as never };
    await expect(TrainingSession.create(wrong)).rejects.toMatchObject({ code: 'BEACON_INVALID' });
    expect(readdirSync(join(options.dir, 'private'))).toEqual([]);
    open.push(await TrainingSession.create({ ...options, beacon: () => beacon }));
  });

  const toTrain = {
    data: { digits: { train: 16, test: 1, pool: true } },
    layers: [{ units: 10, activation: 'softmax' }],
    loss: 'categoricalCrossentropy',
    learningRate: 0.1,
    batchSize: 8,
    window: 2,
    steps: 2,
  };

  it('is taken from the configuration of `pot train`, and refused there before anything is made', async () => {
    const dir = join(mkdtempSync(join(tmpdir(), 'pot-train-')), 'run');
    const { source } = beacon;
    const config = parseTrainConfig({ ...toTrain, beacon: { value, source } });
    const begun: unknown[] = [];
    const warnings: string[] = [];
    const stop = new Error('enough');
    const options = {
      srs: 'development' as const,
      onWarning: (w: string) => warnings.push(w),
      onReady: ({ run }: TrainingSession) => {
        begun.push(run.beacon);
        throw stop;
      },
    };
    await expect(trainRun(config, dir, { ...options, beacon: () => beacon })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    expect(existsSync(dir)).toBe(false);
    await expect(trainRun(config, dir, options)).rejects.toBe(stop);
    expect(begun).toEqual([{ kind: 'value', value, source }]);
    expect(warnings.some((w) => w.includes('was known before'))).toBe(true);
    rmSync(dir, { recursive: true, force: true });
    for (const wrong of [
      7,
      {},
      { value },
      { source },
      { value: '0x12', source },
      { value, source, more: 1 },
    ]) {
      expect(() => parseTrainConfig({ ...toTrain, beacon: wrong })).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('at beacon') }),
      );
    }
    const block = { kind: 'block', chainId: 1, registry: `0x${'1'.repeat(40)}`, block: 1, hash: value };
    expect(() => parseTrainConfig({ ...toTrain, beacon: block })).toThrow('at beacon');
  });

  it('is taken by trainRun as well', async () => {
    const config = parseTrainConfig(toTrain);
    const dir = mkdtempSync(join(tmpdir(), 'pot-train-'));
    const train = (given: object) => trainRun(config, dir, { onWarning: () => {}, ...given });
    await expect(train({ beacon: 7 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(train({ beacon: () => ({ ...beacon, value: '' }) })).rejects.toMatchObject({
      code: 'BEACON_INVALID',
    });
    rmSync(dir, { recursive: true, force: true });
  });

  it('is missed where it is expected', async () => {
    const bundle = await trained();
    const report = await verifyTrainingRun(bundle, { ...accept, expected: { beacon: value } });
    expect(report.failure?.code).toBe('EXPECTED_MISMATCH');
  });

  it('is refused where it is none, before a run is written', async () => {
    for (const bad of [
      { kind: 'value', value: '0x12', source: 'x' },
      { kind: 'value', value },
      { ...beacon, more: 1 },
      { kind: 'block', chainId: 1, registry: 'me', block: 1, hash: value },
    ]) {
      await expect(create({ beacon: bad })).rejects.toMatchObject({ code: 'BEACON_INVALID' });
    }
    await expect(create({ beacon: () => undefined })).rejects.toMatchObject({ code: 'BEACON_INVALID' });
    await expect(create({ beacon: 7 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

describe('seeds', () => {
  const run = {
    datasetRoot: '0x01',
    genesis: '0x02',
    start: { kind: 'given' },
    nonce: '0x03',
    eta: '5',
  } as unknown as Run;
  const digest = (r: Run, shards = 3) => settingsDigest(settingsOf(r, shards));
  const order = (r: Run) => Buffer.from(seedOf(r, digest(r), 'order')).toString('hex');

  it('absorb given first weights, which are fixed before the beacon, and not those of a seed', () => {
    expect(digest({ ...run, genesis: '0x04' })).not.toBe(digest(run));
    const seeded: Run = {
      ...run,
      start: { kind: 'seed', layers: [{ kernel: { kind: 'constant', value: 0 } }] },
    };
    expect(digest({ ...seeded, genesis: '0x04' })).toBe(digest(seeded));
    expect(digest(run, 4)).not.toBe(digest(run));
  });

  it('absorb root, settings, tag and the random part of a beacon, never its kind or its free text', () => {
    const value = (v: string, source: string): Run => ({
      ...run,
      beacon: { kind: 'value', value: v, source },
    });
    const block = (hash: string): Run => ({
      ...run,
      beacon: { kind: 'block', chainId: 1, registry: '0x00', block: 7, hash },
    });
    const seeds = [
      run,
      { ...run, datasetRoot: '0x09' },
      { ...run, nonce: '0x09' },
      value('0x05', 'a'),
      value('0x06', 'a'),
      block('0x07'),
    ].map(order);
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(order(value('0x05', 'b'))).toBe(order(value('0x05', 'a')));
    expect(order(block('0x05'))).toBe(order(value('0x05', 'a')));
    expect(Buffer.from(seedOf(run, digest(run), 'weights')).toString('hex')).not.toBe(order(run));
  });
});
