import { PotError } from '@proof-of-training/halo2-wasm';
import {
  baseCount,
  checkArgument,
  checkpointCount,
  integersSchema,
  type LayerWeights,
  loraNumbersSchema,
  numbersSchema,
  quantiseWeight,
  quantiseWeights,
  textSchema,
  type WeightFormat,
  weightFormat,
  weightScale,
} from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { type AdapterPlace, adapterCount, adapterPlaces, type LoraNumbers } from './layout.js';

const adaptersSchema = z.array(z.object({ name: textSchema, A: numbersSchema, B: numbersSchema }).nullable());

/** One adapter's float weights, as PEFT has them: the layer's kernel becomes `W + (alpha/rank) B A`. */
export interface AdapterWeights {
  /** Of the layer; named in errors. */
  name: string;
  /** `[rank][inputs]`, row by row. */
  A: ArrayLike<number>;
  /** `[outputs][rank]`, row by row. */
  B: ArrayLike<number>;
}

/**
 * Adapters as integers at scale w in the flat order of docs/operators/lora.md: for each layer that has one, A, then
 * B' = (alpha/rank) B, rounded once. The weights alone: `initialCheckpoint` adds an optimiser's state.
 *
 * @param adapters one entry a layer; null where the specification has none
 *
 * Errors: `WEIGHTS_SHAPE`, `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE`, each naming the tensor; those of `adapterPlaces`; `OPTION_INVALID`.
 *
 * @example
 * const flat = quantiseAdapters(spec, adapters);
 */
export function quantiseAdapters(
  spec: LoraNumbers,
  adapters: readonly (AdapterWeights | null)[],
): BigInt64Array {
  checkArgument(loraNumbersSchema, spec, 'quantiseAdapters', 'spec');
  checkArgument(adaptersSchema, adapters, 'quantiseAdapters', 'adapters');
  const places = adapterPlaces(spec);
  checkEntries(places, spec.layers.length, adapters);
  const format = weightFormat(spec.scales);
  const flat = new BigInt64Array(places[places.length - 1]?.end ?? 0);
  for (const place of places) {
    const { name, A, B } = adapters[place.layer]!;
    const { rank, alpha, inputs, outputs, start, middle } = place;
    write(flat, start, A, rank * inputs, 1, 1, format, `${name}/lora_a`);
    write(flat, middle, B, outputs * rank, alpha, rank, format, `${name}/lora_b`);
  }
  return flat;
}

/**
 * The float view of integer adapters, one entry a layer: A `[rank][inputs]` and B `[outputs][rank]`, without the
 * factor alpha/rank, each rounded to float32 once.
 *
 * @param flat the weights alone, or a checkpoint: the optimiser's state behind them is left out
 *
 * Errors: `WEIGHTS_SHAPE`; those of `adapterPlaces`; `OPTION_INVALID`.
 *
 * @example
 * const [first] = dequantiseAdapters(spec, flat);
 * if (first) console.log(first.A, first.B);
 */
export function dequantiseAdapters(
  spec: LoraNumbers,
  flat: BigInt64Array,
): ({ A: Float32Array; B: Float32Array } | null)[] {
  checkArgument(loraNumbersSchema, spec, 'dequantiseAdapters', 'spec');
  checkArgument(integersSchema, flat, 'dequantiseAdapters', 'flat');
  const places = adapterPlaces(spec);
  const count = adapterCount(spec);
  const whole = checkpointCount(spec);
  if (flat.length !== count && flat.length !== whole) {
    const state = whole > count ? `, ${whole} with the optimizer's state` : '';
    throw new PotError('WEIGHTS_SHAPE', `${flat.length} weights for adapters of ${count}${state}`);
  }
  const unit = 2 ** -weightScale(spec.scales);
  const floats: ({ A: Float32Array; B: Float32Array } | null)[] = spec.layers.map(() => null);
  for (const { layer, rank, alpha, start, middle, end } of places) {
    floats[layer] = {
      A: Float32Array.from(flat.subarray(start, middle), (v) => Number(v) * unit),
      B: Float32Array.from(flat.subarray(middle, end), (v) => (Number(v) * unit * rank) / alpha),
    };
  }
  return floats;
}

/**
 * The frozen base as integers with `baseBits` fractional bits: for each layer the kernel `[outputs][inputs]`, then
 * the bias. Empty in layer-local mode, which has no base.
 *
 * @param layers kernels `[inputs][outputs]` as TensorFlow.js has them, and biases
 *
 * Errors: `LORA_MISSING`, and those of `quantiseWeights`.
 *
 * @example
 * const base = quantiseBase(spec, layers);
 */
export function quantiseBase(spec: LoraNumbers, layers: readonly LayerWeights[]): BigInt64Array {
  checkArgument(loraNumbersSchema, spec, 'quantiseBase', 'spec');
  if (!spec.lora)
    throw new PotError('LORA_MISSING', 'this specification has no adapters, and no frozen base');
  if (baseCount(spec) === 0) return new BigInt64Array(0);
  return quantiseWeights(spec, layers, spec.lora.baseBits);
}

/** `numerator values / denominator` as integers: the product is exact in double precision for float32 values. */
function write(
  flat: BigInt64Array,
  start: number,
  values: ArrayLike<number>,
  count: number,
  numerator: number,
  denominator: number,
  format: WeightFormat,
  name: string,
): void {
  if (values.length !== count) {
    throw new PotError('WEIGHTS_SHAPE', `${name} has ${values.length} values, not ${count}`);
  }
  for (let n = 0; n < count; n++) {
    flat[start + n] = quantiseWeight((numerator * values[n]!) / denominator, format, name);
  }
}

function checkEntries(
  places: readonly AdapterPlace[],
  layers: number,
  adapters: readonly (AdapterWeights | null)[],
): void {
  if (adapters.length !== layers) {
    throw new PotError('WEIGHTS_SHAPE', `${adapters.length} entries of adapters for ${layers} layers`);
  }
  const wanted = new Set(places.map((p) => p.layer));
  adapters.forEach((adapter, layer) => {
    if (wanted.has(layer) === (adapter !== null)) return;
    throw new PotError(
      'WEIGHTS_SHAPE',
      adapter
        ? `${adapter.name} has an adapter that the specification does not have`
        : `layer ${layer} has no adapter, the specification has one`,
    );
  });
}
