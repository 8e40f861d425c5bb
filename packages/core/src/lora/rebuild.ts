import type { LayersModel } from '@tensorflow/tfjs';
import type { Tf } from './loraDense.js';

type TfLayer = LayersModel['layers'][number];

/** One layer as a model's JSON has it. */
export interface LayerJson {
  class_name: string;
  config: Record<string, unknown>;
}

/**
 * A model with the same graph and other layers in some places. Its weights are not copied.
 *
 * @param replace the JSON of a layer's replacement; undefined keeps the layer's own
 */
export async function rebuild(
  tf: Tf,
  model: LayersModel,
  replace: (json: LayerJson, layer: TfLayer) => LayerJson | undefined,
): Promise<LayersModel> {
  const topology = model.toJSON(null, false) as unknown as { config: { layers: LayerJson[] } };
  for (const json of topology.config.layers) {
    const layer = model.layers.find((l) => l.name === json.config.name);
    const other = layer && replace(json, layer);
    if (other) Object.assign(json, other);
  }
  return tf.models.modelFromJSON(topology as never);
}

/**
 * A layer for frozen weights: without regularisers, which would do nothing, and without constraints, which
 * TensorFlow.js also applies to weights that are written.
 */
export function frozenJson({ class_name, config }: LayerJson): LayerJson {
  const kept = Object.entries(config).filter(([key]) => !/_(regularizer|constraint)$/.test(key));
  return { class_name, config: Object.fromEntries(kept) };
}

/** What a dense layer keeps when another kind takes its place. */
export function denseConfig({ config }: LayerJson): Record<string, unknown> {
  const kept = ['name', 'batch_input_shape', 'dtype', 'units', 'activation', 'use_bias'];
  return Object.fromEntries(kept.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])));
}

/** Compiles `model` as `source` is compiled, with an optimiser of its own; does nothing where `source` is not. */
export function compileLike(model: LayersModel, source: LayersModel): void {
  const { optimizer, loss, metrics } = source;
  if (!optimizer || loss === undefined || loss === null) return;
  const cls = optimizer.constructor as unknown as {
    fromConfig(cls: unknown, config: unknown): typeof optimizer;
  };
  const own = cls.fromConfig(cls, optimizer.getConfig());
  model.compile({ optimizer: own, loss: loss as never, ...(metrics && { metrics: metrics as never }) });
}
