import { floatActivationSchema, floatLossSchema } from '@proof-of-training/sgd-circuit';
import type { ShapeFor } from '@proof-of-training/verifier/options';
import { flag, is, model, numbers, text, whole } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ArchitectureHints, NamedWeights, RecordedLayer, RecordedModel } from './recorded.js';

/** What `recordModel` takes. */
export const modelSource = is<unknown>(
  'a tf.LayersModel, a recorded model, or arrays { name, shape, values }',
  (v) =>
    Array.isArray(v)
      ? v.every((w) => named.safeParse(w).success)
      : isRecorded(v) || model.safeParse(v).success,
);

const named = z.strictObject({
  name: text,
  shape: z.array(whole(1)),
  values: numbers,
} satisfies ShapeFor<NamedWeights>);

/** What arrays do not say of themselves. */
export const hints = z.object({
  activations: z.array(floatActivationSchema, 'must be an array of activations').optional(),
  loss: floatLossSchema.optional(),
} satisfies ShapeFor<ArchitectureHints>);

const floats = is<Float32Array>('a Float32Array', (v) => v instanceof Float32Array);

const layer = z
  .strictObject({
    name: text,
    inputs: whole(1),
    outputs: whole(1),
    activation: floatActivationSchema,
    bias: flag,
    kernel: floats,
    biases: floats.optional(),
    adapter: z.strictObject({ rank: whole(1), alpha: whole(1), A: floats, B: floats }).optional(),
    l2: z
      .strictObject({ kernel: z.number().positive().optional(), bias: z.number().positive().optional() })
      .optional(),
  } satisfies ShapeFor<RecordedLayer>)
  .refine(({ inputs, outputs, bias, kernel, biases, adapter: a }) => {
    const sizes = [kernel.length === inputs * outputs, (biases?.length ?? 0) === (bias ? outputs : 0)];
    if (a) sizes.push(a.A.length === a.rank * inputs, a.B.length === outputs * a.rank);
    return sizes.every(Boolean);
  });

const recorded = z
  .strictObject({
    kind: z.literal('recorded'),
    layers: z.array(layer).min(1),
    loss: floatLossSchema,
  } satisfies ShapeFor<RecordedModel>)
  .refine(({ layers }) => layers.slice(1).every((l, n) => l.inputs === layers[n]!.outputs));

/** Whether it is what `recordModel` made: the sizes of its arrays are those of its layers. */
function isRecorded(v: unknown): boolean {
  return recorded.safeParse(v).success;
}
