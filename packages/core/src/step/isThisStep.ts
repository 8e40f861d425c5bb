import { PotError } from '@proof-of-training/halo2-wasm';
import type { RecordedBatch, RecordedModel } from '../record/index.js';
import { referenceGradient } from './reference.js';

/**
 * Largest accepted relative difference, a layer, between the step that was taken and plain SGD in double precision:
 * `|W' - (W - lr G)| / |lr G|` in Euclidean norm, beyond float32's own rounding. Measured in docs/operate/accuracy.md: honest
 * float32 steps stay below 0.001, a learning rate wrong by 10 % gives 0.1, other optimisers, batches or labels more.
 */
export const STEP_THRESHOLD = 0.02;

/** float32 rounds a weight by at most 2^-24 of its size, once reading and once writing. */
const FLOAT32_ROUNDING = 2 ** -23;

/** How far a layer's step was from plain SGD. */
export interface StepDifference {
  layer: number;
  name: string;
  /** Euclidean norm of lr G, in weight units. */
  expectedNorm: number;
  /** Euclidean norm of W' - W. */
  actualNorm: number;
  /** `|W' - (W - lr G)| / |lr G|`; 0 where both are within float32's rounding. */
  relative: number;
}

/**
 * Compares each layer's step with plain SGD in double precision. With adapters the step is theirs: a layer without one
 * has no step, and none is expected.
 */
export function stepDifferences(
  before: RecordedModel,
  after: RecordedModel,
  batch: RecordedBatch,
  learningRate: number,
): StepDifference[] {
  return referenceGradient(before, batch).map((gradient, l) => {
    const from = before.layers[l]!;
    const to = after.layers[l]!;
    const sums = { expected: 0, actual: 0, difference: 0, size: 0 };
    accumulate(sums, from.kernel, to.kernel, gradient.kernel, learningRate);
    if (from.biases && to.biases) accumulate(sums, from.biases, to.biases, gradient.biases, learningRate);
    if (from.adapter && to.adapter && gradient.adapter) {
      accumulate(sums, from.adapter.A, to.adapter.A, gradient.adapter.A, learningRate);
      accumulate(sums, from.adapter.B, to.adapter.B, gradient.adapter.B, learningRate);
    }
    const expectedNorm = Math.sqrt(sums.expected);
    const excess = Math.max(0, Math.sqrt(sums.difference) - FLOAT32_ROUNDING * Math.sqrt(sums.size));
    const relative = excess === 0 ? 0 : expectedNorm === 0 ? Number.POSITIVE_INFINITY : excess / expectedNorm;
    return { layer: l, name: from.name, expectedNorm, actualNorm: Math.sqrt(sums.actual), relative };
  });
}

/** Refuses a step that is not this SGD step. Errors: `STEP_NOT_SGD`, with the worst layer and every layer's numbers. */
export function requireSgdStep(
  differences: readonly StepDifference[],
  learningRate: number,
  threshold = STEP_THRESHOLD,
): void {
  const worst = differences.reduce((w, d) => (d.relative > w.relative ? d : w));
  if (worst.relative <= threshold) return;
  throw new PotError(
    'STEP_NOT_SGD',
    `layer ${worst.name}: the step differs by ${percent(worst.relative)} from SGD with learning rate ${learningRate} on this batch (at most ${percent(threshold)} is accepted)`,
    {
      details: { layer: worst.name, relative: worst.relative, threshold, layers: differences },
      hint: 'Check the learning rate, that the batch is the one of the step, that the first model is the one from before it, and that the optimiser is tf.train.sgd. Steps of adapters by momentum, Adam or with weight decay are proven in exact mode: TrainingSession takes and proves them.',
    },
  );
}

function accumulate(
  sums: { expected: number; actual: number; difference: number; size: number },
  from: Float32Array,
  to: Float32Array,
  gradient: Float64Array,
  learningRate: number,
): void {
  for (let n = 0; n < gradient.length; n++) {
    const expected = -learningRate * gradient[n]!;
    const actual = to[n]! - from[n]!;
    sums.expected += expected * expected;
    sums.actual += actual * actual;
    sums.difference += (actual - expected) ** 2;
    sums.size += to[n]! * to[n]!;
  }
}

function percent(v: number): string {
  return Number.isFinite(v) ? `${(100 * v).toPrecision(2)} %` : 'infinitely many per cent';
}
