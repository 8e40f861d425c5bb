import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs';
import { unsupported } from './unsupported.js';

type TfLayer = LayersModel['layers'][number];

/** One layer of a chain, with the shape of the samples that it takes. */
export interface Link {
  layer: TfLayer;
  /** Without the dimension of the samples. */
  row: readonly (number | null)[];
}

/**
 * The layers of a model from its input to its output. Followed through the model's own tensors: a layer that
 * stands in other models, too, is one of this chain all the same.
 *
 * Errors: `UNSUPPORTED_LAYER` where the model is no chain, uses a layer twice, or applies a Dense layer to rows that are
 * no vectors.
 */
export function layerChain(model: LayersModel): Link[] {
  if (model.inputs.length !== 1 || model.outputs.length !== 1) {
    throw unsupported(
      'LAYER',
      `a model of ${model.inputs.length} inputs and ${model.outputs.length} outputs`,
      'one of each',
    );
  }
  const chain: Link[] = [];
  let at: SymbolicTensor | undefined = model.outputs[0];
  while (at) {
    const layer: TfLayer = at.sourceLayer;
    const what = `layer ${layer.name} (${layer.getClassName()})`;
    if (chain.some((l) => l.layer === layer))
      throw unsupported('LAYER', `${what} used twice`, 'layers that are used once');
    const inputs: SymbolicTensor[] = layer.inboundNodes[at.nodeIndex]?.inputTensors ?? [];
    const row = (inputs[0]?.shape ?? at.shape).slice(1);
    chain.unshift({ layer, row });
    if (layer.getClassName() === 'InputLayer') break;
    if (inputs.length > 1) {
      throw unsupported('LAYER', `${what} with several inputs`, 'layers in one chain');
    }
    if (layer.getClassName().endsWith('Dense') && row.length > 1) {
      throw unsupported(
        'LAYER',
        `${what} on rows of shape [${row.join(', ')}]`,
        'Dense layers on vectors, so behind Flatten',
      );
    }
    at = inputs[0];
  }
  return chain;
}
