import { PotError } from '@proof-of-training/halo2-wasm';
import type { FloatActivation, FloatLoss } from '@proof-of-training/sgd-circuit';
import { checkArgument, checkOptions } from '@proof-of-training/verifier/options';
import type { LayersModel } from '@tensorflow/tfjs';
import { hints as hintSchema, modelSource } from './checks.js';
import { requireOwnParts } from './identity.js';
import { type DenseLayer, denseLayers } from './layers.js';
import { refuseLora } from './lora.js';
import { isLoraDense } from './loraLayer.js';
import { lastActivation, lossName, readLoss } from './loss.js';
import type {
  ArchitectureHints,
  ModelSource,
  NamedWeights,
  RecordedLayer,
  RecordedModel,
} from './recorded.js';

/**
 * Copies weights, layers and loss out of a model, so that training may go on: call it before the step.
 * Works with any backend. A recorded model is given back as it is. Adapters are read where `applyLora` made them.
 *
 * Errors: `LORA_FOREIGN` (adapters of another library), `LORA_MERGED`, `UNSUPPORTED_LAYER`, `UNSUPPORTED_ACTIVATION`,
 * `UNSUPPORTED_LOSS`, `TFJS_COPIES`, `MODEL_NOT_COMPILED`, `MODEL_NOT_BUILT`, `WEIGHTS_SHAPE`.
 *
 * @example
 * const before = await recordModel(model);
 * await model.trainOnBatch(xs, ys);
 * const { proof } = await autoProveTrainingStep(before, model, { xs, ys }, 0.1);
 */
export async function recordModel(
  source: ModelSource,
  hints: ArchitectureHints = {},
): Promise<RecordedModel> {
  checkArgument(modelSource, source, 'recordModel', 'model');
  checkOptions(hintSchema, hints, 'recordModel');
  if (isNamed(source)) return recordArrays(source, hints);
  if ('kind' in source && source.kind === 'recorded') return source;
  return recordLayersModel(source as LayersModel, hints);
}

/** Whether the architecture has to come from elsewhere. */
export function isNamed(source: ModelSource): source is readonly NamedWeights[] {
  return Array.isArray(source);
}

async function recordLayersModel(model: LayersModel, hints: ArchitectureHints): Promise<RecordedModel> {
  refuseLora(
    model.layers
      .filter((l) => !isLoraDense(l))
      .flatMap((l) => [l.getClassName(), l.name, ...l.weights.map((w) => w.originalName)]),
  );
  await requireOwnParts(model);
  const chain = denseLayers(model);
  const last = chain[chain.length - 1]!.shape;
  const loss = hints.loss ?? readLoss(lossName(model), last.activation);
  last.activation = lastActivation(last.activation, loss);
  const layers = await Promise.all(chain.map(recordLayer));
  return { kind: 'recorded', layers, loss };
}

async function recordLayer({ name, source, shape, adapter, l2 }: DenseLayer): Promise<RecordedLayer> {
  // An adapter's weights come before those that it adapts (lora/loraDense.ts).
  const floats = (await Promise.all(source.getWeights().map((t) => t.data()))).map((v) =>
    Float32Array.from(v),
  );
  const [A, B] = adapter ? floats.splice(0, 2) : [];
  const [kernel, biases] = floats;
  return {
    ...shape,
    name,
    kernel: kernel!,
    ...(biases && { biases }),
    ...(adapter && { adapter: { ...adapter, A: A!, B: B! } }),
    ...(l2 && { l2 }),
  };
}

function recordArrays(arrays: readonly NamedWeights[], hints: ArchitectureHints): RecordedModel {
  refuseLora(arrays.map((a) => a.name));
  const layers: RecordedLayer[] = [];
  for (const { name, shape, values } of arrays) {
    const size = shape.reduce((p, n) => p * n, 1);
    if (size !== values.length) {
      throw new PotError('WEIGHTS_SHAPE', `${name} has ${values.length} values, not ${shape.join(' x ')}`);
    }
    const [rows, columns] = shape;
    const open = layers[layers.length - 1];
    if (shape.length === 2) {
      layers.push({
        name: name.replace(/[/.](kernel|weight)$/, ''),
        inputs: rows!,
        outputs: columns!,
        activation: 'linear',
        bias: false,
        kernel: Float32Array.from(values),
      });
    } else if (shape.length === 1 && open && !open.bias && open.outputs === rows) {
      open.bias = true;
      open.biases = Float32Array.from(values);
    } else {
      throw new PotError('WEIGHTS_SHAPE', `${name} of shape [${shape.join(', ')}] fits no dense layer`, {
        hint: 'Give kernels [inputs, outputs] in order, each followed by its bias [outputs] if it has one.',
      });
    }
  }
  if (layers.length === 0) throw new PotError('WEIGHTS_SHAPE', 'no weight arrays were given');
  return { kind: 'recorded', layers: activate(layers, hints), loss: lossOf(hints) };
}

function lossOf({ activations, loss }: ArchitectureHints): FloatLoss {
  if (loss) return loss;
  return activations?.[activations.length - 1] === 'softmax' ? 'softmaxCrossEntropy' : 'meanSquaredError';
}

function activate(layers: RecordedLayer[], hints: ArchitectureHints): RecordedLayer[] {
  const { activations } = hints;
  if (activations && activations.length !== layers.length) {
    throw new PotError(
      'WEIGHTS_SHAPE',
      `${activations.length} activations for ${layers.length} dense layers`,
    );
  }
  const final: FloatActivation = lastActivation('linear', lossOf(hints));
  return layers.map((layer, l) => ({
    ...layer,
    activation: activations?.[l] ?? (l === layers.length - 1 ? final : 'relu'),
  }));
}
