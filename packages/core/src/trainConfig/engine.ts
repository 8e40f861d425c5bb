import { PotError, VERSION } from '@proof-of-training/halo2-wasm';
import type { FloatActivation, FloatLoss, LearningRateSchedule } from '@proof-of-training/sgd-circuit';
import type { CheckpointOpening, RunBundle } from '@proof-of-training/verifier/files';
import {
  callback,
  checkArgument,
  checkOptions,
  type ShapeFor,
  text,
} from '@proof-of-training/verifier/options';
import type { LayersModel } from '@tensorflow/tfjs';
import { z } from 'zod';
import { applyLora } from '../lora/index.js';
import { beaconSource, openShape } from '../session/checks.js';
import { loadTf, tfActivation } from '../session/model.js';
import type { OptimizerOptions } from '../session/optimizer.js';
import type { CreateOptions, OpenOptions, StepReport } from '../session/options.js';
import type { ProofEvent } from '../session/proving.js';
import { TrainingSession } from '../session/trainingSession.js';
import { parseTrainConfig, type TrainConfig } from './config.js';
import { type LoadedData, loadData } from './data.js';

/** What happens while a configuration is trained and proven. */
export interface TrainEvents {
  onReady?: (session: TrainingSession, data: LoadedData) => void;
  onStep?: (report: StepReport) => void;
  /** All steps are taken; the last proofs are still being made. */
  onTrained?: (accuracy: number | undefined) => void;
}

export interface TrainResult {
  bundle: RunBundle;
  model: LayersModel;
  /** On the test set, by the model with the final weights; classification only. */
  testAccuracy: number | undefined;
  proofs: ProofEvent[];
  data: LoadedData;
  /** What opens the commitment to the last weights: secret, as the model is. `proveInference` takes it. */
  opening: CheckpointOpening;
}

type TrainOptions = OpenOptions & Pick<CreateOptions, 'beacon'> & TrainEvents & { dataFolder?: string };

const trainOptions = z.strictObject({
  ...openShape,
  beacon: beaconSource.optional(),
  dataFolder: text.optional(),
  onReady: callback.optional(),
  onStep: callback.optional(),
  onTrained: callback.optional(),
} satisfies ShapeFor<TrainOptions>);

/**
 * Trains, proves and bundles what a configuration describes: the engine of `pot train` and of the demo.
 *
 * Errors: `CONFIG_INVALID` for a configuration that is none, or that has a beacon where the options have one; those of
 * `TrainingSession.create`.
 *
 * @example
 * const config = parseTrainConfig(JSON.parse(await readFile('config.json', 'utf8')));
 * const { bundle, testAccuracy } = await trainRun(config, 'runs/mine', { signal });
 */
export async function trainRun(
  config: TrainConfig,
  dir: string,
  options: TrainOptions = {},
): Promise<TrainResult> {
  parseTrainConfig(config);
  checkArgument(text, dir, 'trainRun', 'dir');
  checkOptions(trainOptions, options, 'trainRun');
  if (config.beacon && options.beacon) {
    throw new PotError(
      'CONFIG_INVALID',
      'the configuration has a beacon, and so have the options of trainRun',
      {
        hint: 'Leave out one of them.',
      },
    );
  }
  const { dataFolder = '.', onReady, onStep, onTrained, ...open } = options;
  const tf = await loadTf();
  const data = await loadData(config, dataFolder);
  const model = await firstModel(config, data.inputs);
  const proofs: ProofEvent[] = [];
  const session = await TrainingSession.create({
    ...open,
    ...settingsOf(config),
    model,
    data: { x: data.train.x, y: data.train.y },
    dir,
    onProof: (event) => {
      proofs.push(event);
      open.onProof?.(event);
    },
  });
  try {
    onReady?.(session, data);
    await session.fit({
      ...(config.steps !== undefined && { steps: config.steps }),
      ...(config.epochs !== undefined && { epochs: config.epochs }),
      onStep: async (report) => {
        onStep?.(report);
        // Lets finished proofs be stored and shown.
        await new Promise(setImmediate);
      },
    });
    const testAccuracy = classifies(config)
      ? accuracyOf(tf, model, data.test, data, config.loss === 'binaryCrossentropy')
      : undefined;
    onTrained?.(testAccuracy);
    const opening = await session.opening();
    const bundle = await session.finish({
      declared: { software: `proof-of-training ${VERSION}`, ...(config.name && { name: config.name }) },
    });
    return { bundle, model, testAccuracy, proofs, data, opening };
  } finally {
    await session.close();
  }
}

