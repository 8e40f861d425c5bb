import { PotError } from '@proof-of-training/halo2-wasm';
import { type UnplannedSpec, weightCount, weightScale } from '@proof-of-training/sgd-circuit';

/** How far one layer's step was from the integers' own step: what the proof bounds. */
export interface LayerDeviation {
  layer: number;
  name: string;
  /** Largest |W' - step(W)| of a weight. */
  maxDeviation: number;
  /** Largest |step(W) - W|: what the step itself did. */
  maxUpdate: number;
  /** `|W' - step(W)| / |step(W) - W|` in Euclidean norm; 0 where nothing was to be done and nothing was. */
  relative: number;
  /** Whether the step was larger than the tolerance: if not, unchanged weights would pass too. */
  stepExceedsTolerance: boolean;
}

/** Three checkpoints at scale w in flat order: before, after as the framework left them, and the integers' result. */
export interface Checkpoints {
  before: BigInt64Array;
  after: BigInt64Array;
  integer: BigInt64Array;
}

/**
 * Deviation of each layer that is trained: with adapters, of A and of B' = (alpha/rank) B. `tolerance` in weight units.
 */
export function deviations(
  { layers, scales, lora }: Pick<UnplannedSpec, 'layers' | 'scales' | 'lora'>,
  names: readonly string[],
  { before, after, integer }: Checkpoints,
  tolerance: number,
): LayerDeviation[] {
  const unit = 2 ** -weightScale(scales);
  let at = 0;
  return layers.flatMap((layer, l) => {
    const one = lora && { ...lora, adapters: [lora.adapters[l] ?? null] };
    const count = weightCount({ layers: [layer], lora: one });
    if (count === 0) return [];
    const end = at + count;
    let [maxDeviation, maxUpdate, deviation2, update2] = [0, 0, 0, 0];
    for (; at < end; at++) {
      const deviation = Math.abs(Number(after[at]! - integer[at]!)) * unit;
      const update = Math.abs(Number(integer[at]! - before[at]!)) * unit;
      if (deviation > maxDeviation) maxDeviation = deviation;
      if (update > maxUpdate) maxUpdate = update;
      deviation2 += deviation * deviation;
      update2 += update * update;
    }
    const relative = deviation2 === 0 ? 0 : Math.sqrt(deviation2 / update2);
    return [
      {
        layer: l,
        name: names[l]!,
        maxDeviation,
        maxUpdate,
        relative,
        stepExceedsTolerance: maxUpdate > tolerance,
      },
    ];
  });
}

/** Whether every weight is inside the bound that the circuit proves. */
export function withinTolerance(list: readonly LayerDeviation[], tolerance: number): boolean {
  return list.every((d) => d.maxDeviation < tolerance);
}

/** Errors: `STEP_EXCEEDS_TOLERANCE`, naming the worst layer and its deviation. */
export function refuseDeviation(list: readonly LayerDeviation[], tolerance: number): never {
  const worst = list.reduce((w, d) => (d.maxDeviation > w.maxDeviation ? d : w));
  throw new PotError(
    'STEP_EXCEEDS_TOLERANCE',
    `layer ${worst.name}: a weight deviates by ${worst.maxDeviation.toPrecision(3)} from the integer step; the bound is ${tolerance.toPrecision(3)}`,
    {
      details: { layer: worst.name, maxDeviation: worst.maxDeviation, tolerance, layers: list },
      hint: 'Use a smaller learning rate or a larger batch, or exact mode (TrainingSession), which has no deviation.',
    },
  );
}
