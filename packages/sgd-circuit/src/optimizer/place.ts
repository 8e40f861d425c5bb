import { z } from 'zod';
import { checkArgument } from '../check.js';
import { loraSchema, type Optimizer, optimizerSchema, type SgdSpec } from '../spec.js';

/** What of a specification says by which rule it trains. */
export type RulePart = Pick<SgdSpec, 'lora' | 'optimizer'>;

const rulePart = z.object({ lora: loraSchema.optional(), optimizer: optimizerSchema.optional() });

/**
 * The update rule of a specification, of adapters or of a whole network; undefined for plain SGD without decay. Errors: `OPTION_INVALID`.
 *
 * @example
 * updateRule({ optimizer: { rule: 'momentum', momentum: 3686, decay: 0 } })?.rule; // momentum
 */
export function updateRule(spec: RulePart): Optimizer | undefined {
  const { lora, optimizer } = checkArgument(rulePart, spec, 'updateRule', 'spec');
  return lora ? lora.optimizer : optimizer;
}

/**
 * A specification with this rule in place of its own, where it belongs: beside the adapters that it trains, or at the top for a whole
 * network. Errors: `OPTION_INVALID`.
 *
 * @example
 * const { optimizer } = optimizerNumbers(spec, { type: 'momentum', learningRate: 0.1 });
 * const trained = withOptimizer(spec, optimizer);
 */
export function withOptimizer<T extends RulePart>(spec: T, optimizer: Optimizer | undefined): T {
  checkArgument(rulePart, spec, 'withOptimizer', 'spec');
  checkArgument(optimizerSchema.optional(), optimizer, 'withOptimizer', 'optimizer');
  const { optimizer: _, ...rest } = spec;
  if (!spec.lora) return { ...rest, ...(optimizer && { optimizer }) } as T;
  const { optimizer: own, ...lora } = spec.lora;
  return { ...rest, lora: { ...lora, ...(optimizer && { optimizer }) } } as T;
}
