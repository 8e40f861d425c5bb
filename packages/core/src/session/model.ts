import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import {
  dequantiseWeights,
  type FloatLoss,
  floatActivation,
  floatLoss,
  labelsOf,
  lossName,
  outputWidth,
  type SgdSpec,
} from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { writeAdapters } from '../lora/adapters.js';
import { loraDenseClass } from '../lora/loraDense.js';
import { denseLayers } from '../record/layers.js';
import { isLoraDense } from '../record/loraLayer.js';
import { tfActivation } from '../record/tfActivation.js';
import { loadTf, type Tf } from '../record/tfjs.js';
import { type FloatRule, tfOptimizer } from './optimizer.js';

export { loadTf, type Tf, tfActivation };

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
  { layers, loss, scales, penalties = [] }: Pick<SgdSpec, 'layers' | 'loss' | 'scales' | 'penalties'>,
  optimizer: FloatRule,
  names: readonly string[] = [],
  frozen?: { spec: Pick<SgdSpec, 'layers' | 'scales' | 'lora'>; base: BigInt64Array },
): LayersModel {
  const lora = frozen?.spec.lora;
  const model = tf.sequential();
  layers.forEach((l, i) => {
    const { name: activation, behind } = tfActivation(tf, floatActivation(l.activation, scales));
    const name = names[i];
    const adapter = lora?.adapters[i];
    const config = {
      units: l.outputs,
      activation: activation as 'relu',
      useBias: l.bias,
      ...(i === 0 && { inputShape: [l.inputs] }),
      ...(name !== undefined && { name }),
    };
    model.add(
      adapter
        ? new (loraDenseClass(tf))({ ...config, ...adapter })
        : tf.layers.dense({
            ...config,
            ...regularizers(tf, penalties, i),
            kernelInitializer: 'zeros',
            trainable: !lora,
          }),
    );
    if (behind) model.add(behind);
  });
  model.compile({
    optimizer: tfOptimizer(tf, optimizer),
    loss: tfLoss(tf, loss),
  });
  if (lora) writeBase(tf, model, dequantiseWeights(frozen.spec, frozen.base, lora.baseBits));
  return model;
}

/** Of a smoothed loss, and a delta that is not 1, TensorFlow.js has no name: the model's own loss is that without. */
function tfLoss(tf: Tf, loss: SgdSpec['loss']) {
  switch (lossName(loss)) {
    case 'meanSquaredError':
      return 'meanSquaredError';
    case 'meanAbsoluteError':
      return 'meanAbsoluteError';
    case 'huber':
      return tf.losses.huberLoss;
    default:
      return labelsOf(loss) === 'bits' ? 'binaryCrossentropy' : 'categoricalCrossentropy';
  }
}

function regularizers(tf: Tf, penalties: NonNullable<SgdSpec['penalties']>, layer: number) {
  const of = (part: 'kernel' | 'bias') => {
    const found = penalties.find((p) => p.layer === layer && p.of === part);
    return found && { [`${part}Regularizer`]: tf.regularizers.l2({ l2: found.l2 / 2 ** 32 }) };
  };
  return { ...of('kernel'), ...of('bias') };
}

/** The loss of a specification as a framework has it. */
export function specLoss(spec: Pick<SgdSpec, 'loss' | 'scales' | 'layers'>): FloatLoss {
  return floatLoss(spec.loss, spec.scales, outputWidth(spec));
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
