import { PotError } from '@proof-of-training/halo2-wasm';
import { canonicalJson, integerActivation, type Layer, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { NetworkWeights } from './network.js';

/**
 * The model computes what the specification says, but for the numbers in it: as many layers, each of the same size, with or
 * without a bias, and with the same activation.
 *
 * Errors: `MODEL_DIFFERENT`, with what differs; `ACTIVATION_UNREPRESENTABLE`.
 *
 * @example
 * requireSameNetwork(network, bundle.run.spec); // throws MODEL_DIFFERENT for another activation
 */
export function requireSameNetwork(
  { layers }: Pick<NetworkWeights, 'layers'>,
  spec: Pick<SgdSpec, 'layers' | 'scales'>,
): void {
  if (layers.length !== spec.layers.length) throw different('the number of layers');
  layers.forEach((own, l) => {
    const wanted = spec.layers[l]!;
    for (const name of ['inputs', 'outputs', 'bias'] as const satisfies (keyof Layer)[]) {
      if (own[name] !== wanted[name]) throw different(`${name} of layer ${own.name}`);
    }
    const activation = integerActivation(own.activation, spec.scales);
    if (canonicalJson(activation) !== canonicalJson(wanted.activation)) {
      throw different(`activation of layer ${own.name}`);
    }
  });
}

/**
 * Adapters in the same layers, of the same rank and alpha. Errors: `MODEL_DIFFERENT`.
 *
 * @example
 * requireSameAdapters(network, bundle.run.spec); // throws MODEL_DIFFERENT for another rank
 */
export function requireSameAdapters(
  { layers }: Pick<NetworkWeights, 'layers'>,
  { lora }: Pick<SgdSpec, 'lora'>,
): void {
  layers.forEach(({ name, adapter }, l) => {
    const wanted = lora?.adapters[l] ?? null;
    const own = adapter ? { rank: adapter.rank, alpha: adapter.alpha } : null;
    if (canonicalJson(own) !== canonicalJson(wanted)) {
      throw different(
        wanted && own ? `rank or alpha of layer ${name}` : `whether layer ${name} has an adapter`,
      );
    }
  });
}

/**
 * Errors: `MODEL_DIFFERENT`, always.
 *
 * @example
 * if (network.loss !== spec.loss) throw different('the loss');
 */
export function different(what: string): PotError {
  return new PotError('MODEL_DIFFERENT', `${what} of the model is not what was committed to`, {
    details: { tensor: what },
  });
}
