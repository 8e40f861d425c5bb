import { PotError } from '@proof-of-training/halo2-wasm';
import type { Adapter } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { layerChain } from './chain.js';
import { isLoraDense, type LoraDense, mergedError } from './loraLayer.js';
import { PLAIN, type PlainEffect, plainEffect } from './plain.js';
import type { RecordedShape } from './recorded.js';
import { type L2, penaltiesOf } from './regularizers.js';
import { activationOf } from './tfActivation.js';
import { unsupported } from './unsupported.js';

type TfLayer = LayersModel['layers'][number];

const LAYERS = `Dense, ${PLAIN}`;
const EXTRAS = ['activityRegularizer', 'kernelConstraint', 'biasConstraint'];

/** A dense layer of the framework with what follows it. */
export interface DenseLayer {
  name: string;
  source: TfLayer;
  shape: RecordedShape;
  /** Its L2 penalties. */
  l2?: L2;
  /** Where it has one; then `source` is a LoraDense. */
  adapter?: Adapter;
}

/**
 * The chain of dense layers of a model. Without adapters all of them are trained; with adapters, those alone.
 *
 * Errors: `UNSUPPORTED_LAYER`, `UNSUPPORTED_ACTIVATION`, each names the layer and what is supported; `LORA_MERGED`,
 * `MODEL_NOT_BUILT`.
 */
export function denseLayers(model: LayersModel): DenseLayer[] {
  if (model.trainable === false) {
    throw unsupported(
      'LAYER',
      'a model that is frozen (model.trainable = false)',
      'models that are all trained, or adapters (applyLora)',
    );
  }
  const lora = model.layers.some(isLoraDense);
  const chain: DenseLayer[] = [];
  for (const link of layerChain(model)) {
    const { layer } = link;
    const kind = layer.getClassName();
    const effect = isLoraDense(layer) ? undefined : plainEffect(link);
    if (effect) activate(layer, effect, chain);
    else if (isLoraDense(layer)) chain.push(adapted(layer));
    else if (kind === 'Dense') chain.push(dense(layer, lora));
    else throw unsupported('LAYER', `layer ${layer.name} (${kind})`, LAYERS);
  }
  if (chain.length === 0) throw unsupported('LAYER', 'a model without Dense layers', LAYERS);
  const wrong = chain.slice(0, -1).find((l) => l.shape.activation === 'softmax');
  if (wrong)
    throw unsupported('ACTIVATION', `softmax of the hidden layer ${wrong.name}`, 'softmax in the last layer');
  return chain;
}

/** `frozen`: it stands beside adapters. */
function dense(layer: TfLayer, frozen: boolean): DenseLayer {
  const config = layer.getConfig() as Record<string, unknown>;
  if (frozen && layer.trainable)
    throw unsupported(
      'LAYER',
      `layer ${layer.name} (trained beside adapters)`,
      'adapters alone being trained',
    );
  if (!frozen && !layer.trainable)
    throw unsupported(
      'LAYER',
      `layer ${layer.name} (frozen)`,
      'layers that are all trained, or adapters (applyLora)',
    );
  // What weighs on frozen weights changes no step.
  const extra = frozen ? undefined : EXTRAS.find((key) => config[key]);
  if (extra)
    throw unsupported(
      'LAYER',
      `layer ${layer.name} with ${extra}`,
      'layers without activity regularisers and constraints',
    );
  const l2 = frozen ? undefined : penaltiesOf(layer);
  return {
    name: layer.name,
    source: layer,
    shape: shapeOf(layer, layer.getWeights()[0]?.shape),
    ...(l2 && { l2 }),
  };
}

function adapted(layer: LoraDense): DenseLayer {
  const { name, rank, alpha, merged } = layer;
  if (merged) throw mergedError(name);
  if (!layer.trainable)
    throw unsupported('LAYER', `layer ${name} (frozen adapter)`, 'adapters that are all trained');
  return {
    name,
    source: layer,
    shape: shapeOf(layer, layer.kernel?.read().shape),
    adapter: { rank, alpha },
  };
}

function shapeOf(layer: TfLayer, kernel: readonly number[] | undefined): RecordedShape {
  if (kernel?.length !== 2) {
    throw new PotError('MODEL_NOT_BUILT', `layer ${layer.name} has no weights yet`, {
      hint: 'Give the first layer an inputShape, or call the model once.',
    });
  }
  const config = layer.getConfig() as Record<string, unknown>;
  return {
    inputs: kernel[0] as number,
    outputs: kernel[1] as number,
    activation: activationOf(layer.name, config.activation),
    bias: config.useBias !== false,
  };
}

function activate(layer: TfLayer, effect: PlainEffect, chain: DenseLayer[]): void {
  if (effect === 'nothing') return;
  const last = chain[chain.length - 1];
  if (last?.shape.activation !== 'linear') {
    throw unsupported(
      'LAYER',
      `layer ${layer.name} (${layer.getClassName()})`,
      'an activation after a linear Dense layer',
    );
  }
  last.shape.activation = effect.activation;
}
