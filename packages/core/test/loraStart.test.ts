/** First adapters of the public seed: real proofs on the toy network. */

import type { RunBundle } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { runIdOf, type SeedStart, scheduleOf, seededWeights } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';
import { applyLora, type LoraOptions } from '../src/lora/index.js';
import { recordModel } from '../src/record/index.js';
import type { CreateOptions } from '../src/session/options.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { baseDigest } from '../src/verify/baseDigest.js';
import { TOY, toyModel, toyOptions } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const code = (c: string) => expect.objectContaining({ code: c });
const open: TrainingSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

type Chosen = Omit<Partial<LoraOptions>, 'layers' | 'init'> & {
  /** Numbers of the layers that get an adapter. */
  only?: number[];
  /** First values of A, the same everywhere: given ones. */
  fill?: number;
  init?: 'gaussian';
};

async function newAdapters({ only = [0, 1], fill, ...options }: Chosen = {}): Promise<LayersModel> {
  const base = toyModel();
  const layers = only.map((l) => base.layers[l]!.name);
  const A = new Float32Array(12).fill(fill ?? 0);
  const given = fill !== undefined && { init: Object.fromEntries(layers.map((name) => [name, { A }])) };
  return applyLora(base, { rank: 2, alpha: 4, layers, ...options, ...given });
}
/** Changes one tensor of a model's last adapter: 0 for A, 1 for B. */
async function changed(which: 0 | 1, by: number): Promise<LayersModel> {
  const model = await newAdapters();
  const layer = model.layers[model.layers.length - 1]!;
  layer.setWeights(layer.getWeights().map((w, i) => (i === which ? w.add(by) : w)));
  return model;
}

async function create(model: LayersModel, more: Partial<CreateOptions> = {}): Promise<TrainingSession> {
  const session = await TrainingSession.create(toyOptions({ model, ...more }));
  open.push(session);
  return session;
}
async function trained(model: LayersModel, more: Partial<CreateOptions> = {}): Promise<RunBundle> {
  const session = await create(model, more);
  await session.fit({ steps: TOY.window });
  return session.finish();
}
const contents = async (model: LayersModel) => (await recordModel(model)).layers;
const uniform = (inputs: number) => ({
  kind: 'uniform',
  min: -1 / Math.sqrt(inputs),
  max: 1 / Math.sqrt(inputs),
});

