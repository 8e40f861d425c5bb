import { z } from 'zod';
import { checkArgument } from './check.js';
import { floatLoss } from './losses.js';
import { type SgdSpec, specSchema } from './spec.js';

const { loss, scales, layers } = specSchema.shape;
const described = z.object({ loss, scales, layers });

/**
 * The loss of a specification in words. Errors: `OPTION_INVALID`.
 *
 * @example
 * lossText(bundle.run.spec); // 'huber (delta 1)'
 */
export function lossText(spec: Pick<SgdSpec, 'loss' | 'scales' | 'layers'>): string {
  const { loss, scales, layers } = checkArgument(described, spec, 'lossText', 'spec');
  const float = floatLoss(loss, scales, layers[layers.length - 1]!.outputs);
  if (typeof float === 'string') return float;
  const { name, ...parameters } = float;
  const list = Object.entries(parameters).map(([key, value]) => `${key} ${value}`);
  return `${name} (${list.join(', ')})`;
}
