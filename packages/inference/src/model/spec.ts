import {
  type LayerWeights,
  type ProfileName,
  profiles,
  type SgdSpec,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import type { DenseModel } from './denseModel.js';
import { inputOffset } from './inputOffset.js';

/** What the specification of a model follows from: `CommitModelOptions` says what each is. */
export interface Committed {
  model: DenseModel;
  inputRange?: readonly [number, number];
  inputScale?: number;
  samples?: number;
  profile?: ProfileName;
}

/** A window of one step that has these layers: its shape is the one that inferences read the commitment with. */
export function specOf({
  model,
  inputRange,
  inputScale,
  profile = 'default',
  samples = 16,
}: Committed): UnplannedSpec {
  const scales = profiles[profile];
  const last = model.layers.length - 1;
  const activation = (relu: boolean, l: number): SgdSpec['layers'][number]['activation'] => {
    if (l < last) return relu ? 'relu' : 'linear';
    return model.softmax ? 'softmax' : 'linear';
  };
  return {
    kind: 'window',
    mode: 'exact',
    layers: model.layers.map(({ inputs, outputs, relu }, l) => ({
      inputs,
      outputs,
      activation: activation(relu, l),
      bias: true,
    })),
    loss: model.softmax ? 'softmaxCrossEntropy' : 'meanSquaredError',
    batch: samples,
    steps: 1,
    scales,
    xOffset: inputOffset(scales, inputRange, inputScale),
    yOffset: 0,
    toleranceLimbs: 0,
  };
}

/** As TensorFlow.js has them: kernels `[inputs][outputs]`. The first one takes inputs that were divided by the scale. */
export function tensorsOf({
  model,
  inputScale = 1,
}: Pick<Committed, 'model' | 'inputScale'>): LayerWeights[] {
  return model.layers.map(({ inputs, outputs, kernel, bias }, l) => {
    const factor = l === 0 ? inputScale : 1;
    const turned = new Float64Array(kernel.length);
    for (let o = 0; o < outputs; o++) {
      for (let i = 0; i < inputs; i++) turned[i * outputs + o] = factor * kernel[o * inputs + i]!;
    }
    return { name: `layer ${l}`, kernel: turned, bias };
  });
}