/** What a session is told of a configuration. */
function settingsOf(config: TrainConfig): Partial<CreateOptions> {
  return {
    batchSize: config.batchSize,
    window: config.window,
    profile: config.profile,
    start: config.start ?? 'seed',
    ...(config.beacon && { beacon: { ...config.beacon, kind: 'value' as const } }),
    ...(config.allowRepeatedShards && { allowRepeatedShards: true }),
    ...(config.transcript && { transcript: config.transcript }),
    ...lossOf(config),
    ...(config.optimizer && { optimizer: given(config.optimizer) }),
    ...(typeof config.learningRate !== 'number' && { learningRate: scheduleOf(config.learningRate) }),
  };
}

/** Without the values that are not there. */
function scheduleOf(rate: object): LearningRateSchedule {
  return Object.fromEntries(Object.entries(rate).filter(([, v]) => v !== undefined)) as LearningRateSchedule;
}

/** What is trained: the network, or adapters over it. */
async function firstModel(config: TrainConfig, inputs: number): Promise<LayersModel> {
  const model = await initialModel(config, inputs);
  return config.adapters ? applyLora(model, { ...config.adapters, seed: config.seed }) : model;
}

/** Without the values that are not there. */
function given(optimizer: NonNullable<TrainConfig['optimizer']>): OptimizerOptions {
  const entries = Object.entries(optimizer).filter(([, v]) => v !== undefined);
  return Object.fromEntries(entries) as unknown as OptimizerOptions;
}

/** A compiled model with seeded first weights. */
export async function initialModel(config: TrainConfig, inputs: number): Promise<LayersModel> {
  const tf = await loadTf();
  const { learningRate: rate } = config;
  const model = tf.sequential();
  config.layers.forEach((l, i) => {
    const { name: activation, behind } = tfActivation(tf, floatOf(l));
    model.add(
      tf.layers.dense({
        units: l.units,
        activation: activation as 'relu',
        ...(l.l2 !== undefined && { kernelRegularizer: tf.regularizers.l2({ l2: l.l2 }) }),
        kernelInitializer: tf.initializers.glorotUniform({ seed: config.seed * 100 + i }),
        ...(i === 0 && { inputShape: [inputs] }),
      }),
    );
    if (behind) model.add(behind);
  });
  model.compile({
    optimizer: tf.train.sgd(typeof rate === 'number' ? rate : rate.initial),
    loss: config.loss === 'huberLoss' ? tf.losses.huberLoss : config.loss,
  });
  return model;
}

/** A layer's activation, with the parameters that TensorFlow.js has. */
function floatOf({ activation, alpha = 0.3 }: TrainConfig['layers'][number]): FloatActivation {
  switch (activation) {
    case 'leakyRelu':
      return { name: activation, alpha };
    case 'elu':
      return { name: activation, alpha: 1 };
    case 'hardSigmoid':
      return { name: activation, alpha: 0.2 };
    default:
      return activation;
  }
}

/** The loss, where it has a parameter that a compiled model does not say. */
function lossOf({ loss, labelSmoothing, delta }: TrainConfig): { loss?: FloatLoss } {
  if (loss === 'huberLoss') return { loss: { name: 'huber', delta: delta ?? 1 } };
  if (labelSmoothing === undefined) return {};
  const name = loss === 'binaryCrossentropy' ? 'sigmoidCrossEntropy' : 'softmaxCrossEntropy';
  return { loss: { name, labelSmoothing } };
}

function classifies({ loss }: TrainConfig): boolean {
  return loss === 'categoricalCrossentropy' || loss === 'binaryCrossentropy';
}

/** Share of `set` that the model classifies as its labels say; undefined for an empty set. */
export function accuracyOf(
  tf: Awaited<ReturnType<typeof loadTf>>,
  model: LayersModel,
  set: LoadedData['test'],
  { inputs, outputs }: Pick<LoadedData, 'inputs' | 'outputs'>,
  binary = false,
): number | undefined {
  if (set.samples === 0) return undefined;
  return tf.tidy(() => {
    const x = tf.tensor2d(set.x, [set.samples, inputs]);
    const y = tf.tensor2d(set.y, [set.samples, outputs]);
    const p = model.predict(x) as ReturnType<typeof tf.tensor>;
    // Outputs do not exclude each other: each counts by itself.
    if (binary) return p.greater(0.5).equal(y.greater(0.5)).mean().dataSync()[0]!;
    return p.argMax(-1).equal(y.argMax(-1)).mean().dataSync()[0]!;
  });
}
