/** Steps that TensorFlow.js took, proven and verified in WebAssembly; and steps that are refused before proving. */
import { quantiseWeights } from '@proof-of-training/sgd-circuit';
import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commit, verifyLeaf } from '../src/commit/index.js';
import { recordModel } from '../src/record/index.js';
import { autoProveTrainingStep, StepProver } from '../src/step/index.js';
import { toyModel } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

function toyBatch(size = 4) {
  const xs = Array.from({ length: size }, (_, s) =>
    Array.from({ length: 6 }, (_, j) => ((s * 31 + j * 17) % 97) / 97),
  );
  const ys = xs.map((_, s) => [0, 1, 2].map((i) => (i === s % 3 ? 1 : 0)));
  return { xs: tf.tensor2d(xs), ys: tf.tensor2d(ys), rows: { xs, ys } };
}

async function takeStep(model = toyModel()) {
  const batch = toyBatch();
  const before = await recordModel(model);
  await model.trainOnBatch(batch.xs, batch.ys);
  return { before, model, batch };
}

let prover: StepProver;
const warnings: string[] = [];
beforeAll(async () => {
  await tf.setBackend('cpu');
  prover = await StepProver.start({ srs: 'development', onWarning: (w) => warnings.push(w) });
});
afterAll(() => prover.close());

describe('a float32 step of plain SGD', () => {
  it('is proven, verifies from its file alone, and reports its deviation', async () => {
    const { before, model, batch } = await takeStep();
    const made = await autoProveTrainingStep(before, model, batch, 0.125, { prover });
    expect(made.success).toBe(true);
    expect(made.proofType).toBe('sgd-step-tolerance');
    expect(made.proofHash).toMatch(/^[0-9a-f]{64}$/);
    expect(made.deviations.map((d) => d.name)).toEqual(before.layers.map((l) => l.name));
    for (const d of made.deviations) expect(d.maxDeviation).toBeLessThan(made.tolerance);
    for (const d of made.differences) expect(d.relative).toBeLessThan(0.002);
    expect(made.stepExceedsTolerance).toBe(true);
    expect(warnings).toHaveLength(1);
    const text = JSON.stringify(made.proof);
    expect(await verifyTrainingProof(text, accept)).toMatchObject({ ok: true, developmentSrs: true });
    expect((await verifyTrainingProof(text)).ok).toBe(false);
    for (const secret of Object.values(made.secrets))
      expect(text).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('links to the next step, and two proofs of one step differ', async () => {
    const { before, model, batch } = await takeStep();
    const middle = await recordModel(model);
    await model.trainOnBatch(batch.xs, batch.ys);
    const options = { prover, runId: `0x${'0'.repeat(63)}7`, format: 'compact' };
    const first = await autoProveTrainingStep(before, middle, batch.rows, 0.125, options);
    const again = await autoProveTrainingStep(before, middle, batch.rows, 0.125, options);
    expect(again.proof.proof).not.toBe(first.proof.proof);
    expect(again.commitments.before).not.toEqual(first.commitments.before);
    const second = await autoProveTrainingStep(middle, model, batch.rows, 0.125, {
      ...options,
      step: 1,
      saltBefore: first.secrets.saltAfter,
    });
    expect(second.proof.public.weightsIn).toBe(first.proof.public.weightsOut);
    expect(second.commitments.before).toEqual(first.commitments.after);
    // Moved to another step, the proof is no proof.
    const moved = { ...second.proof, public: { ...second.proof.public, firstStep: 2 } };
    expect((await verifyTrainingProof(moved, accept)).ok).toBe(false);
    expect((await verifyTrainingProof(second.proof, accept)).ok).toBe(true);
  });

  it('takes named arrays and mean squared error', async () => {
    const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [3] })] });
    model.compile({ optimizer: tf.train.sgd(0.05), loss: 'meanSquaredError' });
    const arrays = () =>
      model.getWeights().map((t, i) => ({
        name: i ? 'out/bias' : 'out/kernel',
        shape: t.shape,
        values: t.dataSync() as Float32Array,
      }));
    const before = arrays().map((a) => ({ ...a, values: a.values.slice() }));
    const batch = {
      xs: [
        [1, -0.5, 0.25],
        [0.5, 0.5, -1],
      ],
      ys: [[1], [-1]],
    };
    await model.trainOnBatch(tf.tensor2d(batch.xs), tf.tensor2d(batch.ys));
    const made = await autoProveTrainingStep(before, arrays(), batch, 0.05, { prover });
    expect((await verifyTrainingProof(made.proof, accept)).ok).toBe(true);
  });
});

