import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { unsupported } from './unsupported.js';

type TfLayer = LayersModel['layers'][number];

/**
 * The layers of a model from its input to its output. Followed through the model's own tensors: a layer that
 * stands in other models, too, is one of this chain all the same.
 *
 * Errors: `UNSUPPORTED_LAYER` where the model is no chain, uses a layer twice, or applies a Dense layer to rows that are
 * no vectors.
 */
export function layerChain(model: LayersModel): TfLayer[] {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw unsupported(
      'LAYER',
      `a model of ${model.inputs.length} inputs and ${model.outputs.length} outputs`,
      'one of each',
    );
  }
  const chain: TfLayer[] = [];
  let at: SymbolicTensor | undefined = model.outputs[0];
  while (at) {
    const layer: TfLayer = at.sourceLayer;
    const what = `layer ${layer.name} (${layer.getClassName()})`;
    if (chain.includes(layer)) throw unsupported('LAYER', `${what} used twice`, 'layers that are used once');
    chain.unshift(layer);
    if (layer.getClassName() === 'InputLayer') break;
    const inputs: SymbolicTensor[] = layer.inboundNodes[at.nodeIndex]?.inputTensors ?? [];
    if (inputs.length > 1) {
      throw unsupported('LAYER', `${what} with several inputs`, 'layers in one chain');
    }
    const shape = inputs[0]?.shape ?? [];
    if (layer.getClassName().endsWith('Dense') && shape.length > 2) {
      const row = shape.slice(1).join(', ');
      throw unsupported(
        'LAYER',
        `${what} on rows of shape [${row}]`,
        'Dense layers on vectors, so behind Flatten',
      );
    }
    at = inputs[0];
  }
  return chain;
}
