import { z } from 'zod';

const text = z.string().max(4096);
const rank = z
  .int()
  .min(1)
  .max(1 << 20);
const alpha = z.number().positive();

/**
 * The fields of `adapter_config.json` that are honoured, under PEFT's own names. Absent ones take PEFT's defaults.
 * `lora_dropout`, `inference_mode`, `auto_mapping` and `peft_version` say nothing about the adapter's function
 * and are carried along.
 */
export const configSchema = z.object({
  peft_type: z.literal('LORA'),
  base_model_name_or_path: text.nullable().default(null),
  revision: text.nullable().default(null),
  task_type: text.nullable().default(null),
  r: rank.default(8),
  lora_alpha: alpha.default(8),
  target_modules: z.union([z.array(text).min(1).max(100_000), text]),
  rank_pattern: z
    .record(z.string(), rank)
    .nullish()
    .transform((v) => v ?? {}),
  alpha_pattern: z
    .record(z.string(), alpha)
    .nullish()
    .transform((v) => v ?? {}),
  /** Whether the base keeps its weights as [in, out]. A and B have the same shapes either way. */
  fan_in_fan_out: z.boolean().default(false),
  lora_dropout: z
    .number()
    .min(0)
    .max(1)
    .nullish()
    .transform((v) => v ?? 0),
  inference_mode: z.boolean().default(false),
  /** How A and B began. Only beginnings that leave the base as it is: see {@link INITS}. */
  init_lora_weights: z.union([z.boolean(), z.string()]).default(true),
  auto_mapping: z.record(z.string(), z.unknown()).nullable().default(null),
  peft_version: text.nullish().transform((v) => v ?? null),
});

/** A LoRA adapter's configuration, under PEFT's own names. */
export type PeftConfig = z.output<typeof configSchema>;

/**
 * Beginnings of A and B that do not change the base. The others (pissa, olora, corda, loftq, lora_ga, ...) take a part out of
 * the base's weights, so that their adapters mean nothing on the base that the configuration names.
 */
export const INITS: readonly (string | boolean)[] = [true, false, 'gaussian', 'orthogonal'];
