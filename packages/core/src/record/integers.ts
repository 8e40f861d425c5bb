import { PotError } from '@proof-of-training/halo2-wasm';
import {
  activationName,
  type FloatLoss,
  integerActivation,
  integerLoss,
  isTabled,
  labelsOf,
  type Penalty,
  type Scales,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import type { RecordedLayer } from './recorded.js';

type Described = Pick<RecordedLayer, 'inputs' | 'outputs' | 'bias' | 'activation' | 'l2'>;

/**
 * Layers, loss and penalties of a recorded model in a number format. Without penalties, and with activations and losses that have no
 * parameter, they are what they were.
 *
 * Errors: `ACTIVATION_UNREPRESENTABLE`, `LOSS_UNREPRESENTABLE`; `ACTIVATION_FORMAT` for an activation whose table would cover less than
 * -8 to 8 in this format.
 */
export function integerNetwork(
  layers: readonly Described[],
  loss: FloatLoss,
  scales: Scales,
): Pick<UnplannedSpec, 'layers' | 'loss' | 'penalties'> {
  const last = layers.length - 1;
  layers.forEach(({ activation }, l) => {
    // That of a cross-entropy is in the loss.
    const own = l === last && labelsOf(loss) !== 'real';
    if (own || !isTabled(activation) || scales.a <= scales.b - 4) return;
    throw new PotError(
      'ACTIVATION_FORMAT',
      `${activationName(activation)} of layer ${l} needs a table of -8 to 8: this number format has one of less`,
      {
        details: { layer: l, activation: activationName(activation), a: scales.a, b: scales.b },
        hint: "Use the profile 'default' or 'precise', or a format with a <= b - 4.",
      },
    );
  });
  const penalties = layers.flatMap(({ l2 = {} }, layer): Penalty[] => [
    ...(l2.kernel === undefined ? [] : [{ layer, of: 'kernel' as const, l2: strength(layer, l2.kernel) }]),
    ...(l2.bias === undefined ? [] : [{ layer, of: 'bias' as const, l2: strength(layer, l2.bias) }]),
  ]);
  return {
    layers: layers.map(({ inputs, outputs, activation, bias }) => ({
      inputs,
      outputs,
      activation: integerActivation(activation, scales),
      bias,
    })),
    loss: integerLoss(loss, scales, layers[last]!.outputs),
    ...(penalties.length > 0 && { penalties }),
  };
}

/** In units of 2^-32. */
function strength(layer: number, l2: number): number {
  const units = Math.round(l2 * 2 ** 32);
  if (units >= 1 && units < 2 ** 32) return units;
  throw new PotError('LOSS_UNREPRESENTABLE', `an L2 penalty of ${l2} of layer ${layer} has no number`, {
    details: { layer, l2 },
    hint: 'l2 is at least 2^-32 and below 1.',
  });
}
