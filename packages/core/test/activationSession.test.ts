/** Runs with activations, losses and penalties of the operator graph: trained, continued, verified, asked, and lied about. */
import { memoryUses, proveInference, verifyInference } from '@proof-of-training/inference/node';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import * as tf from '@tensorflow/tfjs';
import { expect, it } from 'vitest';
import { autoProveTrainingStep, recordModel } from '../src/index.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { parseTrainConfig } from '../src/trainConfig/config.js';
import { flat, relativeDifference, trainBeside } from './helpers/floatOptimizer.js';
import { TOY, toyData, toyOptions } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true, minPrecision: { activations: 4 } };
/** Tables of 512 entries, so that proofs are small. */
const SMALL = { a: 5, d: 14, e: 17, b: 9, p: 9 };

function model(activation: string, l2: number): tf.LayersModel {
  const kernelInitializer = tf.initializers.glorotUniform({ seed: 4 });
  const kernelRegularizer = tf.regularizers.l2({ l2 });
  const hidden = { units: 3, activation: activation as 'tanh', kernelInitializer, kernelRegularizer };
  const made = tf.sequential({
    layers: [
      tf.layers.dense({ ...hidden, inputShape: [TOY.inputs] }),
      tf.layers.dense({ units: TOY.outputs, activation: 'sigmoid', kernelInitializer }),
    ],
  });
  made.compile({ optimizer: tf.train.sgd(0.25), loss: 'binaryCrossentropy' });
  return made;
}

it('tanh, binary cross-entropy and an L2 penalty: as in float, after a crash, and verified', async () => {
  const options = toyOptions({ model: model('tanh', 0.01), profile: SMALL, start: 'given' });
  const session = await TrainingSession.create(options);
  const { spec } = session.run;
  expect(spec.layers.map((l) => l.activation)).toEqual(['tanh', 'sigmoid']);
  expect(spec.loss).toEqual({ sigmoidCrossEntropy: { smoothing: 0 } });
  expect(spec.penalties).toEqual([{ layer: 0, of: 'kernel', l2: Math.round(0.01 * 2 ** 32) }]);
  const float = model('tanh', 0.01);
  const start = await flat(float);
  await trainBeside(session, float, toyData(), 2);
  // Activations of 5 fractional bits are coarse.
  expect(relativeDifference(await flat(session.model), await flat(float), start)).toBeLessThan(0.1);
  await session.close();

  const again = await TrainingSession.resume(options.dir, { onWarning: () => {} });
  try {
    expect((await recordModel(again.model)).layers[0]!.l2!.kernel).toBeCloseTo(0.01, 8);
    await again.fit({ steps: 2 });
    const opening = await again.opening();
    const bundle = await again.finish();
    const report = await verifyTrainingRun(bundle, accept);
    expect(report.failure).toBeUndefined();
    for (const lie of [
      (s: typeof spec) => void Object.assign(s.layers[0]!, { activation: 'sigmoid' }),
      (s: typeof spec) => void Object.assign(s, { loss: { sigmoidCrossEntropy: { smoothing: 1 } } }),
      (s: typeof spec) => void delete s.penalties,
    ]) {
      const other = structuredClone(bundle);
      lie(other.run.spec);
      lie(other.run.genesisSpec);
      expect((await verifyTrainingRun(other, accept)).failure).toBeDefined();
    }
    const uses = memoryUses();
    const inputs = toyData().x.slice(0, TOY.inputs);
    const inference = await proveInference({ allowDevelopmentSrs: true, opening, inputs, uses });
    const answer = await verifyInference(inference.proof, { ...accept, run: bundle });
    expect(answer.failure).toBeUndefined();
  } finally {
    await again.close();
  }
}, 120_000);

it('a step in float with gelu is proven within a tolerance', async () => {
  const stepped = model('gelu', 0.001);
  const before = await recordModel(stepped);
  const { x, y } = toyData(3, 4);
  await stepped.trainOnBatch(tf.tensor2d(x, [4, TOY.inputs]), tf.tensor2d(y, [4, TOY.outputs]));
  const options = { srs: 'development', format: 'default', onWarning: () => {} } as const;
  const proven = await autoProveTrainingStep(before, stepped, { xs: x, ys: y }, 0.25, options);
  expect(proven.success).toBe(true);
}, 120_000);

it('what a number format or a loss does not have is refused before anything is written', async () => {
  const code = (more: object) =>
    TrainingSession.create(toyOptions({ model: model('tanh', 0.01), ...more })).then(
      () => 'created',
      (e: { code: string }) => e.code,
    );
  expect(await code({ profile: 'compact' })).toBe('ACTIVATION_FORMAT');
  const { x, y } = toyData();
  expect(await code({ profile: SMALL, data: { x, y: y.map((v) => v / 2) } })).toBe('LABELS_NOT_BITS');
  expect(await code({ profile: SMALL, loss: { name: 'huber', delta: -1 } })).toBe('OPTION_INVALID');
  const config = { data: { file: 'x' }, layers: [{ units: 1, activation: 'tanh' }], learningRate: 1 };
  const parse = (more: object) => () => parseTrainConfig({ ...config, loss: 'binaryCrossentropy', ...more });
  expect(parse({ labelSmoothing: 0.1 })).not.toThrow();
  const refused = expect.objectContaining({ code: 'CONFIG_INVALID' });
  expect(parse({ delta: 1 })).toThrow(refused);
  expect(parse({ loss: 'meanSquaredError', labelSmoothing: 0.1 })).toThrow(refused);
  expect(parse({ layers: [{ units: 1, activation: 'tanh', alpha: 0.5 }] })).toThrow(refused);
  expect(parse({ layers: [{ units: 1, activation: 'mish' }] })).toThrow(refused);
});
