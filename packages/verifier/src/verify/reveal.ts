import { type GraphOutput, type GraphPredicate, PotError } from '@proof-of-training/halo2-wasm';
import { finite, is, whole } from '../options/kinds.js';

/**
 * What a proof shows of each sample in the place of its outputs, which stay hidden: which output is the largest (of equal ones the first),
 * whether it is the one of a class, or whether an output is at least `atLeast` and at most `atMost`. Outputs are the last layer's values,
 * before softmax, and are counted from 0.
 */
export type Reveal =
  | 'argmax'
  | { class: number }
  | { output: number; atLeast: number; atMost?: number }
  | { output: number; atMost: number; atLeast?: number };

const KEYS: readonly string[] = ['output', 'atLeast', 'atMost'];

/**
 * The option, as a schema.
 *
 * @example
 * z.object({ reveal: revealKind.optional() });
 */
export const revealKind = is<Reveal | readonly Reveal[]>(
  "'argmax', { class }, { output, atLeast, atMost } with one limit at least, or an array of such",
  (v) => (Array.isArray(v) ? v.length > 0 && v.every(isReveal) : isReveal(v)),
);

function isReveal(v: unknown): boolean {
  if (v === 'argmax') return true;
  if (typeof v !== 'object' || v === null) return false;
  const given = v as Record<string, unknown>;
  const names = Object.keys(given).filter((name) => given[name] !== undefined);
  if (names.includes('class')) return names.length === 1 && whole(0).safeParse(given.class).success;
  if (!names.every((name) => KEYS.includes(name)) || names.length < 2) return false;
  const limits = [given.atLeast, given.atMost].filter((limit) => limit !== undefined);
  return whole(0).safeParse(given.output).success && limits.every((limit) => finite.safeParse(limit).success);
}

/** The outputs that predicates are about: their fractional bits and, where they are known, how many there are and the bits of a limb. */
export interface Scores {
  bits: number;
  outputs?: number;
  limbBits?: number;
}

/**
 * Predicates as the engine takes them, in the order in which a graph has them. A limit becomes an integer of the outputs' fractional bits,
 * the least that is not below `atLeast`, and the largest that is not above `atMost`. Outputs are integers too, so what is proven is
 * exactly what was asked, for yes and for no.
 *
 * Errors: `OPTION_INVALID` for what no network of such outputs can have, what all have, and what is asked twice.
 *
 * @example
 * predicatesOf('proveInference', { output: 0, atLeast: 0.7 }, { bits: 8 }); // least: 180, since 0.7 * 256 = 179.2
 */
export function predicatesOf(
  where: string,
  reveal: Reveal | readonly Reveal[],
  scores: Scores,
): RowPredicate[] {
  const list = (typeof reveal === 'object' && 'length' in reveal ? reveal : [reveal]) as readonly Reveal[];
  const predicates = list.map((one) => predicateOf(one, scores.bits));
  const wrong =
    new Set(predicates.map(predicateKey)).size < predicates.length
      ? 'one predicate is asked for twice'
      : predicates.map((predicate) => impossible(predicate, scores)).find((what) => what !== undefined);
  if (wrong === undefined) return predicates;
  throw new PotError('OPTION_INVALID', `${where}: reveal: ${wrong}`, {
    details: { where, option: 'reveal' },
  });
}

/** What is said of each row. */
type RowPredicate = Exclude<GraphPredicate, { confusion: unknown }>;

function predicateOf(reveal: Reveal, bits: number): RowPredicate {
  if (reveal === 'argmax') return { argmax: {} };
  if ('class' in reveal) return { class: { class: reveal.class } };
  const { output, atLeast, atMost } = reveal;
  // Exact but for the rounding: a double times a power of two. Never -0.
  const integer = (round: (v: number) => number, limit: number) => round(limit * 2 ** bits) + 0;
  return {
    threshold: {
      output,
      ...(atLeast !== undefined && { least: integer(Math.ceil, atLeast) }),
      ...(atMost !== undefined && { most: integer(Math.floor, atMost) }),
    },
  };
}

/** What tells one predicate from another. */
export function predicateKey(predicate: GraphPredicate): string {
  if ('argmax' in predicate) return 'argmax';
  if ('confusion' in predicate) return 'confusion';
  if ('class' in predicate) return `class ${predicate.class.class}`;
  const { output, least = '', most = '' } = predicate.threshold;
  return `output ${output} from ${least} to ${most}`;
}

