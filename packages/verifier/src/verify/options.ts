import { MAX_THREADS, PotError, type PotErrorCode, parsePin } from '@proof-of-training/halo2-wasm';
import { hex32Schema, specSchema } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { checkOptions, type ShapeFor } from '../options/checkOptions.js';
import * as kinds from '../options/kinds.js';
import { nearestName } from '../options/nearest.js';
import type { InferenceContents } from './inferenceContents.js';
import { revealKind } from './reveal.js';

/** A pin: anything, since {@link parsePin} says what is wrong with it. */
const pin = z.unknown().optional();
const fractionalBits = kinds.whole(0, 64).optional();

const stringCache = kinds.is(
  'a cache of SRS files (ContentCache)',
  (v) => typeof (v as { getOrMake?: unknown } | null)?.getOrMake === 'function',
);

/** Options of every verification. */
export const reference = {
  allowDevelopmentSrs: kinds.flag.optional(),
  srs: z.unknown().optional(),
  expectedSrsHash: pin,
  engine: kinds.engine.optional(),
  threads: kinds.whole(0, MAX_THREADS).optional(),
  cache: stringCache.optional(),
};
/** Limits of what a verifier takes: {@link LimitOptions}. */
export const limits = {
  maxTolerance: kinds.positive.optional(),
  minPrecision: z
    .strictObject({ weights: fractionalBits, base: fractionalBits, activations: fractionalBits })
    .optional(),
};
const file = {
  ...reference,
  ...limits,
  expected: z.unknown().optional(),
  maxBytes: kinds.positive.optional(),
};
/** {@link PaceOptions} */
const pace = { onProgress: kinds.callback.optional(), signal: kinds.signal.optional() };
const bundles = kinds.is('a bundle, or an array of them', (v) =>
  Array.isArray(v) ? v.length > 0 : typeof v === 'string' || (typeof v === 'object' && v !== null),
);
const run = {
  ...file,
  allowLayerLocal: kinds.flag.optional(),
  allowRepeatedShards: kinds.flag.optional(),
  against: bundles.optional(),
  onProof: kinds.callback.optional(),
  ...pace,
};
const names = kinds.is<string[]>(
  'an array of names',
  (v) => Array.isArray(v) && v.length > 0 && v.every((n) => typeof n === 'string' && n !== ''),
);

/** What `verifyWeights` reads of a run, or of a single proof's file. */
const comparedRun = z.looseObject(
  { spec: specSchema, srs: z.looseObject({ hash: z.string() }), base: hex32Schema.optional() },
  'must be the run of a bundle or aggregate',
);

const weights = {
  ...reference,
  ...limits,
  run: comparedRun.optional(),
  baseSalt: kinds.bytes(32).optional(),
};

const isFile = (v: unknown) => typeof v === 'string' || (typeof v === 'object' && v !== null);
const contents = z.strictObject({
  entries: kinds.is<BigInt64Array>('a BigInt64Array', (v) => v instanceof BigInt64Array),
  salt: kinds.bytes(32).optional(),
} satisfies ShapeFor<InferenceContents>);

/** Of inferences and evaluations. */
const inference = {
  ...reference,
  ...limits,
  maxK: kinds.whole(1, 28).optional(),
  allowRepeatedShards: kinds.flag.optional(),
  expected: z.unknown().optional(),
  genesis: kinds.is('a genesis proof', isFile).optional(),
  run: kinds.is('a bundle or an aggregate', isFile).optional(),
  aggregationKey: pin,
  deriveKey: kinds.callback.optional(),
  maxBytes: kinds.positive.optional(),
};

/** Options of each function, by its name; `verifyModelWeights` is core's, of a model of TensorFlow.js. */
export const OPTIONS = {
  verifyTrainingRun: z.object(run),
  verifyAdapters: z.object({ ...run, layers: names.optional() }),
  verifyTrainingProof: z.object({ ...file, expectedKey: pin, allowLayerLocal: kinds.flag.optional() }),
  verifyAggregate: z.object({
    ...file,
    aggregationKey: pin,
    allowPart: kinds.flag.optional(),
    deriveKey: kinds.callback.optional(),
    ...pace,
  }),
  verifyInference: z.object({
    ...inference,
    expectedKey: pin,
    inputs: contents.optional(),
    outputs: contents.optional(),
    reveal: revealKind.optional(),
  }),
  verifyEvaluation: z.object({
    ...inference,
    testSet: names.optional(),
    inputs: z.array(contents).optional(),
  }),
  verifyWeights: z.object(weights),
  verifyModelWeights: z.object(weights),
  baseDigest: z.object({ ...reference, ...limits, baseSalt: kinds.bytes(32).optional() }),
} as const;

/** A function that verifies. */
export type VerifierFunction = keyof typeof OPTIONS;

const PINS = ['expectedSrsHash', 'expectedKey', 'aggregationKey'];

/**
 * Checks the options of a function that verifies, and gives them back with pins in their canonical form. These are the caller's
 * words, not the file's: so what is wrong with them is thrown, and is no part of a report.
 *
 * Errors: `OPTION_UNKNOWN` with the nearest known name, `OPTION_INVALID`, `PIN_INVALID` (also for a pin that is given as undefined).
 */
export function verifierOptions<T extends object>(name: VerifierFunction, options: T): T {
  checkOptions(OPTIONS[name], options, name);
  const pins = PINS.filter((p) => Object.hasOwn(options, p)).map((p) => [
    p,
    parsePin(p, (options as Record<string, unknown>)[p]),
  ]);
  return { ...options, ...Object.fromEntries(pins) };
}

/**
 * What a verifier was told to expect, by name. Errors: `OPTION_INVALID`, `EXPECTED_UNKNOWN` (with the nearest name).
 */
export function namedExpectations(given: unknown, known: readonly string[]): [string, unknown][] {
  if (given === undefined) return [];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new PotError('OPTION_INVALID', 'expected must be an object', {
      details: { option: 'expected' },
      hint: 'Leave it out where nothing is expected.',
    });
  }
  refuseUnknownNames('expected', Object.keys(given), known, 'EXPECTED_UNKNOWN');
  return Object.entries(given);
}

/** Errors: `code`, with the nearest known name, for the first name that is not known. */
export function refuseUnknownNames(
  where: string,
  names: readonly string[],
  known: readonly string[],
  code: PotErrorCode,
): void {
  const name = names.find((n) => !known.includes(n));
  if (name === undefined) return;
  const nearest = nearestName(name, [...known]);
  throw new PotError(code, `${where}: there is nothing called ${name.slice(0, 60)}`, {
    details: { name: name.slice(0, 60), ...(nearest && { nearest }) },
    hint: nearest ? `Did you mean ${nearest}?` : `Known here: ${known.join(', ')}.`,
  });
}
