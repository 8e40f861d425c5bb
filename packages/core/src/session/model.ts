import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import { dequantiseWeights, type Layer, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { writeAdapters } from '../lora/adapters.js';
import { loraDenseClass } from '../lora/loraDense.js';
import { denseLayers } from '../record/layers.js';
import { isLoraDense } from '../record/loraLayer.js';
import { loadTf, type Tf } from '../record/tfjs.js';
import { type FloatRule, tfOptimizer } from './optimizer.js';

export { loadTf, type Tf };

/**
 * Writes the float view of the integer weights that are trained into the model; with adapters, into them alone.
 *
 * @param weights a checkpoint: an optimiser's state, behind the weights, is left out
 */
export function writeWeights(
  tf: Tf,
  model: LayersModel,
  spec: Pick<SgdSpec, 'layers' | 'scales' | 'lora' | 'optimizer'>,
  weights: BigInt64Array,
): void {
  if (spec.lora) {
    writeAdapters(tf, model, dequantiseAdapters(spec, weights));
    return;
  }
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

/**
 * A model of the network that a specification describes, compiled as a session takes it.
 *
 * @param frozen where the specification has adapters: the model has them too, over this base
 */
export function buildModel(
  tf: Tf,
  layers: readonly Layer[],
  loss: SgdSpec['loss'],
  optimizer: FloatRule,
  names: readonly string[] = [],
  frozen?: { spec: Pick<SgdSpec, 'layers' | 'scales' | 'lora'>; base: BigInt64Array },
): LayersModel {
  const lora = frozen?.spec.lora;
  const model = tf.sequential();
  layers.forEach((l, i) => {
    const name = names[i];
    const adapter = lora?.adapters[i];
    const config = {
      units: l.outputs,
      activation: l.activation,
      useBias: l.bias,
      ...(i === 0 && { inputShape: [l.inputs] }),
      ...(name !== undefined && { name }),
    };
    model.add(
      adapter
        ? new (loraDenseClass(tf))({ ...config, ...adapter })
        : tf.layers.dense({ ...config, kernelInitializer: 'zeros', trainable: !lora }),
    );
  });
  model.compile({
    optimizer: tfOptimizer(tf, optimizer),
    loss: loss === 'softmaxCrossEntropy' ? 'categoricalCrossentropy' : 'meanSquaredError',
  });
  if (lora) writeBase(tf, model, dequantiseWeights(frozen.spec, frozen.base, lora.baseBits));
  return model;
}

function writeBase(
  tf: Tf,
  model: LayersModel,
  floats: { kernel: Float32Array; bias?: Float32Array }[],
): void {
  tf.tidy(() => {
    denseLayers(model).forEach(({ source, shape: { inputs, outputs } }, l) => {
      const { kernel, bias } = floats[l]!;
      const tensors = [tf.tensor2d(kernel, [inputs, outputs]), ...(bias ? [tf.tensor1d(bias)] : [])];
      // A layer with an adapter has its weights before these.
      source.setWeights(isLoraDense(source) ? [...source.getWeights().slice(0, 2), ...tensors] : tensors);
    });
  });
}
