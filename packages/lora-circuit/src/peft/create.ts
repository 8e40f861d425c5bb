import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, textSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { checkAdapter } from './check.js';
import { parsePeftConfig } from './config.js';
import { moduleSchema } from './given.js';
import type { PeftConfig } from './schema.js';
import type { PeftAdapter, PeftModule } from './types.js';

const newSchema = z.strictObject({
  modules: z.array(moduleSchema),
  baseModel: textSchema.optional(),
  revision: textSchema.optional(),
  taskType: textSchema.optional(),
} satisfies { [K in keyof Required<NewPeftAdapter>]: z.ZodType });

/** What a new adapter is made of. */
export interface NewPeftAdapter {
  /** At least one; ranks and alphas may differ. */
  modules: readonly PeftModule[];
  /** Name or path of the base model, for `base_model_name_or_path`. */
  baseModel?: string;
  /** The base model's revision: a branch, tag or commit. */
  revision?: string;
  /** PEFT's task type, such as CAUSAL_LM. */
  taskType?: string;
}

/**
 * An adapter with the configuration that describes its modules: the first one's rank and alpha for all, and patterns
 * for those that differ.
 *
 * Errors: those of {@link serialisePeftAdapter}, `OPTION_INVALID`.
 *
 * @example
 * const adapter = createPeftAdapter({ modules: await loraOf(tuned), baseModel: 'me/base' });
 */
export function createPeftAdapter(given: NewPeftAdapter): PeftAdapter {
  checkArgument(newSchema, given, 'createPeftAdapter', 'adapter');
  const { modules, baseModel, revision, taskType } = given;
  const [first] = modules;
  if (!first) throw new PotError('PEFT_EMPTY', 'an adapter has at least one module');
  const patterns = (pick: (m: PeftModule) => number) =>
    Object.fromEntries(modules.filter((m) => pick(m) !== pick(first)).map((m) => [exactly(m.name), pick(m)]));
  const fields: Partial<Record<keyof PeftConfig, unknown>> = {
    peft_type: 'LORA',
    r: first.rank,
    lora_alpha: first.alpha,
    target_modules: modules.map((m) => m.name),
    rank_pattern: patterns((m) => m.rank),
    alpha_pattern: patterns((m) => m.alpha),
    inference_mode: true,
    ...(baseModel !== undefined && { base_model_name_or_path: baseModel }),
    ...(revision !== undefined && { revision }),
    ...(taskType !== undefined && { task_type: taskType }),
  };
  const adapter = { config: parsePeftConfig(JSON.stringify(fields)), modules: [...modules] };
  checkAdapter(adapter);
  return adapter;
}

/** The pattern of this module, and of no other one whose name ends in the same way. */
function exactly(name: string): string {
  return `^${name.replaceAll('.', '\\.')}`;
}
