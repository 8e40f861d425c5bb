import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { LIMITS } from '@proof-of-training/sgd-circuit';
import type { LayersModel } from '@tensorflow/tfjs';
import { refuseLora } from '../record/lora.js';
import { isLoraDense, mergedError } from '../record/loraLayer.js';
import type { LoraInit } from './init.js';
import type { Tf } from './loraDense.js';

type TfLayer = LayersModel['layers'][number];

/** What adapters to add. */
export interface LoraOptions {
  /** 1 to 64, at most the smaller width of each layer. */
  rank: number;
  /** Whole number from 1 to 1024: the adapter's product is scaled by alpha / rank. */
  alpha: number;
  /** Names of dense layers; default: all of them. */
  layers?: readonly string[];
  /** First values of A, or of A and B; default `kaiming`, as PEFT has it. B is zero where it is not given. */
  init?: LoraInit;
  /** Whole number, for reproducible first values. */
  seed?: number;
  /** The copy of TensorFlow.js that made the model; default: the one that this package finds. */
  tf?: Tf;
}

/** A layer that gets an adapter. */
export interface LoraTarget {
  layer: TfLayer;
  inputs: number;
  outputs: number;
}

/**
 * Checks options against a model and chooses the layers.
 *
 * Errors: those of `applyLora`.
 */
export function chooseLayers(model: LayersModel, { rank, alpha, layers }: LoraOptions): LoraTarget[] {
  refuseAdapters(model);
  whole('LORA_RANK', 'rank', rank, 64);
  whole('LORA_ALPHA', 'alpha', alpha, LIMITS.maxAlpha);
  const dense = model.layers.filter((l) => l.getClassName() === 'Dense');
  const chosen = layers ? [...new Set(layers)].map((name) => denseLayer(model, name)) : dense;
  if (chosen.length === 0) {
    throw new PotError('LORA_NO_LAYERS', 'there is no layer to give an adapter', {
      hint: `Dense layers of this model: ${dense.map((l) => l.name).join(', ') || 'none'}.`,
    });
  }
  return chosen.map((layer) => target(layer, rank));
}

function refuseAdapters(model: LayersModel): void {
  const ours = model.layers.filter(isLoraDense);
  const merged = ours.find((l) => l.merged);
  if (merged) throw mergedError(merged.name);
  if (ours[0]) {
    throw new PotError('LORA_PRESENT', `the model has adapters already: layer ${ours[0].name}`, {
      details: { layers: ours.map((l) => l.name) },
      hint: 'Train the adapters that are there, or give their base; mergeLora(model) makes a plain model of both.',
    });
  }
  refuseLora(model.layers.flatMap((l) => [l.getClassName(), ...l.weights.map((w) => w.originalName)]));
}

function denseLayer(model: LayersModel, name: string): TfLayer {
  const layer = model.layers.find((l) => l.name === name);
  if (!layer) {
    throw new PotError('LORA_LAYER_MISSING', `the model has no layer ${name}`, {
      details: { layer: name, layers: model.layers.map((l) => l.name) },
      hint: `Layers: ${model.layers.map((l) => l.name).join(', ')}.`,
    });
  }
  const kind = layer.getClassName();
  if (kind !== 'Dense') {
    throw new PotError('LORA_LAYER_NOT_DENSE', `layer ${name} is ${kind}: only Dense layers take adapters`, {
      details: { layer: name, className: kind },
    });
  }
  return layer;
}

function target(layer: TfLayer, rank: number): LoraTarget {
  const [inputs, outputs] = layer.getWeights()[0]?.shape ?? [];
  if (inputs === undefined || outputs === undefined)
    throw new PotError('MODEL_NOT_BUILT', `layer ${layer.name} has no weights yet`);
  const most = Math.min(inputs, outputs);
  if (rank > most) {
    throw new PotError(
      'LORA_RANK',
      `layer ${layer.name} is ${inputs} x ${outputs}: its rank is at most ${most}, not ${rank}`,
      {
        details: { layer: layer.name, inputs, outputs, rank },
        hint: 'Take a smaller rank, or name the layers that shall have adapters.',
      },
    );
  }
  return { layer, inputs, outputs };
}

function whole(code: 'LORA_RANK' | 'LORA_ALPHA', name: string, value: number, most: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  throw new PotError(code, `${name} must be a whole number from 1 to ${most}, not ${shown(value)}`, {
    details: { [name]: value },
  });
}
