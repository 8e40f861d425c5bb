/** Runs that train adapters by momentum, AdamW and with weight decay: real proofs on the toy network. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { checkpointCount, profiles, type UnplannedSpec, weightCount } from '@proof-of-training/sgd-circuit';
import { checkSize, renderReport } from '@proof-of-training/verifier';
import { decodeOpening } from '@proof-of-training/verifier/files';
import { verifyAdapters, verifyTrainingRun } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { afterEach, describe, expect, it } from 'vitest';
import { loraOf } from '../src/lora/index.js';
import { decodeCheckpoint, encodeCheckpoint } from '../src/session/checkpoint.js';
import type { Parts } from '../src/session/open.js';
import type { OptimizerOptions } from '../src/session/optimizer.js';
import { planWindow } from '../src/session/planning.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { verifyModelWeights } from '../src/verify/modelWeights.js';
import { compileFor, flat, relativeDifference, trainBeside } from './helpers/floatOptimizer.js';
import { loraToyModel, loraToyOptions } from './helpers/loraToy.js';
import { toyData } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const open: TrainingSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

async function create(more = {}): Promise<TrainingSession> {
  const session = await TrainingSession.create(await loraToyOptions({ profile: 'default', ...more }));
  open.push(session);
  return session;
}
async function resume(dir: string): Promise<TrainingSession> {
  const session = await TrainingSession.resume(dir, { onWarning: () => {} });
  open.push(session);
  return session;
}
const partsOf = (session: TrainingSession) => (session as unknown as { parts: Required<Parts> }).parts;
const momentum: OptimizerOptions = { type: 'momentum', learningRate: 0.0625, momentum: 0.75 };
const adamw: OptimizerOptions = { type: 'adamw', learningRate: 0.01, weightDecay: 0.1 };

describe.each([
  ['momentum', momentum, 1],
  ['AdamW with weight decay', adamw, 2],
] as const)('a run by %s', (_, optimizer, states) => {
  it('follows the float optimiser, survives a crash, verifies, and says by what it was trained', async () => {
    const session = await create({ optimizer });
    const { spec } = session.run;
    const { dir } = partsOf(session).journal;
    expect(session.optimizer).toMatchObject({ type: optimizer.type });
    expect(checkpointCount(spec)).toBe((1 + states) * weightCount(spec));

    const float = await loraToyModel();
    compileFor(float, session.optimizer);
    const start = await flat(float);
    await trainBeside(session, float, toyData(), 2);
    // A step that no window covers, and the end of the process.
    await session.step();
    await session.close();

    const again = await resume(dir);
    expect(again.optimizer).toEqual(session.optimizer);
    expect(again.steps).toBe(2);
    await trainBeside(again, float, toyData(), 4);
    const trained = await flat(again.model);
    // The order of the data differs from run to run; a ReLU near its kink costs most.
    expect(relativeDifference(trained, await flat(float), start)).toBeLessThan(0.01);
    // The state is what makes the difference: without it the rule would be another one.
    await again.step();
    const { weights: before } = (again as unknown as { window: { start: { weights: BigInt64Array } } }).window
      .start;
    expect(before).toHaveLength(checkpointCount(spec));
    expect(before.subarray(weightCount(spec)).some((v) => v !== 0n)).toBe(true);

    const opening = await again.opening();
    expect(decodeOpening(opening).weights).toEqual(before);
    const bundle = await again.finish({ discardOpenWindow: true });
    expect(await flat(again.model)).toEqual(trained);
    const expected = { optimizer: again.optimizer };
    const verification = await verifyTrainingRun(bundle, { ...accept, expected });
    expect(verification.failure).toBeUndefined();
    expect(verification.proven).toMatchObject({ steps: 6, ...expected, lora: expected });
    expect(verification.proven!.lora!.statement).toContain("and the optimiser's state");
    expect(renderReport({ bundle, verification })).toMatch(/Optimiser<\/th><td>(SGD with momentum|AdamW) \(/);
    for (const other of [{ type: 'sgd' } as const, { weightDecay: 0.5 }]) {
      const refused = await verifyTrainingRun(bundle, { ...accept, expected: { optimizer: other } });
      expect(refused.failure?.code).toBe('EXPECTED_MISMATCH');
    }

    // The opening has weights and state; what is compared is the weights.
    const { weightsOut } = bundle.windows.at(-1)!.public;
    expect((await verifyModelWeights(again.model, weightsOut, opening, accept)).failure).toBeUndefined();
    const modules = await loraOf(again.model);
    expect((await verifyAdapters(modules, bundle, opening, accept)).failure).toBeUndefined();
    modules[0]!.A[0]! += 2 ** -20;
    expect((await verifyAdapters(modules, bundle, opening, accept)).failure?.code).toBe('ADAPTER_DIFFERENT');
    const { weights, salt } = decodeOpening(opening);
    const short = (values: BigInt64Array) => ({
      ...opening,
      weights: Buffer.from(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)).toString(
        'base64url',
      ),
      salt: Buffer.from(salt).toString('base64url'),
    });
    const alone = await verifyModelWeights(again.model, weightsOut, short(weights.slice(0, 38)), accept);
    expect(alone.failure?.code).toBe('OPENING_INVALID');
    weights[weights.length - 1]! += 1n;
    const changed = await verifyModelWeights(again.model, weightsOut, short(weights), accept);
    expect(changed.failure?.code).toBe('OPENING_COMMITMENT');
  });

  it('whose state was reset between two windows is no run', async () => {
    const session = await create({ optimizer, profile: 'compact' });
    const { spec } = session.run;
    const { dir } = partsOf(session).journal;
    await session.fit({ steps: 2 });
    await partsOf(session).proving.drain();
    await session.close();
    const path = join(dir, 'private/checkpoint-000001-1.bin');
    const honest = new Uint8Array(readFileSync(path));
    const { weights, salt } = decodeCheckpoint(honest, checkpointCount(spec), 'checkpoint');
    // Weights without state are no checkpoint.
    writeFileSync(path, encodeCheckpoint({ weights: weights.slice(0, weightCount(spec)), salt }));
    await expect(resume(dir)).rejects.toEqual(code('STATE_DAMAGED'));
    weights.fill(0n, weightCount(spec));
    writeFileSync(path, encodeCheckpoint({ weights, salt }));

    const again = await resume(dir);
    await again.fit({ steps: 2 });
    const bundle = await again.finish();
    const report = await verifyTrainingRun(bundle, accept);
    expect(report.failure).toMatchObject({ code: 'RUN_CONTINUITY', details: { window: 1 } });
    bundle.windows[1]!.public.weightsIn = bundle.windows[0]!.public.weightsOut;
    expect((await verifyTrainingRun(bundle, accept)).failure?.code).toMatch(/^VERIFY_/);
  });
});

it("takes the rule of the model's own optimiser, without its state", async () => {
  const model = await loraToyModel();
  model.compile({ optimizer: tf.train.adam(0.01, 0.75, 0.9), loss: 'categoricalCrossentropy' });
  const warnings: string[] = [];
  const session = await create({ model, profile: 'compact', onWarning: (w: string) => warnings.push(w) });
  expect(session.run.spec.lora!.optimizer).toMatchObject({ rule: 'adam', decay: 0 });
  expect(session.optimizer).toMatchObject({ type: 'adamw', beta1: 0.75, weightDecay: 0 });
  expect(warnings.filter((w) => /^(beta1|beta2) /.test(w))).toEqual([]);
  await session.fit({ steps: 2 });
  const report = await verifyTrainingRun(await session.finish(), accept);
  expect(report.failure).toBeUndefined();
});

it('says where the number format has no such value', async () => {
  const warnings: string[] = [];
  const session = await create({
    optimizer: { type: 'adamw', learningRate: 0.01 },
    profile: 'compact',
    onWarning: (w: string) => warnings.push(w),
  });
  expect(warnings.some((w) => w.startsWith('beta2 = 0.999 becomes 0.998046875'))).toBe(true);
  expect(session.optimizer.beta2).toBe(511 / 512);
});

it('plain SGD with weight decay has no state, and is proven', async () => {
  const session = await create({ optimizer: { type: 'sgd', weightDecay: 0.25 }, profile: 'compact' });
  const { spec } = session.run;
  expect(checkpointCount(spec)).toBe(weightCount(spec));
  expect(session.optimizer).toMatchObject({ type: 'sgd', learningRate: 0.125, weightDecay: 0.25 });
  const float = await loraToyModel();
  compileFor(float, session.optimizer);
  const start = await flat(float);
  await trainBeside(session, float, toyData(), 2);
  expect(relativeDifference(await flat(session.model), await flat(float), start)).toBeLessThan(0.1);
  const report = await verifyTrainingRun(await session.finish(), accept);
  expect(report.failure).toBeUndefined();
  expect(report.proven!.lora!.statement).toContain('weight decay 0.25');
});

describe('refuses', () => {
  it('windows that no verifier would take, and says which one would fit', async () => {
    const spec: UnplannedSpec = {
      kind: 'window',
      mode: 'exact',
      layers: [{ inputs: 768, outputs: 768, activation: 'linear', bias: false }],
      loss: 'meanSquaredError',
      batch: 8,
      steps: 16,
      scales: profiles.default,
      xOffset: 0,
      yOffset: 0,
      toleranceLimbs: 0,
      lora: {
        adapters: [{ rank: 8, alpha: 8 }],
        baseBits: 0,
        local: true,
        optimizer: { rule: 'adam', beta1: 3686, beta2: 4092, epsilon: 23, decay: 0 },
      },
    };
    const halo2 = await loadProver();
    const planned = (steps: number) => planWindow(halo2, { ...spec, steps });
    const refused = (steps: number): Error => {
      try {
        planned(steps);
      } catch (e) {
        expect(e).toEqual(code('CIRCUIT_TOO_LARGE'));
        return e as Error;
      }
      throw new Error(`${steps} steps fit`);
    };
    const [, said] = /A window of (\d+) steps? would fit\./.exec(refused(spec.steps).message) ?? [];
    const fits = Number(said);
    expect([8, 4, 2, 1]).toContain(fits);
    // The longest one: twice as long is refused too.
    if (2 * fits < spec.steps) refused(2 * fits);
    checkSize(planned(fits).spec);
  });

  it('rules that no circuit has, two learning rates, and values out of range', async () => {
    const compiled = async (optimizer: tf.Optimizer) => {
      const model = await loraToyModel();
      model.compile({ optimizer, loss: 'categoricalCrossentropy' });
      return model;
    };
    for (const optimizer of [tf.train.rmsprop(0.01), tf.train.momentum(0.1, 0.9, true)]) {
      await expect(create({ model: await compiled(optimizer) })).rejects.toEqual(
        code('UNSUPPORTED_OPTIMIZER'),
      );
    }
    await expect(create({ optimizer: momentum, learningRate: 0.5 })).rejects.toEqual(code('OPTION_INVALID'));
    await expect(create({ optimizer: { type: 'momentum', momentum: 1 } })).rejects.toEqual(
      code('OPTIMIZER_INVALID'),
    );
    await expect(create({ optimizer: { type: 'lion' } })).rejects.toEqual(code('OPTIMIZER_INVALID'));
    await expect(create({ optimizer: { type: 'sgd', weightDecay: 1e-9 } })).rejects.toEqual(
      code('OPTIMIZER_UNREPRESENTABLE'),
    );
  });
});
