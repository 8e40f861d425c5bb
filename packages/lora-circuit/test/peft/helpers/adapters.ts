import { createPeftAdapter, type PeftAdapter, type PeftModule } from '../../../src/index.js';

/** A module with values that are exact in float32 and all different. */
export function module(
  name: string,
  rank: number,
  inputs: number,
  outputs: number,
  alpha: number,
): PeftModule {
  const values = (count: number, from: number) =>
    Float32Array.from({ length: count }, (_, i) => (from + i) / 64);
  return {
    name,
    rank,
    alpha,
    inputs,
    outputs,
    A: values(rank * inputs, 1),
    B: values(outputs * rank, -outputs * rank),
  };
}

/** An adapter of three layers with different ranks and alphas. */
export function toyAdapter(): PeftAdapter {
  return createPeftAdapter({
    modules: [module('block.fc2', 1, 3, 3, 1), module('fc1', 2, 5, 4, 4), module('fc2', 3, 4, 3, 4)],
    baseModel: 'toy/mlp',
    revision: 'v1',
  });
}
