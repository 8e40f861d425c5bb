import { type SgdSpec, weightCount } from '@proof-of-training/sgd-circuit';

/** Numbers that training changes: all weights and biases, or with adapters those of A and B. */
export function trainedCount({ layers, lora }: Pick<SgdSpec, 'layers' | 'lora'>): number {
  if (!lora) return weightCount(layers);
  return layers.reduce((n, l, i) => n + (lora.adapters[i]?.rank ?? 0) * (l.inputs + l.outputs), 0);
}

/** Whether a specification's statement is about a frozen base. */
export function hasBase({ lora }: Pick<SgdSpec, 'lora'>): boolean {
  return lora !== undefined && !lora.local;
}

/** Numbers of the frozen base; 0 without one. */
export function baseCount(spec: Pick<SgdSpec, 'layers' | 'lora'>): number {
  return hasBase(spec) ? weightCount(spec.layers) : 0;
}
