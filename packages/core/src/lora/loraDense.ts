import type * as tfjs from '@tensorflow/tfjs';
import { type LayerWeight, LORA_DENSE, type LoraDense } from '../record/loraLayer.js';

/** TensorFlow.js, however it was imported. */
export type Tf = Omit<typeof tfjs, 'default'>;
type LayerArgs = ConstructorParameters<Tf['layers']['Layer']>[0];
type Shape = (number | null)[];

/** Configuration of a layer, as `model.save` writes it. */
export type LoraDenseArgs = LayerArgs & {
  units: number;
  rank: number;
  alpha: number;
  activation?: string;
  useBias?: boolean;
  merged?: boolean;
};

export type LoraDenseClass = (new (args: LoraDenseArgs) => LoraDense) & { className: string };

const classes = new WeakMap<object, LoraDenseClass>();

/**
 * The layer class for one copy of TensorFlow.js, registered with it: `tf.loadLayersModel` then reads saved models
 * with adapters.
 */
export function loraDenseClass(tf: Tf): LoraDenseClass {
  let known = classes.get(tf.layers.Layer);
  if (!known) {
    known = makeClass(tf);
    classes.set(tf.layers.Layer, known);
    tf.serialization.registerClass(
      known as unknown as Parameters<Tf['serialization']['registerClass']>[0],
      'proof-of-training',
    );
  }
  return known;
}

function makeClass(tf: Tf): LoraDenseClass {
  const zeros = tf.initializers.zeros();

  class LoraDenseLayer extends settingsClass(tf) {
    static readonly className = 'LoraDense';

    override build(shape: Shape | Shape[]): void {
      const inputs = lastOf(shape);
      const add = (name: string, size: number[], trainable: boolean): LayerWeight =>
        this.addWeight(name, size, 'float32', zeros, undefined, trainable);
      // The adapter's weights are the layer's trainable ones, so they come first in getWeights().
      this.loraA = add('lora_a', [this.rank, inputs], true);
      this.loraB = add('lora_b', [this.units, this.rank], true);
      this.kernel = add('kernel', [inputs, this.units], false);
      if (this.useBias) this.bias = add('bias', [this.units], false);
      this.built = true;
    }

    override computeOutputShape(shape: Shape | Shape[]): Shape {
      const one = (Array.isArray(shape[0]) ? shape[0] : shape) as Shape;
      return [...one.slice(0, -1), this.units];
    }

    override call(inputs: tfjs.Tensor | tfjs.Tensor[]): tfjs.Tensor {
      return tf.tidy(() => {
        const input = (Array.isArray(inputs) ? inputs[0] : inputs)!;
        const rows = input.reshape([-1, input.shape[input.shape.length - 1]!]) as tfjs.Tensor2D;
        let z: tfjs.Tensor = tf.matMul(rows, this.kernel!.read());
        if (this.bias) z = z.add(this.bias.read());
        if (!this.merged) {
          const low = tf.matMul(rows, this.loraA!.read(), false, true);
          z = z.add(tf.matMul(low, this.loraB!.read(), false, true).mul(this.alpha / this.rank));
        }
        return this.activate.call(z.reshape([...input.shape.slice(0, -1), this.units]), {}) as tfjs.Tensor;
      });
    }

    merge(): void {
      if (this.merged) return;
      tf.tidy(() => {
        this.kernel!.write(mergedKernel(tf, this as unknown as LoraDense));
      });
      this.merged = true;
    }
  }

  return LoraDenseLayer as unknown as LoraDenseClass;
}

/** A layer's settings, read from its configuration and written back, and its weights, which it does not have yet. */
function settingsClass(tf: Tf) {
  return class extends tf.layers.Layer {
    readonly [LORA_DENSE] = true;
    readonly units: number;
    readonly rank: number;
    readonly alpha: number;
    merged: boolean;
    kernel?: LayerWeight;
    bias?: LayerWeight;
    loraA?: LayerWeight;
    loraB?: LayerWeight;
    readonly useBias: boolean;
    readonly activation: string;
    readonly activate: tfjs.layers.Layer;

    constructor(args: LoraDenseArgs) {
      super(args);
      this.units = args.units;
      this.rank = args.rank;
      this.alpha = args.alpha;
      this.useBias = args.useBias ?? true;
      this.activation = args.activation ?? 'linear';
      this.merged = args.merged ?? false;
      this.activate = tf.layers.activation({ activation: this.activation as 'linear' });
      this.supportsMasking = true;
    }

    override getConfig(): tfjs.serialization.ConfigDict {
      const { units, rank, alpha, activation, useBias, merged } = this;
      return { ...super.getConfig(), units, rank, alpha, activation, useBias, merged };
    }
  };
}

/** `W + (alpha/rank) (B A)` as a kernel `[inputs, outputs]`; the kernel itself where it is merged already. */
export function mergedKernel(tf: Tf, layer: LoraDense): tfjs.Tensor {
  const kernel = layer.kernel!.read();
  if (layer.merged) return kernel;
  return tf.tidy(() =>
    kernel.add(tf.matMul(layer.loraA!.read(), layer.loraB!.read(), true, true).mul(layer.alpha / layer.rank)),
  );
}

function lastOf(shape: Shape | Shape[]): number {
  const one = (Array.isArray(shape[0]) ? shape[0] : shape) as Shape;
  return one[one.length - 1]!;
}
