import { dequantiseWeights, type Layer, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { PotError } from 'halo2-wasm';
import { denseLayers } from '../record/layers.js';

type Tf = typeof import('@tensorflow/tfjs');

/** TensorFlow.js, loaded when it is needed: the user's own copy and backend. Errors: `TFJS_MISSING`. */
export async function loadTf(): Promise<Tf> {
  try {
    return await import('@tensorflow/tfjs');
  } catch (cause) {
    throw new PotError('TFJS_MISSING', 'TensorFlow.js is not installed', {
      cause,
      hint: 'Install @tensorflow/tfjs 4.22.0 beside this package.',
    });
  }
}

/** Writes the float view of integer weights into the model. */
export function writeWeights(
  tf: Tf,
  model: LayersModel,
  spec: Pick<SgdSpec, 'layers' | 'scales'>,
  weights: BigInt64Array,
): void {
  const floats = dequantiseWeights(spec, weights);
  tf.tidy(() => {
    denseLayers(model).forEach(({ source }, l) => {
      const { inputs, outputs } = spec.layers[l]!;
      const { kernel, bias } = floats[l]!;
      const tensors = [tf.tensor2d(kernel, [inputs, outputs]), ...(bias ? [tf.tensor1d(bias)] : [])];
      source.setWeights(tensors);
    });
  });
}

/** A model of the network that a specification describes, compiled as a session takes it. */
export function buildModel(
  tf: Tf,
  layers: readonly Layer[],
  loss: SgdSpec['loss'],
  learningRate: number,
  names: readonly string[] = [],
): LayersModel {
  const model = tf.sequential();
  layers.forEach((l, i) => {
    const name = names[i];
    model.add(
      tf.layers.dense({
        units: l.outputs,
        activation: l.activation,
        useBias: l.bias,
        kernelInitializer: 'zeros',
        ...(i === 0 && { inputShape: [l.inputs] }),
        ...(name !== undefined && { name }),
      }),
    );
  });
  model.compile({
    optimizer: tf.train.sgd(learningRate),
    loss: loss === 'softmaxCrossEntropy' ? 'categoricalCrossentropy' : 'meanSquaredError',
  });
  return model;
}
