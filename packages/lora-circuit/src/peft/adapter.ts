import { PotError, requireBytes } from '@proof-of-training/halo2-wasm';
import { checkArgument } from '@proof-of-training/sgd-circuit';
import { checkAdapter } from './check.js';
import { checkedConfig, parsePeftConfig, serialisePeftConfig } from './config.js';
import { adapterSchema } from './given.js';
import { isModuleName, type ModuleRules, moduleRules } from './patterns.js';
import { parseSafetensors, serialiseSafetensors, type Tensor } from './safetensors/index.js';
import { shown } from './shown.js';
import type { PeftAdapter, PeftModule } from './types.js';

/** The two files of an adapter, as PEFT names them. */
export const CONFIG_FILE = 'adapter_config.json';
export const WEIGHTS_FILE = 'adapter_model.safetensors';
/** Largest weights file that is read, in bytes. */
export const MAX_ADAPTER_BYTES = 2 ** 30;

/** The contents of an adapter's two files. */
export interface AdapterFiles {
  config: string;
  weights: Uint8Array;
}

/**
 * Reads a LoRA adapter of unknown origin, as PEFT writes it.
 *
 * Errors: those of {@link parsePeftConfig} and {@link parseSafetensors}; `PEFT_TOO_LARGE`; `PEFT_KEY` (a tensor
 * that is no plain LoRA weight), `PEFT_INCOMPLETE` (A without B, or B without A), `PEFT_SHAPE`, `PEFT_RANK` (shapes against
 * each other, or against the configuration), `PEFT_MODULE_NOT_TARGETED`, `PEFT_EMPTY`, `PEFT_NOT_FINITE`;
 * `OPTION_INVALID`.
 *
 * ```js
 * const { config, modules } = parsePeftAdapter(configText, weightsBytes);
 * for (const { name, rank, inputs, outputs } of modules) console.log(name, rank, inputs, outputs);
 * ```
 *
 * @example
 * const { modules } = parsePeftAdapter(configBytes, weightsBytes);
 */
export function parsePeftAdapter(config: string | Uint8Array, weights: Uint8Array): PeftAdapter {
  requireBytes(weights, 'parsePeftAdapter', 'weights');
  if (weights.byteLength > MAX_ADAPTER_BYTES) {
    throw new PotError(
      'PEFT_TOO_LARGE',
      `the adapter's weights have ${weights.byteLength} bytes: up to ${MAX_ADAPTER_BYTES} are read`,
    );
  }
  const parsed = parsePeftConfig(config);
  const pairs = pairUp(parseSafetensors(weights).tensors);
  const rules = moduleRules(parsed, pairs.size);
  const adapter = { config: parsed, modules: [...pairs].map(([name, pair]) => toModule(rules, name, pair)) };
  checkAdapter(adapter);
  return adapter;
}

/**
 * The two files of an adapter. Weights are float32, with PEFT's names and metadata.
 *
 * Errors: those that {@link parsePeftAdapter} would give for the files, so that what is written can be read; `OPTION_INVALID`.
 *
 * @example
 * const files = serialisePeftAdapter(createPeftAdapter({ modules, baseModel: 'me/base' }));
 */
export function serialisePeftAdapter(adapter: PeftAdapter): AdapterFiles {
  checkArgument(adapterSchema, adapter, 'serialisePeftAdapter', 'adapter');
  const fields = checkedConfig(adapter.config);
  checkAdapter({ ...adapter, config: fields });
  const config = serialisePeftConfig(fields);
  parsePeftConfig(config);
  const tensors = adapter.modules.flatMap(({ name, rank, inputs, outputs, A, B }) => [
    [`${PREFIX}${name}.lora_A.weight`, { shape: [rank, inputs], values: A }] as const,
    [`${PREFIX}${name}.lora_B.weight`, { shape: [outputs, rank], values: B }] as const,
  ]);
  return { config, weights: serialiseSafetensors(tensors, { format: 'pt' }) };
}

const PREFIX = 'base_model.model.';
const KEY = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/;

interface Pair {
  A?: Tensor;
  B?: Tensor;
}

function pairUp(tensors: Map<string, Tensor>): Map<string, Pair> {
  const pairs = new Map<string, Pair>();
  for (const [key, tensor] of tensors) {
    const [, name, which] = KEY.exec(key) ?? [];
    if (name === undefined || !isModuleName(name)) {
      throw new PotError('PEFT_KEY', `the tensor ${shown(key)} is no plain LoRA weight`, {
        hint: 'Names are base_model.model.<module>.lora_A.weight and .lora_B.weight; embeddings, biases, DoRA and saved modules are not supported.',
      });
    }
    const pair = pairs.get(name) ?? {};
    pair[which as 'A' | 'B'] = tensor;
    pairs.set(name, pair);
  }
  return pairs;
}

function toModule(rules: ModuleRules, name: string, { A, B }: Pair): PeftModule {
  if (!A || !B) {
    throw new PotError('PEFT_INCOMPLETE', `the module ${shown(name)} has no lora_${A ? 'B' : 'A'}`);
  }
  const [rank, inputs, ...moreA] = A.shape;
  const [outputs, rankB, ...moreB] = B.shape;
  if (!rank || !inputs || !outputs || !rankB || moreA.length > 0 || moreB.length > 0) {
    throw new PotError('PEFT_SHAPE', `the module ${shown(name)} is not linear: A or B is no matrix`, {
      details: { A: A.shape.slice(0, 8), B: B.shape.slice(0, 8) },
    });
  }
  if (rank !== rankB) {
    throw new PotError('PEFT_RANK', `A of the module ${shown(name)} has rank ${rank}, B has ${rankB}`);
  }
  return { name, rank, alpha: rules.numbers(name).alpha, inputs, outputs, A: A.values, B: B.values };
}