/** Why a predicate says nothing. */
function impossible(predicate: RowPredicate, { outputs, limbBits }: Scores): string | undefined {
  if (!('threshold' in predicate)) {
    if (outputs === 1) return 'a model with one output has no largest one among others';
    const there = 'argmax' in predicate || outputs === undefined || predicate.class.class < outputs;
    return there ? undefined : `class: there are the outputs 0 to ${outputs! - 1}`;
  }
  const { output, least, most } = predicate.threshold;
  if (outputs !== undefined && output >= outputs) return `output: there are the outputs 0 to ${outputs - 1}`;
  if (least !== undefined && most !== undefined && least > most)
    return 'no output is at least atLeast and at most atMost';
  if (limbBits === undefined) return undefined;
  const end = 2 ** (2 * limbBits - 1);
  const [below, above] = [least ?? -end, most ?? end - 1];
  if (below >= end || above < -end) return 'no output of this number format reaches the limit';
  if (below <= -end && above >= end - 1) return 'every output of this number format is within the limit';
  return least !== undefined && most !== undefined && (below <= -end || above >= end - 1)
    ? 'one of the limits is beyond this number format: leave it out'
    : undefined;
}

/** A predicate that a proof is about, in words and in numbers, and what it says of each sample. */
export interface ProvenPredicate {
  /** In words, with the exact limits. */
  statement: string;
  /** The same as it is asked for: limits are exact. */
  reveal: Reveal;
  /** Name of the value in the graph whose rows are the samples' outputs. */
  of: string;
  /** Of a threshold the integers that outputs, times 2^bits, were compared with. */
  integers?: { bits: number; least?: number; most?: number };
  /** Of each sample whether it holds; absent where the proof shows a digest alone. */
  holds?: boolean[];
  /** Of `argmax` which output is the largest of each sample, likewise. */
  largest?: number[];
}

/**
 * The predicates of a proof's outputs; none where one of them is no predicate. `shown`: their values, where these are public.
 *
 * @example
 * provenPredicates(prover.info().outputs, [[1, 0]]); // of two samples
 */
export function provenPredicates(
  outputs: readonly GraphOutput[],
  shown: readonly (readonly number[])[] | undefined,
): ProvenPredicate[] | undefined {
  const rows = outputs.flatMap(({ shape, says }, i) =>
    says && !('confusion' in says.predicate)
      ? [proven(shape, { ...says, predicate: says.predicate }, shown?.[i])]
      : [],
  );
  return rows.length === outputs.length ? rows : undefined;
}

interface Said {
  of: string;
  bits: number;
  predicate: RowPredicate;
}

function proven(
  shape: readonly number[],
  { of, bits, predicate }: Said,
  values: readonly number[] | undefined,
): ProvenPredicate {
  const width = shape[shape.length - 1] ?? 1;
  if (values?.some((v) => v !== 0 && v !== 1)) throw new Error('a predicate is 0 or 1');
  const facts = { statement: textOf(predicate, of, bits), reveal: revealOf(predicate, bits), of };
  if ('argmax' in predicate) {
    if (!values) return facts;
    const rows = Array.from({ length: values.length / width }, (_, i) =>
      values.slice(i * width, (i + 1) * width),
    );
    return { ...facts, largest: rows.map((row) => row.indexOf(1)) };
  }
  const integers = 'threshold' in predicate && { integers: { bits, ...limitsOf(predicate.threshold) } };
  return { ...facts, ...integers, ...(values && { holds: values.map((v) => v === 1) }) };
}

function limitsOf({ least, most }: { least?: number; most?: number }) {
  return { ...(least !== undefined && { least }), ...(most !== undefined && { most }) };
}

/** With limits as real numbers, which they are exactly. */
function revealOf(predicate: RowPredicate, bits: number): Reveal {
  if ('argmax' in predicate) return 'argmax';
  if ('class' in predicate) return { class: predicate.class.class };
  const { output, least, most } = predicate.threshold;
  const limits = {
    ...(least !== undefined && { atLeast: least * 2 ** -bits }),
    ...(most !== undefined && { atMost: most * 2 ** -bits }),
  };
  return { output, ...limits } as Reveal;
}

function textOf(predicate: RowPredicate, of: string, bits: number): string {
  if ('argmax' in predicate) return `which output of ${of} is the largest, the first of equal ones`;
  if ('class' in predicate)
    return `the largest output of ${of}, the first of equal ones, is number ${predicate.class.class}`;
  const { output, least, most } = predicate.threshold;
  const limit = (v: number) => `${v * 2 ** -bits} (${v} / 2^${bits})`;
  const limits = [
    ...(least === undefined ? [] : [`at least ${limit(least)}`]),
    ...(most === undefined ? [] : [`at most ${limit(most)}`]),
  ];
  return `output ${output} of ${of} is ${limits.join(' and ')}`;
}
