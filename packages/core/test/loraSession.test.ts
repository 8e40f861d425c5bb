/** Runs that train adapters over a frozen base: real proofs on the toy network. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { decodeProof, encodeProof } from '@proof-of-training/verifier/files';
import { verifyAdapters, verifyTrainingRun } from '@proof-of-training/verifier/node';
import { genesisStatement } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { defaults } from '../src/config/schema.js';
import { loraOf } from '../src/lora/index.js';
import { recordModel } from '../src/record/index.js';
import { type Checkpoint, decodeCheckpoint, encodeCheckpoint } from '../src/session/checkpoint.js';
import type { Parts } from '../src/session/open.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { baseDigest } from '../src/verify/baseDigest.js';
import { verifyModelWeights } from '../src/verify/modelWeights.js';
import { loraToyModel, loraToyOptions } from './helpers/loraToy.js';
import { reseal } from './helpers/reseal.js';
import { type SharedRun, sharedRun, trained } from './helpers/sharedRun.js';
import { TOY, toyModel } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const open: TrainingSession[] = [];
const layers = ['one', 'two'];

async function create(more = {}): Promise<TrainingSession> {
  const session = await TrainingSession.create(await loraToyOptions(more));
  open.push(session);
  return session;
}
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

const partsOf = (session: TrainingSession) => (session as unknown as { parts: Required<Parts> }).parts;

/** Base and adapters of a model, as plain numbers. */
async function contents(model: Parameters<typeof recordModel>[0]) {
  const recorded = await recordModel(model);
  return {
    base: recorded.layers.map((l) => [[...l.kernel], [...(l.biases ?? [])]]),
    adapters: recorded.layers.map((l) => l.adapter && [[...l.adapter.A], [...l.adapter.B]]),
  };
}

/** Two runs on the same base, and one on another. */
let first: SharedRun & { model: LayersModel };
let second: RunBundle;
let foreign: RunBundle;

beforeAll(async () => {
  const run = await sharedRun('lora');
  first = { ...run, model: trained(await loraToyModel(), run) };
  second = (await sharedRun('loraRank1')).bundle;
  foreign = (await sharedRun('loraOtherBase')).bundle;
});

const copy = (b: RunBundle): RunBundle => structuredClone(b);
async function refused(bundle: RunBundle, expected: string | RegExp, options = {}): Promise<void> {
  const report = await verifyTrainingRun(JSON.stringify(bundle), { ...accept, ...options });
  expect(report.ok).toBe(false);
  expect(report.proven).toBeUndefined();
  expect(report.failure?.code).toMatch(expected);
}

describe('a run over a frozen base', () => {
  it('verifies, and says what was trained over which base', async () => {
    const report = await verifyTrainingRun(JSON.stringify(first.bundle), accept);
    expect(report.failure).toBeUndefined();
    const { run } = first.bundle;
    expect(report.proven).toMatchObject({
      steps: TOY.window * TOY.shards,
      parameters: 2 * (6 + 5) + 2 * (5 + 3),
      lora: { proofType: 'lora', base: { digest: run.base, fractionalBits: 20, parameters: 53 } },
    });
    expect(report.proven!.lora!.statement).toContain(run.base);
  });

  it('shows the digest of its base: the same in two runs on it, another one on another base', async () => {
    expect(second.run.base).toBe(first.bundle.run.base);
    expect(foreign.run.base).not.toBe(first.bundle.run.base);
    // The base has no adapters: whoever has it computes the digest from it alone.
    expect(await baseDigest(toyModel(1), first.bundle.run, accept)).toBe(first.bundle.run.base);
    expect(await baseDigest(toyModel(2), first.bundle.run, accept)).toBe(foreign.run.base);
    const { base } = first.bundle.run;
    expect((await verifyTrainingRun(second, { ...accept, expected: { base: base! } })).ok).toBe(true);
    await refused(foreign, 'RUN_BASE', { expected: { base } });
  });

  it('trains the adapters and leaves the base as it is', async () => {
    const { model } = first;
    const [trained, untrained] = [await contents(model), await contents(await loraToyModel())];
    expect(trained.base).toEqual(untrained.base);
    for (const [l, adapter] of trained.adapters.entries()) {
      expect(adapter![0]).not.toEqual(untrained.adapters[l]![0]);
      expect(adapter![1]).not.toEqual(untrained.adapters[l]![1]);
    }
  });

  it('ends with the adapters that its last commitment is to', async () => {
    const { bundle, opening, model } = first;
    const { weightsOut } = bundle.windows.at(-1)!.public;
    expect((await verifyModelWeights(model, weightsOut, opening, accept)).ok).toBe(true);
    const other = await verifyModelWeights(await loraToyModel(), weightsOut, opening, accept);
    expect(other.failure?.code).toBe('MODEL_DIFFERENT');
  });

  it('is what an adapter file comes from, or not', async () => {
    const { bundle, opening, model } = first;
    const modules = (await loraOf(model)).map((m, l) => ({ ...m, name: layers[l]! }));
    const report = await verifyAdapters(modules, bundle, opening, accept);
    expect(report.failure).toBeUndefined();
    expect(report.checks.at(-1)?.detail).toContain('all 38 numbers of 2 adapters');
    modules[1]!.A[4]! += 2 ** -20;
    const changed = await verifyAdapters(modules, bundle, opening, accept);
    expect(changed.proven).toBeUndefined();
    expect(changed.failure).toMatchObject({
      code: 'ADAPTER_DIFFERENT',
      details: { tensor: 'two.lora_A', index: 4 },
    });
    const foreignRun = await verifyAdapters(modules, foreign, opening, accept);
    expect(foreignRun.failure?.code).toBe('OPENING_COMMITMENT');
  });
});

