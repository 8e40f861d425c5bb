import type { FloatActivation } from '@proof-of-training/sgd-circuit';
import type { Link } from './chain.js';
import { activationOf } from './tfActivation.js';
import { unsupported } from './unsupported.js';

/** What a layer without weights does to the values of a sample: nothing, or what a Dense layer's activation does. */
export type PlainEffect = 'nothing' | { activation: FloatActivation };

/** The layers without weights that are taken. */
export const PLAIN = 'InputLayer, Flatten, Reshape, Activation, ReLU, LeakyReLU, ELU, Softmax';

type Config = Record<string, unknown>;

/** By class; `rank`: dimensions of a sample's values before it. */
const EFFECTS: Record<string, (link: Link, config: Config) => PlainEffect> = {
  InputLayer: () => 'nothing',
  // The values keep their order: rows of any shape are read flat.
  Reshape: () => 'nothing',
  Flatten: ({ layer, row }) => {
    // tfjs has it as a field alone.
    const { dataFormat } = layer as unknown as { dataFormat?: unknown };
    if (dataFormat === 'channelsFirst' && row.length > 1) {
      throw unsupported(
        'LAYER',
        `${nameOf(layer)} with dataFormat channelsFirst`,
        'Flatten that keeps the order',
      );
    }
    return 'nothing';
  },
  Activation: ({ layer }, { activation }) => ({ activation: activationOf(layer.name, activation) }),
  // Its alpha is 1: TensorFlow.js takes no other.
  ELU: () => ({ activation: { name: 'elu', alpha: 1 } }),
  LeakyReLU: ({ layer }, { alpha }) => {
    if (typeof alpha === 'number' && alpha > 0 && alpha <= 1)
      return { activation: { name: 'leakyRelu', alpha } };
    throw unsupported(
      'LAYER',
      `${nameOf(layer)} with alpha ${String(alpha)}`,
      'LeakyReLU with alpha above 0 and up to 1',
    );
  },
  ReLU: ({ layer }, { maxValue }) => {
    if (maxValue === undefined || maxValue === null) return { activation: 'relu' };
    throw unsupported('LAYER', `${nameOf(layer)} with maxValue`, 'ReLU without maxValue');
  },
  Softmax: ({ layer, row }, { axis }) => {
    if (axis === -1 || axis === row.length) return { activation: 'softmax' };
    throw unsupported('LAYER', `${nameOf(layer)} along axis ${String(axis)}`, 'Softmax along the last axis');
  },
};

/**
 * What a layer without weights does; undefined for any other layer.
 *
 * Errors: `UNSUPPORTED_LAYER` for one with settings that no circuit has.
 */
export function plainEffect(link: Link): PlainEffect | undefined {
  const kind = link.layer.getClassName();
  if (!Object.hasOwn(EFFECTS, kind)) return undefined;
  const effect = EFFECTS[kind]!(link, link.layer.getConfig() as Config);
  if (effect !== 'nothing' && effect.activation === 'softmax' && link.row.length > 1) {
    const row = link.row.join(', ');
    throw unsupported(
      'LAYER',
      `softmax of ${nameOf(link.layer)} on rows of shape [${row}]`,
      'softmax on vectors',
    );
  }
  return effect === 'nothing' || effect.activation === 'linear' ? 'nothing' : effect;
}

function nameOf(layer: Link['layer']): string {
  return `layer ${layer.name} (${layer.getClassName()})`;
}
