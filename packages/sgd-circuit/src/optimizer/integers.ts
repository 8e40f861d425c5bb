import { PotError } from '@proof-of-training/halo2-wasm';

/** Limbs have at most so many bits. */
const MAX_LIMB_BITS = 16;
/** Adam's epsilon stays below this. */
const MAX_EPSILON = 2 ** 30;

/** A factor times 2^b, from 1 to 2^b - 1. Errors: `OPTIMIZER_UNREPRESENTABLE`. */
export function factorInteger(name: string, value: number, b: number): number {
  const one = 2 ** b;
  const integer = Math.round(value * one);
  if (integer >= 1 && integer < one) return integer;
  const nearest = integer < 1 ? 1 / one : 1 - 1 / one;
  throw new PotError(
    'OPTIMIZER_UNREPRESENTABLE',
    `${name} = ${value} is not representable with ${b} fractional bits: it would become ${integer < 1 ? 0 : 1}`,
    { details: { name, requested: value, nearest }, hint: factorHint(name, value, nearest) },
  );
}

function factorHint(name: string, value: number, nearest: number): string {
  if (value === 0 && name === 'momentum') return "Choose 'sgd', or a momentum above 0.";
  const bits = Math.ceil(-Math.log2(Math.min(value, 1 - value)));
  const finer = bits <= MAX_LIMB_BITS ? `, or a profile with limbs (b) of ${bits} bits` : '';
  return `Use ${nearest}${finer}.`;
}

/** `round(2^(2b) lr lambda)`, 0 for no decay, else from 1 to 2^(2b-4) - 1. Errors: `OPTIMIZER_UNREPRESENTABLE`. */
export function decayInteger(b: number, learningRate: number, lambda: number): number {
  if (lambda === 0) return 0;
  const one = 2 ** (2 * b);
  const integer = Math.round(one * learningRate * lambda);
  const largest = 2 ** (2 * b - 4) - 1;
  if (integer >= 1 && integer <= largest) return integer;
  const nearest = (integer < 1 ? 1 : largest) / one / learningRate;
  throw new PotError(
    'OPTIMIZER_UNREPRESENTABLE',
    `the weight decay ${lambda} is not representable: a step would take ${integer < 1 ? 'nothing' : 'a sixteenth or more'} of each weight away`,
    {
      details: { name: 'weightDecay', requested: lambda, nearest },
      hint: `With this learning rate and number format use ${integer < 1 ? 'at least' : 'at most'} ${nearest}${integer < 1 ? ', 0 for none, or a profile with more limb bits (b)' : ''}.`,
    },
  );
}

/** `max(1, round(epsilon / unit))`, below 2^30. Errors: `OPTIMIZER_UNREPRESENTABLE`. */
export function epsilonInteger(epsilon: number, unit: number): number {
  const integer = Math.max(1, Math.round(epsilon / unit));
  if (integer < MAX_EPSILON) return integer;
  const nearest = (MAX_EPSILON - 1) * unit;
  throw new PotError(
    'OPTIMIZER_UNREPRESENTABLE',
    `epsilon = ${epsilon} is not representable: the largest is ${nearest}`,
    { details: { name: 'epsilon', requested: epsilon, nearest }, hint: `Use at most ${nearest}.` },
  );
}

/**
 * Adam's epsilon where none is asked for, at least: `ceil(sqrt(2^(b-1) / (2^b - beta2)))` units, the gradient from which on its
 * square is not rounded away from a second moment of 0. A ratio of a moment that is below it to this is at most 1.
 */
export function leastDefaultEpsilon(beta2: number, b: number): number {
  return Math.ceil(Math.sqrt(2 ** (b - 1) / (2 ** b - beta2)));
}

/** How far a value is from the one asked for; a factor's distance from 1 in place of the factor, since 1 / (1 - f) steps are what it remembers. */
export function deviation(name: string, requested: number, effective: number): number {
  if (name === 'epsilon' || name === 'weightDecay') {
    return requested === effective ? 0 : Math.abs(effective - requested) / requested;
  }
  return Math.abs(effective - requested) / (1 - requested);
}