describe('dual commitments', () => {
  it('are what the proof carries, and open leaf by leaf', async () => {
    const { before, model, batch } = await takeStep();
    const { proof, commitments, secrets } = await autoProveTrainingStep(before, model, batch, 0.125, {
      prover,
      format: 'compact',
    });
    const weights = quantiseWeights(
      proof.spec,
      before.layers.map(({ name, kernel, biases }) => ({ name, kernel, ...(biases && { bias: biases }) })),
    );
    const tools = prover.halo2.prover(prover.halo2.srsDevelopment(proof.srs.k));
    const contents = { kind: 'weights', weights } as const;
    const { commitment, tree } = await commit(tools, proof.spec, contents, secrets.saltBefore);
    expect(commitment).toEqual(commitments.before);
    expect(commitment.poseidon).toBe(proof.public.weightsIn);
    expect(verifyLeaf(commitment.sha256, tree.open(0))).toBe(true);
    const other = await commit(tools, proof.spec, contents, secrets.saltAfter);
    expect(other.commitment.poseidon).not.toBe(commitment.poseidon);
    expect(other.commitment.sha256).not.toBe(commitment.sha256);
    weights[0]! += 1n;
    const changed = await commit(tools, proof.spec, contents, secrets.saltBefore);
    expect(changed.commitment.poseidon).not.toBe(commitment.poseidon);
    expect(changed.commitment.sha256).not.toBe(commitment.sha256);
    tools.free();
  });
});

describe('refused before proving', () => {
  it('another learning rate, with layer and deviation', async () => {
    const { before, model, batch } = await takeStep();
    const error = await autoProveTrainingStep(before, model, batch, 0.14, { prover }).catch(
      (e: unknown) => e,
    );
    expect(error).toEqual(code('STEP_NOT_SGD'));
    expect((error as { details: object }).details).toMatchObject({
      layer: expect.stringMatching(/dense/),
      relative: expect.any(Number),
    });
  });

  it('no step, Adam, models of different shapes, numbers that are none', async () => {
    const { before, model, batch } = await takeStep();
    await expect(autoProveTrainingStep(before, before, batch, 0.125, { prover })).rejects.toEqual(
      code('STEP_NOT_SGD'),
    );
    const other = tf.sequential({
      layers: [tf.layers.dense({ units: 3, inputShape: [6], activation: 'softmax' })],
    });
    other.compile({ optimizer: tf.train.adam(0.1), loss: 'categoricalCrossentropy' });
    await expect(autoProveTrainingStep(before, other, batch, 0.125, { prover })).rejects.toEqual(
      code('MODEL_MISMATCH'),
    );
    const start = await recordModel(other);
    await other.trainOnBatch(batch.xs, batch.ys);
    await expect(autoProveTrainingStep(start, other, batch, 0.1, { prover })).rejects.toEqual(
      code('STEP_NOT_SGD'),
    );
    const bad = { xs: batch.rows.xs.map((r) => r.map(() => Number.NaN)), ys: batch.rows.ys };
    await expect(autoProveTrainingStep(before, model, bad, 0.125, { prover })).rejects.toEqual(
      code('VALUE_NOT_FINITE'),
    );
    await expect(autoProveTrainingStep(before, model, batch, -1, { prover })).rejects.toEqual(
      code('LEARNING_RATE_INVALID'),
    );
    await expect(
      autoProveTrainingStep(before, model, batch, 0.125, { prover, format: 'no' }),
    ).rejects.toEqual(code('FORMAT_UNKNOWN'));
  });

  it('a deviation beyond the bound of the format that was asked for', async () => {
    const { before, model, batch } = await takeStep();
    // One limb of 12 bits at scale 2^36: the bound is 2^-25.
    const format = { name: 'narrow', scales: { a: 8, d: 14, e: 14, b: 12, p: 12 }, limbs: 1 };
    const error = await autoProveTrainingStep(before, model, batch, 0.125, { prover, format }).catch(
      (e: unknown) => e,
    );
    expect(error).toEqual(code('STEP_EXCEEDS_TOLERANCE'));
    expect((error as Error).message).toMatch(/layer dense.* deviates by/);
  });
});
