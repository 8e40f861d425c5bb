import { PotError } from '@proof-of-training/halo2-wasm';
import type { RecordedLayer, RecordedModel } from './recorded.js';

/** One layer whose frozen weights are not what they were. */
export interface BaseChange {
  layer: number;
  name: string;
  /** How many of `values` kernel and bias values differ. */
  changed: number;
  values: number;
}

/** Whether a model has adapters: then it is they that are trained, and nothing else. */
export function hasAdapters(model: RecordedModel): boolean {
  return model.layers.some((l) => l.adapter);
}

/** The layers whose kernel or bias differs between two recorded models of one architecture. */
export function baseChanges(before: RecordedModel, after: RecordedModel): BaseChange[] {
  return before.layers.flatMap((from, layer) => {
    const to = after.layers[layer];
    const values = from.kernel.length + (from.biases?.length ?? 0);
    const changed = to ? differences(from, to) : values;
    return changed > 0 ? [{ layer, name: from.name, changed, values }] : [];
  });
}

/**
 * Refuses a step with adapters that changed the frozen base.
 *
 * Errors: `BASE_CHANGED`, with the first layer that changed and how many of its values did; all of them in its details.
 */
export function requireSameBase(before: RecordedModel, after: RecordedModel): void {
  const changes = baseChanges(before, after);
  const first = changes[0];
  if (!first) return;
  throw new PotError(
    'BASE_CHANGED',
    `the frozen base changed during the step: layer ${first.name}, ${first.changed} of ${first.values} values`,
    {
      details: { layers: changes },
      hint: 'Train the adapters alone: kernels and biases stay as they are (applyLora freezes them), and adapters are merged after the run, not in it.',
    },
  );
}

function differences(from: RecordedLayer, to: RecordedLayer): number {
  return different(from.kernel, to.kernel) + different(from.biases ?? [], to.biases ?? []);
}

/** Values that differ, where the lengths do also those of the longer one. */
function different(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let count = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) if (!Object.is(a[i], b[i]) && a[i] !== b[i]) count++;
  return count;
}
