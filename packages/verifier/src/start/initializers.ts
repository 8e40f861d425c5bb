import { z } from 'zod';
import type { SeedStream } from './stream.js';

const finite = z
  .number()
  .min(-(2 ** 40))
  .max(2 ** 40);

/**
 * How one tensor's first values are made: the initialisers of TensorFlow.js, those of Glorot, He and LeCun as the
 * variance scaling that they are.
 */
export const initializerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('constant'), value: finite }),
  z.strictObject({ kind: z.literal('uniform'), min: finite, max: finite }),
  z.strictObject({ kind: z.literal('normal'), mean: finite, stddev: finite }),
  z.strictObject({ kind: z.literal('truncatedNormal'), mean: finite, stddev: finite }),
  z.strictObject({
    kind: z.literal('varianceScaling'),
    scale: finite.min(0),
    mode: z.enum(['fanIn', 'fanOut', 'fanAvg']),
    distribution: z.enum(['normal', 'uniform']),
  }),
]);

export type Initializer = z.infer<typeof initializerSchema>;

/** What variance scaling comes to for a tensor of this shape; others are what they are. */
export function plain(
  initializer: Initializer,
  shape: readonly number[],
): Exclude<Initializer, { kind: 'varianceScaling' }> {
  if (initializer.kind !== 'varianceScaling') return initializer;
  const [fanIn, fanOut] = fans(shape);
  const { mode, distribution } = initializer;
  const fan = { fanIn, fanOut, fanAvg: (fanIn + fanOut) / 2 }[mode];
  const scale = initializer.scale / Math.max(1, fan);
  if (distribution === 'normal') return { kind: 'truncatedNormal', mean: 0, stddev: Math.sqrt(scale) };
  const limit = Math.sqrt(3 * scale);
  return { kind: 'uniform', min: -limit, max: limit };
}

/** As TensorFlow.js counts them: of anything but a matrix, the root of its size, twice. */
function fans(shape: readonly number[]): [number, number] {
  if (shape.length === 2) return [shape[0]!, shape[1]!];
  const root = Math.sqrt(shape.reduce((p, n) => p * n, 1));
  return [root, root];
}

/** First values of a tensor, flat in the order of TensorFlow.js, rounded to 32 bits as its tensors are. */
export function firstValues(
  initializer: Initializer,
  shape: readonly number[],
  stream: SeedStream,
): Float32Array {
  const rule = plain(initializer, shape);
  const values = new Float32Array(shape.reduce((p, n) => p * n, 1));
  for (let i = 0; i < values.length; i++) values[i] = one(rule, stream);
  return values;
}

function one(rule: ReturnType<typeof plain>, stream: SeedStream): number {
  if (rule.kind === 'constant') return rule.value;
  if (rule.kind === 'uniform') return rule.min + (rule.max - rule.min) * stream.uniform();
  let drawn = stream.normal();
  // Whatever is more than two deviations away is drawn again.
  while (rule.kind === 'truncatedNormal' && Math.abs(drawn) > 2) drawn = stream.normal();
  return rule.mean + rule.stddev * drawn;
}

/** In a line for people. */
export function initializerText(i: Initializer): string {
  if (i.kind === 'constant') return `constant ${i.value}`;
  if (i.kind === 'uniform') return `uniform ${i.min} to ${i.max}`;
  if (i.kind === 'varianceScaling') return `variance scaling ${i.scale} ${i.mode} ${i.distribution}`;
  return `${i.kind === 'normal' ? 'normal' : 'truncated normal'} ${i.mean} +- ${i.stddev}`;
}
