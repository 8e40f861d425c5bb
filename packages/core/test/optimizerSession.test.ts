/** Runs that train whole networks by momentum, AdamW and with weight decay: real proofs on the toy network. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkWindows } from '@proof-of-training/aggregator';
import { proveInference } from '@proof-of-training/inference';
import { checkpointCount, etaToLearningRate, weightCount } from '@proof-of-training/sgd-circuit';
import { renderReport } from '@proof-of-training/verifier';
import { decodeOpening, type RunBundle } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { afterEach, expect, it } from 'vitest';
import { openRun } from '../src/index.js';
import { decodeCheckpoint, encodeCheckpoint } from '../src/session/checkpoint.js';
import type { OptimizerOptions } from '../src/session/optimizer.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { verifyModelWeights } from '../src/verify/modelWeights.js';
import { compileFor, flat, relativeDifference, trainBeside } from './helpers/floatOptimizer.js';
import { TOY, toyData, toyModel, toyOptions } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const open: TrainingSession[] = [];
afterEach(async () => {
  for (const session of open.splice(0)) await session.close();
});

async function create(more = {}): Promise<[TrainingSession, string]> {
  const options = toyOptions({ ...more });
  const session = await TrainingSession.create(options);
  open.push(session);
  return [session, options.dir];
}
async function resume(dir: string): Promise<TrainingSession> {
  const session = await TrainingSession.resume(dir, { onWarning: () => {} });
  open.push(session);
  return session;
}
const adamw: OptimizerOptions = { type: 'adamw', learningRate: 0.01, weightDecay: 0.1 };

it('AdamW with weight decay follows the float optimiser, survives a crash, and verifies', async () => {
  const model = toyModel(1, 'linear');
  const float = toyModel(1, 'linear');
  const [session, dir] = await create({ model, optimizer: adamw, start: 'given' });
  const { spec } = session.run;
  expect(spec.optimizer).toMatchObject({ rule: 'adam' });
  expect(spec.lora).toBeUndefined();
  expect(checkpointCount(spec)).toBe(3 * weightCount(spec));
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
  expect(relativeDifference(await flat(again.model), await flat(float), start)).toBeLessThan(0.01);

  const opening = await again.opening();
  const { weights } = decodeOpening(opening);
  expect(weights).toHaveLength(checkpointCount(spec));
  expect(weights.subarray(weightCount(spec)).some((v) => v !== 0n)).toBe(true);
  const bundle = await again.finish();
  const expected = { optimizer: again.optimizer };
  const verification = await verifyTrainingRun(bundle, { ...accept, expected });
  expect(verification.failure).toBeUndefined();
  expect(verification.proven).toMatchObject({ steps: 6, parameters: weightCount(spec), ...expected });
  expect(verification.checks.find((c) => c.name === 'architecture')?.detail).toMatch(
    /53 parameters, by AdamW \(/,
  );
  expect(renderReport({ bundle, verification })).toMatch(/Optimiser<\/th><td>AdamW \(/);
  const refused = await verifyTrainingRun(bundle, {
    ...accept,
    expected: { optimizer: { weightDecay: 0.5 } },
  });
  expect(refused.failure?.code).toBe('EXPECTED_MISMATCH');

  const { weightsOut } = bundle.windows.at(-1)!.public;
  expect((await verifyModelWeights(again.model, weightsOut, opening, accept)).failure).toBeUndefined();
  // An inference would be of weights alone.
  const inference = proveInference({
    opening,
    inputs: [new Array(TOY.inputs).fill(0)].flat(),
    uses: { take: async () => 0 },
  } as never);
  await expect(inference).rejects.toMatchObject({
    code: 'INFERENCE_MODEL',
    message: expect.stringContaining('state'),
  });
});

it("momentum of the model's own optimiser, from the seed, at a rate that changes; whose state was reset is no run", async () => {
  const model = toyModel();
  model.compile({ optimizer: tf.train.momentum(0.0625, 0.75), loss: 'categoricalCrossentropy' });
  const learningRate = { type: 'cosine', initial: 0.0625, steps: 8, end: 0.03125, warmup: 2 } as const;
  const [session, dir] = await create({ model, start: 'seed', learningRate });
  const { spec } = session.run;
  expect(spec.optimizer).toEqual({ rule: 'momentum', momentum: 384, decay: 0 });
  expect(session.optimizer).toMatchObject({ type: 'momentum', momentum: 0.75, weightDecay: 0 });
  const rates: number[] = [];
  for (let n = 0; n < 3; n++) {
    rates.push(session.learningRate);
    if (n < 2) await session.fit({ steps: 2 });
  }
  const honest = await session.finish();
  const { run, windows } = honest;
  // At the windows' first steps: half of it, all of it, and 1/2 + 1/2 (1 + cos(pi / 4)) / 2.
  const etas = [Number(run.eta) / 2, Number(run.eta), Math.round(0.9267766953 * Number(run.eta))];
  expect(windows.map((w) => w.public.eta)).toEqual(etas.slice(0, 2).map(String));
  expect(rates).toEqual(etas.map((eta) => etaToLearningRate(spec, BigInt(eta))));
  const verified = await verifyTrainingRun(honest, accept);
  const { schedule, learningRate: first } = verified.proven!;
  expect(schedule).toEqual({ type: 'cosine', warmup: 2, steps: 8, end: 2 ** 29 });
  expect(renderReport({ bundle: honest, verification: verified })).toContain(
    'after 2 steps of warm-up, along a cosine',
  );
  const failed = async (expected: object, bundle = honest) =>
    (await verifyTrainingRun(bundle, { ...accept, expected })).failure?.code;
  expect(await failed({ learningRate: first, schedule })).toBeUndefined();
  // A rate alone is that of every step.
  expect(await failed({ learningRate: first })).toBe('EXPECTED_MISMATCH');
  expect(await failed({ schedule: { ...schedule, steps: 9 } })).toBe('EXPECTED_MISMATCH');
  for (const change of [
    (b: RunBundle) => Object.assign(b.windows[1]!.public, { eta: b.windows[0]!.public.eta }),
    (b: RunBundle) => void delete b.run.schedule,
    (b: RunBundle) => Object.assign(b.run.schedule!, { warmup: 1 }),
  ]) {
    const other = structuredClone(honest);
    change(other);
    expect(await failed({}, other)).toMatch(/^(RUN_LEARNING_RATE|RUN_ID)$/);
  }
  // What an aggregate would say of it; that one holds is the native tier's (renewals.native.test.ts).
  const open = await openRun(run);
  expect(() => checkWindows(open, windows)).not.toThrow();
  const same = [windows[0]!, structuredClone(windows[1]!)];
  same[1]!.public.eta = windows[0]!.public.eta;
  expect(() => checkWindows(open, same)).toThrow(expect.objectContaining({ code: 'AGGREGATE_RATE' }));
  expect(verified.failure).toBeUndefined();
  expect(verified.proven).toMatchObject({ start: 'seed', optimizer: { type: 'momentum' } });

  const path = join(dir, 'private/checkpoint-000002-1.bin');
  const { weights, salt } = decodeCheckpoint(new Uint8Array(readFileSync(path)), checkpointCount(spec), 'it');
  // Weights without state are no checkpoint.
  writeFileSync(path, encodeCheckpoint({ weights: weights.slice(0, weightCount(spec)), salt }));
  await expect(resume(dir)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  weights.fill(0n, weightCount(spec));
  writeFileSync(path, encodeCheckpoint({ weights, salt }));
  const again = await resume(dir);
  await again.fit({ steps: 2 });
  const bundle = await again.finish();
  const report = await verifyTrainingRun(bundle, accept);
  expect(report.failure).toMatchObject({ code: 'RUN_CONTINUITY', details: { window: 2 } });
  bundle.windows[2]!.public.weightsIn = bundle.windows[1]!.public.weightsOut;
  expect((await verifyTrainingRun(bundle, accept)).failure?.code).toMatch(/^VERIFY_/);
});
