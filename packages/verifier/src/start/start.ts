import { PotError } from '@proof-of-training/halo2-wasm';
import { quantiseAdapters } from '@proof-of-training/lora-circuit';
import {
  initialCheckpoint,
  type LayerWeights,
  quantiseWeights,
  type SgdSpec,
} from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { firstValues, initializerSchema, initializerText } from './initializers.js';
import { SeedStream } from './stream.js';

/** A layer of which all is trained. */
const denseSchema = z.strictObject({ kernel: initializerSchema, bias: initializerSchema.optional() });
/** A layer with an adapter: B is zero, as every new adapter's is. */
const adapterSchema = z.strictObject({ A: initializerSchema });

/** Where a run's first weights come from. */
export const startSchema = z.discriminatedUnion('kind', [
  /**
   * From the public seed, by these initialisers, one entry a layer (null: a layer without an adapter, beside those that have
   * one): whoever verifies makes them again.
   */
  z.strictObject({
    kind: z.literal('seed'),
    layers: z
      .array(z.union([denseSchema, adapterSchema]).nullable())
      .min(1)
      .max(256),
  }),
  /** From the one who trained: of a model that was loaded, trained before, or seeded by itself. */
  z.strictObject({ kind: z.literal('given') }),
]);

export type Start = z.infer<typeof startSchema>;
export type SeedStart = Extract<Start, { kind: 'seed' }>;
export type DenseStart = z.infer<typeof denseSchema>;
export type AdapterStart = z.infer<typeof adapterSchema>;

/**
 * The first weights that a public seed gives, as integers in flat order. Streams are numbered by tensor: 2 l for
 * layer l's kernel `[inputs][outputs]` or A `[rank][inputs]`, 2 l + 1 for its bias. The checkpoint, with an optimiser's state, which
 * is zero.
 *
 * Errors: `START_SEED` where the initialisers do not fit the network; `VALUE_OUT_OF_RANGE` where what they give does not fit
 * the number format.
 */
export function seededWeights(
  spec: Pick<SgdSpec, 'layers' | 'scales' | 'lora' | 'optimizer'>,
  start: SeedStart,
  seed: Uint8Array,
): BigInt64Array {
  if (start.layers.length !== spec.layers.length) throw misfit('another number of layers');
  if (spec.lora) return seededAdapters(spec, start, seed);
  const tensors = spec.layers.map(({ inputs, outputs, bias }, l): LayerWeights => {
    const own = start.layers[l];
    if (!own || !('kernel' in own)) throw misfit(`layer ${l} has no adapter`);
    if ((own.bias !== undefined) !== bias) throw misfit(`bias of layer ${l}`);
    return {
      name: `layer ${l}`,
      kernel: firstValues(own.kernel, [inputs, outputs], new SeedStream(seed, 2 * l)),
      ...(own.bias && { bias: firstValues(own.bias, [outputs], new SeedStream(seed, 2 * l + 1)) }),
    };
  });
  return initialCheckpoint(spec, quantiseWeights(spec, tensors));
}

function seededAdapters(
  spec: Pick<SgdSpec, 'layers' | 'scales' | 'lora' | 'optimizer'>,
  start: SeedStart,
  seed: Uint8Array,
): BigInt64Array {
  const adapters = spec.layers.map(({ inputs, outputs }, l) => {
    const own = start.layers[l];
    const rank = spec.lora?.adapters[l]?.rank;
    if (rank === undefined && own === null) return null;
    if (rank === undefined || !own || !('A' in own)) throw misfit(`adapter of layer ${l}`);
    return {
      name: `layer ${l}`,
      A: firstValues(own.A, [rank, inputs], new SeedStream(seed, 2 * l)),
      B: new Float32Array(outputs * rank),
    };
  });
  return initialCheckpoint(spec, quantiseAdapters(spec, adapters));
}

function misfit(what: string): PotError {
  return new PotError('START_SEED', `the initialisers are not those of this network: ${what}`);
}

/** The initialisers in a line for people: every kind that occurs, since one that was left out might be the one that matters. */
export function startText({ layers }: SeedStart): string {
  const texts = layers.flatMap((own) => {
    if (own === null) return [];
    if ('A' in own) return [`A ${initializerText(own.A)}, B zero`];
    return [initializerText(own.kernel) + (own.bias ? `, bias ${initializerText(own.bias)}` : '')];
  });
  return [...new Set(texts)].join('; ');
}
