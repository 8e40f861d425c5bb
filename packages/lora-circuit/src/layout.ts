import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, loraNumbersSchema, type SgdSpec } from '@proof-of-training/sgd-circuit';

/** What of a specification decides where an adapter's integers are, and what they stand for. */
export type LoraNumbers = Pick<SgdSpec, 'layers' | 'scales' | 'lora'>;

const placed = loraNumbersSchema.pick({ layers: true, lora: true });

/** One adapter's part of the flat order: A `[rank][inputs]` row by row, then B' `[outputs][rank]` row by row. */
export interface AdapterPlace {
  /** Number of its layer, from 0. */
  layer: number;
  inputs: number;
  outputs: number;
  rank: number;
  alpha: number;
  /** A is `flat.slice(start, middle)`. */
  start: number;
  /** B' is `flat.slice(middle, end)`. */
  middle: number;
  end: number;
}

/**
 * Where each adapter's integers are among the trained weights, which are the first part of a checkpoint.
 *
 * Errors: `LORA_MISSING` for a specification without adapters, `WEIGHTS_SHAPE` where there is not one entry a layer,
 * `OPTION_INVALID`.
 *
 * @example
 * for (const place of adapterPlaces(spec)) console.log(place);
 */
export function adapterPlaces(spec: Pick<LoraNumbers, 'layers' | 'lora'>): AdapterPlace[] {
  const { layers, lora } = checkArgument(placed, spec, 'adapterPlaces', 'spec');
  if (!lora) throw new PotError('LORA_MISSING', 'this specification has no adapters');
  if (lora.adapters.length !== layers.length) {
    throw new PotError('WEIGHTS_SHAPE', `${lora.adapters.length} adapters for ${layers.length} layers`, {
      hint: 'One entry a layer; null where the layer has no adapter.',
    });
  }
  const places: AdapterPlace[] = [];
  let start = 0;
  layers.forEach(({ inputs, outputs }, layer) => {
    const adapter = lora.adapters[layer];
    if (!adapter) return;
    const middle = start + adapter.rank * inputs;
    const end = middle + adapter.rank * outputs;
    places.push({ layer, inputs, outputs, ...adapter, start, middle, end });
    start = end;
  });
  return places;
}

/**
 * Number of integers of all adapters; a checkpoint has an optimiser's state behind them (`checkpointCount`). Errors: those of {@link adapterPlaces}.
 *
 * @example
 * adapterCount({ layers, lora }); // rank (inputs + outputs), added up over the layers that have one
 */
export function adapterCount(spec: Pick<LoraNumbers, 'layers' | 'lora'>): number {
  const places = adapterPlaces(spec);
  return places[places.length - 1]?.end ?? 0;
}