describe('attacks', () => {
  it('another base digest is refused, with and without new hashes', async () => {
    const bundle = copy(first.bundle);
    bundle.run.base = foreign.run.base!;
    await refused(bundle, 'RUN_ID');
    await reseal(bundle, first.bundle);
    await refused(bundle, 'RUN_BASE');
    for (const entry of [bundle.genesis, ...bundle.windows]) entry.public.base = foreign.run.base!;
    await refused(bundle, 'VERIFY_DIGEST');
  });

  it('the genesis proof of another base, and one for other adapters, are refused', async () => {
    const bundle = copy(first.bundle);
    bundle.genesis = copy(foreign).genesis;
    await refused(bundle, 'GENESIS_MISMATCH');
    bundle.genesis.public = structuredClone(first.bundle.genesis.public);
    await refused(bundle, /^VERIFY_/);
  });

  it('a window on another base is refused', async () => {
    const bundle = copy(first.bundle);
    bundle.windows[1] = copy(foreign).windows[1]!;
    bundle.windows[1].public = structuredClone(first.bundle.windows[1]!.public);
    await refused(bundle, /^VERIFY_/);
  });

  it('a base that is left out, or added to a run of plain SGD, is refused', async () => {
    const bundle = copy(first.bundle);
    delete bundle.run.base;
    await refused(bundle, 'SPEC_BASE');
    const window = copy(first.bundle);
    delete window.windows[0]!.public.base;
    await refused(window, 'RUN_BASE');
    const plain = (await sharedRun('dense', 1)).bundle;
    plain.run.base = first.bundle.run.base!;
    await refused(plain, 'SPEC_BASE');
  });

  it('other fractional bits, ranks and alphas are refused', async () => {
    for (const change of [
      (lora: { baseBits: number }) => {
        lora.baseBits = 21;
      },
      (lora: { adapters: ({ alpha: number; rank: number } | null)[] }) => {
        lora.adapters[0]!.alpha = 2;
      },
    ]) {
      const bundle = copy(first.bundle);
      for (const spec of [bundle.run.spec, bundle.run.genesisSpec]) change(spec.lora!);
      await reseal(bundle, first.bundle);
      await refused(bundle, 'KEY_DIGEST');
    }
  });

  it('a flipped bit anywhere in a proof is refused', async () => {
    const size = decodeProof(first.bundle.windows[1]!.proof).length;
    for (let n = 0; n < 8; n++) {
      const bundle = copy(first.bundle);
      const bytes = decodeProof(bundle.windows[1]!.proof);
      bytes[Math.floor(((n + 0.5) * size) / 8)]! ^= 1 << (n % 8);
      bundle.windows[1]!.proof = encodeProof(bytes);
      await refused(bundle, /^(VERIFY_|POINT_INVALID)/);
    }
  });
});

describe('a run that is continued', () => {
  it('goes on from its folder, with its model or without, to a bundle that verifies', async () => {
    const model = await loraToyModel();
    const session = await create({ model });
    const dir = partsOf(session).journal.dir;
    await session.fit({ steps: 2 });
    await session.close();

    const again = await TrainingSession.resume(dir, { onWarning: () => {} });
    open.push(again);
    expect(again.steps).toBe(2);
    const [built, own] = [await contents(again.model), await contents(model)];
    expect(built.adapters).toEqual(own.adapters);
    await again.fit({ steps: 2 });
    await again.close();

    const last = await TrainingSession.resume(dir, { model, onWarning: () => {} });
    open.push(last);
    await last.fit({ steps: 2 });
    expect(await contents(model)).toMatchObject({ base: own.base });
    const bundle = await last.finish();
    const report = await verifyTrainingRun(bundle, accept);
    expect(report.failure).toBeUndefined();
    expect(report.proven!.steps).toBe(6);
  });

  it('is refused on another base, with other adapters, and with another base in its folder', async () => {
    const session = await create();
    const dir = partsOf(session).journal.dir;
    await session.fit({ steps: 2 });
    await session.close();
    const resume = async (model?: Awaited<ReturnType<typeof loraToyModel>>) =>
      TrainingSession.resume(dir, { ...(model && { model }), onWarning: () => {} });
    await expect(resume(await loraToyModel(2))).rejects.toEqual(code('BASE_MISMATCH'));
    await expect(resume(await loraToyModel(1, { alpha: 2 }))).rejects.toEqual(code('MODEL_MISMATCH'));

    const path = join(dir, 'private/base-1.bin');
    const bytes = new Uint8Array(readFileSync(path));
    const { weights, salt } = decodeCheckpoint(bytes, 53, 'base');
    weights[7]! += 1n;
    writeFileSync(path, encodeCheckpoint({ weights, salt }));
    await expect(resume()).rejects.toEqual(code('BASE_MISMATCH'));
    writeFileSync(path, bytes.subarray(1));
    await expect(resume()).rejects.toEqual(code('STATE_DAMAGED'));
    writeFileSync(path, bytes);
    const again = await resume();
    open.push(again);
    expect(again.steps).toBe(2);
  });
});

