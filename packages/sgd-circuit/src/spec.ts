import { PotError } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { activationSchema } from './activations.js';
import { checkArgument } from './check.js';
import { firstIssue } from './firstIssue.js';
import { LIMITS } from './limits.js';
import { lossSchema } from './losses.js';

const count = (max: number) => z.int().min(1).max(max);

/** One dense layer `z = W h + bias`, `W` of shape `[outputs][inputs]`; softmax only as the last one, ReLU not there. */
export const layerSchema = z.strictObject({
  inputs: count(LIMITS.maxWidth),
  outputs: count(LIMITS.maxWidth),
  activation: activationSchema,
  bias: z.boolean(),
});

/** Fractional bits of activations (a), deltas (d), learning rate (e); limb bits (b); exponential-table bits (p). */
export const scalesSchema = z.strictObject({
  a: z.int().min(4).max(16),
  d: z.int().min(4).max(24),
  e: z.int().min(4).max(20),
  b: z.int().min(4).max(16),
  p: z.int().min(4).max(16),
});

/** Rows and columns, from the planner: part of the verifying key. Bounded, and with it what a stranger's file may make a verifier compute. */
export const shapeSchema = z.strictObject({
  k: z.int().min(LIMITS.minK).max(LIMITS.maxK),
  /** Of a checkpoint: as many for an optimiser's every state as for the weights. */
  weightColumns: count(LIMITS.maxColumns),
  dataColumns: count(LIMITS.maxColumns),
  /** Units side by side, and columns of one. */
  lanes: count(LIMITS.maxLanes),
  laneColumns: count(LIMITS.maxLaneColumns),
  /** Columns of the frozen base: there where the adapters have one. */
  baseColumns: count(LIMITS.maxColumns).optional(),
});

/** The adapter of one layer: `W + alpha/rank B A` with A `[rank][inputs]` and B `[outputs][rank]`. */
export const adapterSchema = z.strictObject({
  rank: count(LIMITS.maxRank),
  alpha: count(LIMITS.maxAlpha),
});

/** A factor times 2^b. */
const factor = count(65535);
/** `round(2^(2b) lr lambda)`, below 2^(2b-4): decoupled weight decay. */
const decay = z
  .int()
  .min(0)
  .max(2 ** 28 - 1);

/** An update rule other than plain SGD (docs/operators/optimizers.md). */
export const optimizerSchema = z.discriminatedUnion('rule', [
  // Without decay it is no rule of its own.
  z.strictObject({ rule: z.literal('sgd'), decay: decay.min(1) }),
  z.strictObject({ rule: z.literal('momentum'), momentum: factor, decay }),
  /** Nesterov's: a step goes along the gradient and momentum times the new momentum. */
  z.strictObject({ rule: z.literal('nesterov'), momentum: factor, decay }),
  z.strictObject({
    rule: z.literal('adam'),
    beta1: factor,
    beta2: factor,
    epsilon: count(2 ** 30 - 1),
    decay,
  }),
  z.strictObject({
    rule: z.literal('rmsprop'),
    rho: factor,
    /** 0: without. */
    momentum: z.int().min(0).max(65535),
    /** Within the root, in units of the mean square's last place. */
    epsilon: count(2 ** 52 - 1),
    decay,
  }),
]);

/** Low-rank adapters: the layers' own kernels and biases are frozen, or not there at all. */
export const loraSchema = z.strictObject({
  /** One entry a layer; null where the layer has none. */
  adapters: z.array(adapterSchema.nullable()).min(1).max(LIMITS.maxLayers),
  /** Fractional bits of the frozen base's weights, at most w; 0 in layer-local mode. */
  baseBits: z.int().min(0).max(52),
  /** Layer-local: one layer, its input and the gradient with respect to its output taken as given. */
  local: z.boolean(),
  /** Without it, plain SGD. */
  optimizer: optimizerSchema.optional(),
});

/** `l2 / 2^32` times the sum of a kernel's or bias's squares, part of the loss (docs/operators/losses.md). */
export const penaltySchema = z.strictObject({
  layer: z
    .int()
    .min(0)
    .max(LIMITS.maxLayers - 1),
  of: z.enum(['kernel', 'bias']),
  l2: count(2 ** 32 - 1),
});

const specFields = {
  kind: z.enum(['window', 'genesis']),
  mode: z.enum(['exact', 'tolerance']),
  layers: z.array(layerSchema).min(1).max(LIMITS.maxLayers),
  loss: lossSchema,
  batch: count(LIMITS.maxBatch),
  steps: count(LIMITS.maxWindow),
  scales: scalesSchema,
  xOffset: z.int().min(0),
  yOffset: z.int().min(0),
  toleranceLimbs: z.int().min(0).max(4),
  /** Of a whole network; adapters have their own. Without it, plain SGD. */
  optimizer: optimizerSchema.optional(),
  lora: loraSchema.optional(),
  /** Each step of a window has a base rate of its own: `etas` of the public inputs. */
  ratesPerStep: z.literal(true).optional(),
  /** L2 penalties, in the order of layers, a kernel's before its bias's. */
  penalties: z
    .array(penaltySchema)
    .min(1)
    .max(2 * LIMITS.maxLayers)
    .optional(),
};

/** A circuit's public description without its shape: what `planSpec` takes. */
export const unplannedSpecSchema = z.strictObject(specFields);
/** A circuit's whole public description: a verifier derives the verifying key from it alone. */
export const specSchema = z.strictObject({ ...specFields, shape: shapeSchema });

