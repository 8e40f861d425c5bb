/** Windows with adapters: the specification's part about them, and what they are filled with. */
import { quantiseAdapters } from '@proof-of-training/lora-circuit';

/** Fractional bits of a frozen base: the default of `TrainingSession`. */
const BASE_BITS = 20;

/**
 * Of a specification with an adapter on every layer. `local`: layer-local, without a base; then the inputs, a layer's
 * activations, have both signs.
 */
export function adapterFields(layers, { b }, { rank, alpha, local = false }) {
  return {
    // The middle of the range.
    ...(local && { xOffset: 2 ** (b - 1) }),
    lora: {
      adapters: layers.map(() => ({ rank, alpha })),
      baseBits: local ? 0 : BASE_BITS,
      local,
    },
  };
}

/** Adapters as after some training, B not zero any more, as integers. */
export function randomAdapters(spec) {
  const uniform = (count, limit) =>
    Float32Array.from({ length: count }, () => (2 * Math.random() - 1) * limit);
  return quantiseAdapters(
    spec,
    spec.layers.map(({ inputs, outputs }, l) => {
      const { rank } = spec.lora.adapters[l];
      const A = uniform(rank * inputs, Math.sqrt(6 / (inputs + rank)));
      return { name: `layer${l}`, A, B: uniform(outputs * rank, 0.02) };
    }),
  );
}

/** A layer's inputs (from -1 to 1) and upstream gradients (up to 0.01) for one layer-local window, as integers. */
export function localData({ layers, scales, batch, steps }) {
  const [{ inputs, outputs }] = layers;
  const uniform = (width, limit) =>
    Int32Array.from({ length: batch * steps * width }, () => Math.round((2 * Math.random() - 1) * limit));
  const most = 2 ** scales.a - 1;
  return { x: uniform(inputs, most), y: uniform(outputs, 0.01 * 2 ** scales.d) };
}
