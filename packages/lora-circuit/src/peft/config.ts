import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, firstIssue, parseStrictJson, sourceSchema } from '@proof-of-training/sgd-circuit';
import { checkPattern, checkTargets } from './patterns.js';
import { configSchema, INITS, type PeftConfig } from './schema.js';
import { shown } from './shown.js';

/** Largest configuration that is read, in bytes. */
export const MAX_CONFIG_BYTES = 1 << 20;

/** Fields without effect where another one is off, so that any value of theirs is fine. */
const WITHOUT_EFFECT = ['megatron_core', 'qalora_group_size'];

/**
 * Reads `adapter_config.json`.
 *
 * A field that is not honoured may be there only when it is off (null, false, empty): use_rslora, use_dora, bias,
 * modules_to_save, layers_to_transform, ... and fields of PEFT versions to come. Anything else is refused by
 * name, since leaving it out would give the adapter another meaning.
 *
 * Errors: `PEFT_CONFIG_TOO_LARGE`, `PEFT_CONFIG_NOT_JSON` (also: not UTF-8), `PEFT_CONFIG_DUPLICATE_KEY`,
 * `PEFT_CONFIG_INVALID`, `PEFT_UNSUPPORTED` with the field's name in `details.field`; `OPTION_INVALID` for what is neither
 * text nor bytes.
 *
 * @example
 * const config = parsePeftConfig('{"peft_type":"LORA","r":8,"lora_alpha":16,"target_modules":["q"]}');
 */
export function parsePeftConfig(source: string | Uint8Array): PeftConfig {
  checkArgument(sourceSchema, source, 'parsePeftConfig', 'source');
  const value = toObject(source);
  refuseUnsupported(value);
  const config = checkedConfig(value);
  checkTargets(config.target_modules);
  for (const field of ['rank_pattern', 'alpha_pattern'] as const) {
    const keys = Object.keys((value[field] as object | null | undefined) ?? {});
    // zod leaves out the name __proto__.
    if (keys.includes('__proto__')) {
      throw new PotError('PEFT_CONFIG_INVALID', `${field} names a module __proto__`);
    }
    for (const key of keys) checkPattern(field, key);
  }
  return config;
}

/** What the schema makes of a configuration's fields. Errors: `PEFT_CONFIG_INVALID`. */
export function checkedConfig(value: unknown): PeftConfig {
  const result = configSchema.safeParse(value);
  if (result.success) return result.data;
  throw new PotError('PEFT_CONFIG_INVALID', `the adapter's configuration, ${firstIssue(result.error).text}`);
}

/** `adapter_config.json` as PEFT lays it out: names sorted, two spaces, ASCII, since PEFT reads it in the machine's encoding. Errors: `PEFT_CONFIG_INVALID`. */
export function serialisePeftConfig(config: PeftConfig): string {
  const fields = { ...config, bias: 'none', use_dora: false, use_rslora: false, modules_to_save: null };
  const json = written(sorted(fields));
  return json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function written(fields: Record<string, unknown>): string {
  try {
    return JSON.stringify(fields, null, 2);
  } catch (cause) {
    throw new PotError(
      'PEFT_CONFIG_INVALID',
      "the adapter's configuration has a value that JSON does not have",
      {
        cause,
      },
    );
  }
}

function toObject(source: string | Uint8Array): Record<string, unknown> {
  const size = typeof source === 'string' ? source.length : source.byteLength;
  if (size > MAX_CONFIG_BYTES) {
    throw new PotError(
      'PEFT_CONFIG_TOO_LARGE',
      `the adapter's configuration has ${size} bytes: up to ${MAX_CONFIG_BYTES} are read`,
    );
  }
  const json = parseStrictJson(source, { allowProto: true });
  if ('problem' in json) {
    if (json.problem !== 'duplicate') throw notJson();
    throw new PotError(
      'PEFT_CONFIG_DUPLICATE_KEY',
      `the adapter's configuration has the name ${shown(json.key)} twice`,
    );
  }
  if (typeof json.value !== 'object' || json.value === null || Array.isArray(json.value)) throw notJson();
  return json.value as Record<string, unknown>;
}

function notJson(): PotError {
  return new PotError('PEFT_CONFIG_NOT_JSON', "the adapter's configuration is not a JSON object");
}

/** Fields of which only some values are supported. */
const VALUES: Record<string, readonly unknown[]> = {
  peft_type: ['LORA'],
  bias: ['none'],
  init_lora_weights: INITS,
};

function refuseUnsupported(value: Record<string, unknown>): void {
  for (const [field, v] of Object.entries(value)) {
    const known = Object.hasOwn(configSchema.shape, field) || WITHOUT_EFFECT.includes(field);
    const values = Object.hasOwn(VALUES, field) ? VALUES[field] : undefined;
    if (values ? values.includes(v) : known || isOff(v)) continue;
    throw new PotError(
      'PEFT_UNSUPPORTED',
      `the adapter's configuration sets ${shown(field)} to ${shown(v)}, which is not supported`,
      {
        details: { field },
        hint: 'Only plain LoRA is supported: alpha / r times B A, added to a linear layer.',
      },
    );
  }
}

/** Whether a value is how PEFT writes that a thing is not used. */
function isOff(value: unknown): boolean {
  if (value === null || value === false || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function sorted(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));
}