export type Layer = z.infer<typeof layerSchema>;
export type Adapter = z.infer<typeof adapterSchema>;
export type Optimizer = z.infer<typeof optimizerSchema>;
export type Lora = z.infer<typeof loraSchema>;
export type Penalty = z.infer<typeof penaltySchema>;
export type Scales = z.infer<typeof scalesSchema>;
export type Shape = z.infer<typeof shapeSchema>;
export type UnplannedSpec = z.infer<typeof unplannedSpecSchema>;
export type SgdSpec = z.infer<typeof specSchema>;

/** The parts of a specification that fix sizes and scales. */
export type SpecNumbers = Pick<
  SgdSpec,
  'layers' | 'loss' | 'batch' | 'steps' | 'scales' | 'xOffset' | 'yOffset' | 'optimizer' | 'lora'
>;

const layers = specFields.layers;
const lora = specFields.lora;
const scales = specFields.scales;
const layersPart = z.object({ layers });
const trainedPart = z.object({ layers, lora });
/** The parts that decide what an adapter's integers stand for. */
export const loraNumbersSchema = z.object({ layers, scales, lora });
/** Those that decide which learning rates there are. */
export const rateNumbersSchema = z.object({
  layers,
  loss: specFields.loss,
  batch: specFields.batch,
  scales,
  optimizer: specFields.optimizer,
  lora,
});
/** The parts that fix sizes and scales. */
export const specNumbersSchema = rateNumbersSchema.extend({
  steps: specFields.steps,
  xOffset: specFields.xOffset,
  yOffset: specFields.yOffset,
});

/**
 * Reads a specification of unknown origin. Errors: `SPEC_INVALID`, with the path of the first bad field.
 *
 * @example
 * const spec = parseSpec(JSON.parse(text));
 */
export function parseSpec(value: unknown): SgdSpec {
  return checkedSpec(specSchema, value);
}

/**
 * The same of one without a shape, which `planSpec` gives it. Errors: `SPEC_INVALID`.
 *
 * @example
 * const { spec } = planSpec(halo2, parseUnplannedSpec(JSON.parse(text)));
 */
export function parseUnplannedSpec(value: unknown): UnplannedSpec {
  return checkedSpec(unplannedSpecSchema, value);
}

/** What a schema of specifications makes of a value. Errors: `SPEC_INVALID`, with the path of the first bad field. */
export function checkedSpec<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PotError('SPEC_INVALID', `specification, ${firstIssue(result.error).text}`);
}

/**
 * Fractional bits of weights: w = a + d + e. Errors: `OPTION_INVALID`.
 *
 * @example
 * weightScale({ a: 8, d: 14, e: 14, b: 12, p: 12 }); // 36
 */
export function weightScale(scales: Scales): number {
  checkArgument(scalesSchema, scales, 'weightScale', 'scales');
  return scales.a + scales.d + scales.e;
}

/**
 * Number of weights and biases of all layers. Errors: `OPTION_INVALID`.
 *
 * @example
 * layerCount([{ inputs: 4, outputs: 3, activation: 'softmax', bias: true }]); // 15
 */
export function layerCount(layers: readonly Layer[]): number {
  checkArgument(specFields.layers, layers, 'layerCount', 'layers');
  return layers.reduce((n, l) => n + l.outputs * (l.inputs + (l.bias ? 1 : 0)), 0);
}

/**
 * Number of weights that are trained, committed and linked: with adapters theirs alone, else all. Errors: `OPTION_INVALID`.
 *
 * @example
 * weightCount({ layers: [{ inputs: 4, outputs: 3, activation: 'softmax', bias: true }] }); // 15
 */
export function weightCount(spec: Pick<SgdSpec, 'layers' | 'lora'>): number {
  const { layers, lora } = checkArgument(trainedPart, spec, 'weightCount', 'spec');
  if (!lora) return layerCount(layers);
  return layers.reduce((n, l, i) => n + (lora.adapters[i]?.rank ?? 0) * (l.inputs + l.outputs), 0);
}

/**
 * Number of frozen weights: 0 without adapters, and in layer-local mode, which has no base. Errors: `OPTION_INVALID`.
 *
 * @example
 * baseCount({ layers }); // 0: no adapters, so nothing is frozen
 */
export function baseCount(spec: Pick<SgdSpec, 'layers' | 'lora'>): number {
  const { layers, lora } = checkArgument(trainedPart, spec, 'baseCount', 'spec');
  return lora && !lora.local ? layerCount(layers) : 0;
}

/**
 * Width of the network's input. Errors: `OPTION_INVALID`.
 *
 * @example
 * inputWidth({ layers: [{ inputs: 4, outputs: 3, activation: 'softmax', bias: true }] }); // 4
 */
export function inputWidth(spec: Pick<SgdSpec, 'layers'>): number {
  checkArgument(layersPart, spec, 'inputWidth', 'spec');
  return spec.layers[0]!.inputs;
}

/**
 * Width of the network's output. Errors: `OPTION_INVALID`.
 *
 * @example
 * outputWidth({ layers: [{ inputs: 4, outputs: 3, activation: 'softmax', bias: true }] }); // 3
 */
export function outputWidth(spec: Pick<SgdSpec, 'layers'>): number {
  checkArgument(layersPart, spec, 'outputWidth', 'spec');
  return spec.layers[spec.layers.length - 1]!.outputs;
}