describe('first adapters of the public seed', () => {
  it('are the default of new ones: A replaced, B zero, the base as it was, and the verifier makes them again', async () => {
    const model = await newAdapters();
    const before = await contents(model);
    const warnings: string[] = [];
    const session = await create(model, {
      optimizer: { type: 'adamw', learningRate: 0.01 },
      onWarning: (w) => void warnings.push(w),
    });
    expect(session.start).toEqual({ kind: 'seed', layers: [{ A: uniform(6) }, { A: uniform(5) }] });
    expect(warnings.some((w) => w.includes("start: 'given'"))).toBe(true);
    const after = await contents(model);
    after.forEach((layer, l) => {
      expect(layer.kernel).toEqual(before[l]!.kernel);
      expect(layer.adapter!.A).not.toEqual(before[l]!.adapter!.A);
      expect(Math.max(...layer.adapter!.A.map(Math.abs))).toBeLessThanOrEqual(
        1 / Math.sqrt(layer.inputs) + 1e-6,
      );
      expect([...layer.adapter!.B].every((v) => v === 0)).toBe(true);
    });
    await session.fit({ steps: TOY.window });
    const bundle = await session.finish();
    const base = await baseDigest(toyModel(), bundle.run, accept);
    const report = await verifyTrainingRun(JSON.stringify(bundle), {
      ...accept,
      expected: { start: 'seed', base },
    });
    expect(report.failure).toBeUndefined();
    expect(report.checks.find((c) => c.name === 'first weights')?.detail).toContain('B zero');
  });

  it('are refused where the adapters are others', async () => {
    const bundle = await trained(await newAdapters({ seed: 3 }));
    expect(bundle.run.start.kind).toBe('given');
    bundle.run.start = { kind: 'seed', layers: [{ A: uniform(6) }, { A: uniform(5) }] } as SeedStart;
    bundle.run.runId = runIdOf(bundle.run, await circomlibPair());
    for (const entry of [bundle.genesis, ...bundle.windows]) entry.public.runId = bundle.run.runId;
    const { shard } = scheduleOf(bundle.run, bundle.run.shards.length).at(0);
    bundle.windows[0]!.public.data = bundle.run.shards[shard]!;
    expect((await verifyTrainingRun(bundle, accept)).failure?.code).toBe('START_SEED');
  });

  it.each<[string, () => Promise<LayersModel>]>([
    ['a seed of their own', () => newAdapters({ seed: 0 })],
    ['given first values', () => newAdapters({ only: [0], fill: 0.1 })],
    ['a B that training changed', () => changed(1, 1e-6)],
    ['an A that their initialiser cannot have made', () => changed(0, 1)],
    [
      'no origin, since they were loaded',
      async () => {
        let saved: tf.io.ModelArtifacts | undefined;
        await (await newAdapters()).save(
          tf.io.withSaveHandler(async (artifacts) => {
            saved = artifacts;
            return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
          }),
        );
        const loaded = await tf.loadLayersModel(tf.io.fromMemory(saved!));
        loaded.compile({ optimizer: tf.train.sgd(0.125), loss: 'categoricalCrossentropy' });
        for (const layer of loaded.layers) if (layer.weights.length < 4) layer.trainable = false;
        return loaded;
      },
    ],
  ])('are not taken for adapters with %s', async (_, make) => {
    const model = await make();
    const before = await contents(model);
    expect((await create(model)).start).toEqual({ kind: 'given' });
    for (const [l, layer] of (await contents(model)).entries()) {
      const A = before[l]!.adapter?.A ?? [];
      layer.adapter?.A.forEach((v, i) => void expect(Math.abs(v - A[i]!)).toBeLessThan(2 ** -12));
    }
  });

  it('stand beside layers without an adapter', async () => {
    const session = await create(await newAdapters({ only: [1], init: 'gaussian' }));
    expect(session.start).toEqual({
      kind: 'seed',
      layers: [null, { A: { kind: 'normal', mean: 0, stddev: 0.5 } }],
    });
  });

  it('are taken or refused as asked for', async () => {
    expect((await create(await newAdapters(), { start: 'given' })).start.kind).toBe('given');
    expect((await create(await newAdapters({ seed: 3 }), { start: 'seed' })).start.kind).toBe('seed');
    const given = await newAdapters({ only: [0], fill: 0 });
    await expect(create(given, { start: 'seed' })).rejects.toMatchObject({ code: 'START_SEED' });
  });

  it('are refused where the initialisers are those of another network', async () => {
    const { spec } = (await create(await newAdapters({ only: [0] }))).run;
    const seed = new Uint8Array(32);
    const A = { kind: 'uniform' as const, min: -0.5, max: 0.5 };
    const made = seededWeights(spec, { kind: 'seed', layers: [{ A }, null] }, seed);
    expect(made.slice(12).every((v) => v === 0n)).toBe(true);
    const wrong: SeedStart['layers'][] = [
      [{ A }],
      [{ A }, { A }],
      [null, { A }],
      [null, null],
      [{ kernel: A }, null],
      [{ A }, { kernel: A }],
    ];
    for (const layers of wrong) {
      expect(() => seededWeights(spec, { kind: 'seed', layers }, seed)).toThrow(code('START_SEED'));
    }
    const { lora, ...plain } = spec;
    expect(() => seededWeights(plain, { kind: 'seed', layers: [{ A }, null] }, seed)).toThrow(
      code('START_SEED'),
    );
  });
});
