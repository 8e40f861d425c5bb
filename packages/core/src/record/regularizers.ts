import type { LayersModel } from '@tensorflow/tfjs';
import { unsupported } from './unsupported.js';

type TfLayer = LayersModel['layers'][number];

/** L2 penalties of a layer: `kernel` times the sum of its kernel's squares is part of the loss, and the same of the bias. */
export interface L2 {
  kernel?: number;
  bias?: number;
}

/**
 * A Dense layer's penalties; undefined without. `tf.regularizers.l2` alone is taken: an L1 penalty has no circuit.
 *
 * Errors: `UNSUPPORTED_LAYER`.
 */
export function penaltiesOf(layer: TfLayer): L2 | undefined {
  const config = layer.getConfig() as Record<string, unknown>;
  const kernel = l2Of(layer, 'kernelRegularizer', config.kernelRegularizer);
  const bias = l2Of(layer, 'biasRegularizer', config.biasRegularizer);
  if (kernel === 0 && bias === 0) return undefined;
  return { ...(kernel > 0 && { kernel }), ...(bias > 0 && { bias }) };
}

function l2Of(layer: TfLayer, key: string, given: unknown): number {
  if (given === undefined || given === null) return 0;
  const { className, config } = given as { className?: unknown; config?: { l1?: unknown; l2?: unknown } };
  const { l1 = 0, l2 = 0 } = config ?? {};
  if (className === 'L1L2' && (l1 === 0 || l1 === null) && typeof l2 === 'number' && l2 >= 0) return l2;
  throw unsupported('LAYER', `layer ${layer.name} with ${key}`, `${key}: tf.regularizers.l2, without l1`);
}
