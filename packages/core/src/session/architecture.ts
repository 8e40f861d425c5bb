import type { Layer, Loss } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { PotError } from 'halo2-wasm';

/** What training a model means, as far as a circuit is concerned. */
export interface Architecture {
  layers: Layer[];
  /** Names of the dense layers. */
  names: string[];
  loss: Loss;
  /** The optimiser's learning rate. */
  learningRate: number;
}

const SUPPORTED_LAYERS = 'InputLayer, Flatten, Dense (with ReLU, linear or, last, softmax), Activation';

/**
 * Reads a compiled model: dense layers in one chain, plain SGD, mean squared error or categorical cross-entropy.
 *
 * Errors: `MODEL_NOT_COMPILED`, `UNSUPPORTED_LAYER`, `UNSUPPORTED_ACTIVATION`, `UNSUPPORTED_LOSS`,
 * `UNSUPPORTED_OPTIMIZER`; each names what was found and what is supported.
 */
export function readArchitecture(model: LayersModel): Architecture {
  const layers: Layer[] = [];
  const names: string[] = [];
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw unsupported(
      'LAYER',
      `${model.inputs.length} inputs and ${model.outputs.length} outputs`,
      'one of each',
    );
  }
  for (const layer of model.layers) {
    const kind = layer.getClassName();
    const config = layer.getConfig() as Record<string, unknown>;
    if (kind === 'InputLayer' || kind === 'Flatten') continue;
    if (kind === 'Activation') {
      const last = layers[layers.length - 1];
      if (!last || last.activation !== 'linear')
        throw unsupported(
          'LAYER',
          `layer ${layer.name} (Activation)`,
          'Activation after a linear Dense layer',
        );
      last.activation = activation(layer.name, config.activation);
      continue;
    }
    if (kind !== 'Dense') throw unsupported('LAYER', `layer ${layer.name} (${kind})`, SUPPORTED_LAYERS);
    if (!layer.trainable)
      throw unsupported('LAYER', `layer ${layer.name} (frozen)`, 'layers that are all trained');
    for (const key of [
      'kernelRegularizer',
      'biasRegularizer',
      'activityRegularizer',
      'kernelConstraint',
      'biasConstraint',
    ]) {
      if (config[key])
        throw unsupported(
          'LAYER',
          `layer ${layer.name} with ${key}`,
          'layers without regularisers and constraints',
        );
    }
    const shape = layer.getWeights()[0]!.shape as [number, number];
    layers.push({
      inputs: shape[0],
      outputs: shape[1],
      activation: activation(layer.name, config.activation),
      bias: config.useBias !== false,
    });
    names.push(layer.name);
  }
  return { layers, names, loss: readLoss(model, layers), learningRate: readRate(model) };
}

function activation(layer: string, name: unknown): Layer['activation'] {
  if (name === undefined || name === null) return 'linear';
  if (name === 'relu' || name === 'linear' || name === 'softmax') return name;
  throw unsupported(
    'ACTIVATION',
    `${String(name)} of layer ${layer}`,
    'relu, linear, and softmax in the last layer',
  );
}

function readLoss(model: LayersModel, layers: Layer[]): Loss {
  const given: unknown = Array.isArray(model.loss) ? model.loss[0] : model.loss;
  if (given === undefined || given === null) throw notCompiled();
  const name = typeof given === 'function' ? given.name : String(given);
  const last = layers[layers.length - 1];
  if (!last) throw unsupported('LAYER', 'a model without Dense layers', SUPPORTED_LAYERS);
  const hidden = layers.slice(0, -1).find((l) => l.activation === 'softmax');
  if (hidden) throw unsupported('ACTIVATION', 'softmax in a hidden layer', 'softmax in the last layer');
  if (/^(categoricalCrossentropy|softmaxCrossEntropy)$/.test(name)) {
    const wanted = name === 'categoricalCrossentropy' ? 'softmax' : 'linear';
    if (last.activation !== wanted) {
      throw unsupported(
        'ACTIVATION',
        `${last.activation} before ${name}`,
        `${wanted} in the last layer with ${name}`,
      );
    }
    last.activation = 'softmax';
    return 'softmaxCrossEntropy';
  }
  if (/^(meanSquaredError|mse|MSE)$/.test(name)) {
    if (last.activation !== 'linear') {
      throw unsupported(
        'ACTIVATION',
        `${last.activation} before meanSquaredError`,
        'linear in the last layer with meanSquaredError',
      );
    }
    return 'meanSquaredError';
  }
  throw unsupported('LOSS', name, 'meanSquaredError and categoricalCrossentropy');
}

function readRate(model: LayersModel): number {
  const { optimizer } = model;
  if (!optimizer) throw notCompiled();
  const name = optimizer.getClassName();
  if (name !== 'SGD') throw unsupported('OPTIMIZER', name, 'SGD without momentum (tf.train.sgd)');
  return (optimizer as unknown as { learningRate: number }).learningRate;
}

function notCompiled(): PotError {
  return new PotError('MODEL_NOT_COMPILED', 'the model is not compiled', {
    hint: "Call model.compile({ optimizer: tf.train.sgd(rate), loss: 'categoricalCrossentropy' }) first.",
  });
}

function unsupported(
  kind: 'LAYER' | 'ACTIVATION' | 'LOSS' | 'OPTIMIZER',
  found: string,
  supported: string,
): PotError {
  return new PotError(`UNSUPPORTED_${kind}`, `not supported: ${found}`, {
    details: { found, supported },
    hint: `Supported: ${supported}.`,
  });
}
