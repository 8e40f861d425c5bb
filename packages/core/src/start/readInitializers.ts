import type { SeedStart } from '@proof-of-training/verifier/run';
import { type Initializer, initializerSchema } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import { denseLayers } from '../record/layers.js';
import { isLoraDense } from '../record/loraLayer.js';
import type { Tf } from '../record/tfjs.js';
import { originOf } from './adapterStarts.js';

/** A model's initialisers, or why there are none that a public seed can stand for. */
export type FoundInitializers =
  | { start: SeedStart; seeded: boolean }
  /** What of the model no public seed can make. */
  | { reason: string };

interface TfInitializer {
  getConfig(): Record<string, unknown>;
}

/**
 * The initialisers of a model's dense layers. They are known by their class, never by their name.
 *
 * `seeded`: one of them has a seed of its own, so that whoever made the model wants these weights and no others.
 */
export function readInitializers(tf: Tf, model: LayersModel): FoundInitializers {
  if (model.layers.some(isLoraDense)) return readAdapters(model);
  let seeded = false;
  const layers: SeedStart['layers'] = [];
  for (const { name, source, shape } of denseLayers(model)) {
    const own = source as unknown as { kernelInitializer?: object; biasInitializer?: object };
    const kernel = known(tf, own.kernelInitializer);
    const bias = shape.bias ? known(tf, own.biasInitializer) : undefined;
    if (!kernel || (shape.bias && !bias)) {
      return { reason: `layer ${name} has an initialiser that is not known here` };
    }
    for (const i of [own.kernelInitializer, shape.bias ? own.biasInitializer : undefined]) {
      const seed = (i as TfInitializer | undefined)?.getConfig().seed;
      seeded ||= seed !== undefined && seed !== null;
    }
    layers.push({ kernel, ...(bias && { bias }) });
  }
  return { start: { kind: 'seed', layers }, seeded };
}

/** Of adapters: those that `applyLora` made in this process; whatever a base was made by, it is not trained. */
function readAdapters(model: LayersModel): FoundInitializers {
  let seeded = false;
  const layers: SeedStart['layers'] = [];
  for (const { name, source, adapter } of denseLayers(model)) {
    const origin = adapter && originOf(source);
    if (adapter && !origin) return { reason: `how the adapter of layer ${name} was made is not known here` };
    seeded ||= origin?.seeded ?? false;
    layers.push(origin ? { A: origin.initializer } : null);
  }
  return { start: { kind: 'seed', layers }, seeded };
}

type Reader = (config: Record<string, unknown>) => unknown;

const readers = new WeakMap<object, Map<unknown, Reader>>();

function readersOf(tf: Tf): Map<unknown, Reader> {
  let found = readers.get(tf);
  if (found) return found;
  const i = tf.initializers;
  const scaling: Reader = ({ scale, mode, distribution }) => ({
    kind: 'varianceScaling',
    scale,
    mode,
    distribution,
  });
  found = new Map<unknown, Reader>([
    [i.zeros().constructor, () => ({ kind: 'constant', value: 0 })],
    [i.ones().constructor, () => ({ kind: 'constant', value: 1 })],
    [i.constant({ value: 0 }).constructor, ({ value }) => ({ kind: 'constant', value })],
    [
      i.randomUniform({}).constructor,
      ({ minval, maxval }) => ({ kind: 'uniform', min: minval, max: maxval }),
    ],
    [i.randomNormal({ stddev: 1 }).constructor, ({ mean, stddev }) => ({ kind: 'normal', mean, stddev })],
    [
      i.truncatedNormal({ stddev: 1 }).constructor,
      ({ mean, stddev }) => ({ kind: 'truncatedNormal', mean, stddev }),
    ],
    [i.varianceScaling({ scale: 1, mode: 'fanIn', distribution: 'normal' }).constructor, scaling],
    ...[i.glorotUniform, i.glorotNormal, i.heUniform, i.heNormal, i.leCunUniform, i.leCunNormal].map(
      (make) => [make({}).constructor, scaling] as [unknown, Reader],
    ),
  ]);
  readers.set(tf, found);
  return found;
}

function known(tf: Tf, initializer: object | undefined): Initializer | undefined {
  if (!initializer || Object.hasOwn(initializer, 'apply')) return undefined;
  const reader = readersOf(tf).get(initializer.constructor);
  const parsed = initializerSchema.safeParse(reader?.((initializer as TfInitializer).getConfig()));
  return parsed.success ? parsed.data : undefined;
}
