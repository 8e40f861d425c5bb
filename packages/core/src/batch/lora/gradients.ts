import type { LoraUpdate, UpdateAdapter } from './updates.js';

/** The largest of the gradient and of `B'^T gradient`, which the circuit rounds to the same scale. */
export function largest(gradient: ArrayLike<number>, adapter: UpdateAdapter): number {
  return Math.max(0, ...rows(gradient, adapter).map(({ most }) => most));
}

/**
 * A bound on the size of every entry of the gradients with respect to A and B': sums over the samples of `B'^T gradient`
 * times the input, and of the gradient times `A x`.
 */
export function reach({ x, gradient }: LoraUpdate, adapter: UpdateAdapter): number {
  const { rank, A } = adapter;
  const inputs = A.length / rank;
  return rows(gradient, adapter).reduce((sum, { most }, sample) => {
    let high = 0;
    for (let j = 0; j < inputs; j++) high = Math.max(high, Math.abs(x[sample * inputs + j]!));
    for (let r = 0; r < rank; r++) {
      let low = 0;
      for (let j = 0; j < inputs; j++) low += A[r * inputs + j]! * x[sample * inputs + j]!;
      high = Math.max(high, Math.abs(low));
    }
    return sum + most * high;
  }, 0);
}

/** Of each sample: the largest entry of its gradient and of `B'^T gradient`. */
function rows(gradient: ArrayLike<number>, { rank, alpha, B }: UpdateAdapter): { most: number }[] {
  const outputs = B.length / rank;
  return Array.from({ length: gradient.length / outputs }, (_, sample) => {
    let most = 0;
    const back = new Float64Array(rank);
    for (let i = 0; i < outputs; i++) {
      const g = gradient[sample * outputs + i]!;
      most = Math.max(most, Math.abs(g));
      for (let r = 0; r < rank; r++) back[r]! += (alpha / rank) * B[i * rank + r]! * g;
    }
    for (const value of back) most = Math.max(most, Math.abs(value));
    return { most };
  });
}
