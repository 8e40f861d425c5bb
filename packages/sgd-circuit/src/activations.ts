import { PotError, shown } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument } from './check.js';

/** Activations without a parameter. */
export const SIMPLE_ACTIVATIONS = [
  'relu',
  'linear',
  'softmax',
  'sigmoid',
  'tanh',
  'softplus',
  'gelu',
  'geluTanh',
  'silu',
  'hardSwish',
  'softsign',
] as const;
/** Those with one, `alpha`, and from where to where it goes: docs/operators/activations.md. */
const ALPHAS = {
  elu: { above: 0 },
  leakyRelu: { above: 0 },
  hardSigmoid: { above: 1 / 16 },
} as const;
export const ALPHA_ACTIVATIONS = ['elu', 'leakyRelu', 'hardSigmoid'] as const;

type Simple = (typeof SIMPLE_ACTIVATIONS)[number];
type WithAlpha = (typeof ALPHA_ACTIVATIONS)[number];
/** Any activation's name. */
export type ActivationName = Simple | WithAlpha;

/** In units of 2^-b. */
const alpha = z.strictObject({ alpha: z.int().min(1).max(65536) });

/** An activation as a specification has it: a name, or that of a parameter in units of 2^-b, `{ elu: { alpha: 4096 } }`. */
export const activationSchema = z.union([
  z.enum(SIMPLE_ACTIVATIONS),
  z.strictObject({ elu: alpha }),
  z.strictObject({ leakyRelu: alpha }),
  z.strictObject({ hardSigmoid: alpha }),
]);
export type Activation = z.infer<typeof activationSchema>;

/** An activation as a framework has it: its parameter is a real number, whatever the number format. */
export type FloatActivation = Simple | { name: WithAlpha; alpha: number };

/** A real activation of unknown origin. */
export const floatActivationSchema = z.union([
  z.enum(SIMPLE_ACTIVATIONS),
  z.strictObject({ name: z.enum(ALPHA_ACTIVATIONS), alpha: z.number().positive().max(1) }),
]);

const anySchema = z.union([activationSchema, floatActivationSchema]);
const limbSchema = z.object({ b: z.int().min(4).max(16) });

/**
 * The name of an activation, with a parameter or without. Errors, here and below: `OPTION_INVALID`.
 *
 * @example
 * activationName({ elu: { alpha: 4096 } }); // 'elu'
 */
export function activationName(activation: Activation | FloatActivation): ActivationName {
  checkArgument(anySchema, activation, 'activationName', 'activation');
  if (typeof activation === 'string') return activation;
  if ('name' in activation) return activation.name;
  return Object.keys(activation)[0] as WithAlpha;
}

/**
 * The parameter in units of 2^-b; 0 where there is none.
 *
 * @example
 * alphaUnits({ elu: { alpha: 4096 } }); // 4096
 */
export function alphaUnits(activation: Activation): number {
  checkArgument(activationSchema, activation, 'alphaUnits', 'activation');
  return typeof activation === 'string' ? 0 : Object.values(activation)[0]!.alpha;
}

/**
 * Whether the function is a table in the circuit, of values of `a` fractional bits: then `a <= b - 4`.
 *
 * @example
 * isTabled('tanh'); // true
 */
export function isTabled(activation: Activation | FloatActivation): boolean {
  return !['relu', 'linear', 'softmax', 'leakyRelu'].includes(activationName(activation));
}

/**
 * An activation in a number format: its parameter to the nearest multiple of 2^-b.
 *
 * Errors: `ACTIVATION_UNREPRESENTABLE` for a parameter beyond what the function takes, or that is nearer to none.
 *
 * @example
 * integerActivation({ name: 'elu', alpha: 1 }, { b: 12 }); // { elu: { alpha: 4096 } }
 */
export function integerActivation(activation: FloatActivation, scales: { b: number }): Activation {
  const { b } = checkArgument(limbSchema, scales, 'integerActivation', 'scales');
  checkArgument(floatActivationSchema, activation, 'integerActivation', 'activation');
  if (typeof activation === 'string') return activation;
  const { name, alpha } = activation;
  const { above } = ALPHAS[name];
  const units = Math.round(alpha * 2 ** b);
  if (!Number.isFinite(alpha) || units < Math.max(1, above * 2 ** b) || units > 2 ** b) {
    throw new PotError('ACTIVATION_UNREPRESENTABLE', `${name} with alpha ${shown(alpha)} has no number`, {
      details: { activation: name, alpha },
      hint: `alpha lies between ${Math.max(2 ** -b, above)} and 1, in steps of 2^-${b}.`,
    });
  }
  return { [name]: { alpha: units } } as Activation;
}

/**
 * The activation that an integer one stands for.
 *
 * @example
 * floatActivation({ elu: { alpha: 4096 } }, { b: 12 }); // { name: 'elu', alpha: 1 }
 */
export function floatActivation(activation: Activation, scales: { b: number }): FloatActivation {
  const { b } = checkArgument(limbSchema, scales, 'floatActivation', 'scales');
  checkArgument(activationSchema, activation, 'floatActivation', 'activation');
  if (typeof activation === 'string') return activation;
  return { name: activationName(activation) as WithAlpha, alpha: alphaUnits(activation) / 2 ** b };
}

/**
 * An activation in words.
 *
 * @example
 * activationText({ elu: { alpha: 4096 } }, { b: 12 }); // 'elu (alpha 1)'
 */
export function activationText(activation: Activation, scales: { b: number }): string {
  const float = floatActivation(activation, scales);
  return typeof float === 'string' ? float : `${float.name} (alpha ${float.alpha})`;
}
