import { PotError } from '@proof-of-training/halo2-wasm';
import { checkArgument, textSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { checkedConfig } from './config.js';
import { adapterSchema } from './given.js';
import { shown } from './shown.js';
import type { PeftAdapter, PeftModule } from './types.js';

const layersSchema = z.array(z.object({ name: textSchema, inputs: z.number(), outputs: z.number() }));
const baseSchema = z.strictObject({ baseModel: textSchema.optional(), revision: textSchema.optional() });

/** A linear layer of a model, under the name that the adapter's files have for it. */
export interface NamedLayer {
  name: string;
  inputs: number;
  outputs: number;
}

/** A base model, as an adapter's configuration names it; a field that is absent may have any value. */
export interface PeftBase {
  baseModel?: string;
  revision?: string;
}

/**
 * The adapter of each layer, undefined where a layer has none.
 *
 * Errors: `PEFT_BASE_MISMATCH` where the adapter is one of another base: a module that is none of the layers, other
 * sizes, or another base or revision named in its configuration. Equal names and sizes do not prove an equal base; a base's
 * digest does. `PEFT_CONFIG_INVALID`, `OPTION_INVALID` for what is no adapter.
 *
 * @example
 * const modules = matchPeftModules(await readPeftAdapter('my-adapter'), layers);
 */
export function matchPeftModules(
  adapter: PeftAdapter,
  layers: readonly NamedLayer[],
  base: PeftBase = {},
): (PeftModule | undefined)[] {
  checkArgument(adapterSchema, adapter, 'matchPeftModules', 'adapter');
  checkArgument(layersSchema, layers, 'matchPeftModules', 'layers');
  checkArgument(baseSchema, base, 'matchPeftModules', 'base');
  const { modules } = adapter;
  const config = checkedConfig(adapter.config);
  checkNamed('base_model_name_or_path', config.base_model_name_or_path, base.baseModel);
  checkNamed('revision', config.revision, base.revision);
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  for (const { name, inputs, outputs } of modules) {
    const layer = byName.get(name);
    if (!layer) throw mismatch(`the model has no layer ${shown(name)}`);
    if (layer.inputs !== inputs || layer.outputs !== outputs) {
      throw mismatch(
        `the layer ${shown(name)} has ${layer.inputs} inputs and ${layer.outputs} outputs, its adapter ${inputs} and ${outputs}`,
      );
    }
  }
  const adapters = new Map(modules.map((module) => [module.name, module]));
  return layers.map((layer) => adapters.get(layer.name));
}

function checkNamed(field: string, found: string | null, expected: string | undefined): void {
  if (expected === undefined || found === expected) return;
  throw mismatch(`${field} is ${found === null ? 'not set' : shown(found)}, not ${shown(expected)}`);
}

function mismatch(message: string): PotError {
  return new PotError('PEFT_BASE_MISMATCH', message, {
    hint: 'The adapter was made for another base model.',
  });
}