it('refuses to finish with a model whose base somebody changed, and finishes without that model', async () => {
  const model = await loraToyModel();
  const session = await create({ model });
  const { dir } = partsOf(session).journal;
  await session.fit({ steps: 2 });
  const [a, b, kernel, bias] = model.layers[0]!.getWeights();
  model.layers[0]!.setWeights([a!, b!, kernel!.add(2 ** -10), bias!]);
  await expect(session.finish()).rejects.toEqual(code('BASE_CHANGED'));
  await session.close();
  const again = await TrainingSession.resume(dir, { onWarning: () => {} });
  open.push(again);
  expect((await verifyTrainingRun(await again.finish(), accept)).ok).toBe(true);
});

it('a private base has another digest in each run, which the base alone does not give', async () => {
  const session = await create({ privateBase: true });
  const { dir } = partsOf(session).journal;
  await session.fit({ epochs: 1 });
  const bundle = await session.finish();
  expect((await verifyTrainingRun(bundle, accept)).ok).toBe(true);
  expect(bundle.run.base).not.toBe(first.bundle.run.base);
  const { salt, weights } = decodeCheckpoint(
    new Uint8Array(readFileSync(join(dir, 'private/base-1.bin'))),
    53,
    'base',
  );
  expect(salt.some((v) => v !== 0)).toBe(true);
  expect(await baseDigest(toyModel(1), bundle.run, { ...accept, baseSalt: salt })).toBe(bundle.run.base);
  const text = JSON.stringify(bundle);
  for (const secret of [Buffer.from(salt), Buffer.from(weights.buffer, 0, 32)]) {
    expect(text).not.toContain(secret.toString('hex'));
    expect(text).not.toContain(secret.toString('base64url'));
  }
  expect(await baseDigest(toyModel(1), bundle.run, accept)).toBe(first.bundle.run.base);
});

it.each([0, 1])('an adapter on layer %i alone, and a coarser base, are proven too', async (layer) => {
  const session = await create({ model: await loraToyModel(1, { only: [layer] }), baseBits: 12 });
  await session.fit({ steps: 2 });
  const { lora } = session.run.spec;
  expect(lora!.baseBits).toBe(12);
  expect(lora!.adapters.map((a) => a?.rank)).toEqual(layer === 0 ? [2, undefined] : [undefined, 2]);
  expect((await verifyTrainingRun(await session.finish(), accept)).ok).toBe(true);
});

it('passes the check of witnesses, which names a base that is not the committed one', async () => {
  const config = { ...defaults, circuit: { ...defaults.circuit, debugMode: true } };
  const session = await create({ config });
  const { run } = session;
  const { start: first, base, pool } = partsOf(session);
  await session.fit({ steps: 2 });
  const later = (session as unknown as { window: { start: Checkpoint } }).window.start;
  const statement = genesisStatement(run);
  const weights = base.weights.slice();
  weights[3]! += 1n;
  const task = { kind: 'genesis', spec: run.genesisSpec, public: statement } as const;
  await expect(
    pool.run({ ...task, ...later, base: base.weights, baseSalt: base.salt }),
  ).rejects.toMatchObject({
    code: 'DEBUG_WITNESS',
    details: { name: 'weightsIn' },
  });
  await expect(pool.run({ ...task, ...first, base: weights, baseSalt: base.salt })).rejects.toMatchObject({
    code: 'DEBUG_WITNESS',
    details: { name: 'base' },
  });
  expect((await session.finish()).windows).toHaveLength(1);
});

it('is proven in the default number format too', async () => {
  const session = await create({ profile: 'default' });
  await session.fit({ steps: 2 });
  const bundle = await session.finish();
  expect(bundle.run.spec.shape.k).toBeGreaterThan(10);
  expect((await verifyTrainingRun(bundle, accept)).failure).toBeUndefined();
});

it("takes an earlier run's rows and columns for its base, to show the same digest", async () => {
  const { k, baseColumns } = first.bundle.run.spec.shape;
  const session = await create({ window: 1, baseShape: { k, baseColumns: baseColumns! } });
  expect(session.run.base).toBe(first.bundle.run.base);
  await expect(create({ baseBits: 37 })).rejects.toEqual(code('OPTION_INVALID'));
});
