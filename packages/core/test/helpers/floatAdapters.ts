/** Small networks with adapters, trained step by step: by TensorFlow.js in float32, and by the integer oracle. */
import * as tf from '@tensorflow/tfjs';
import { numbers } from '../../../lora-circuit/test/cases.js';
import { type LoraOracleSpec, oracleLoraStep } from '../../../lora-circuit/test/oracle.js';
import { type OracleRule, oracleStates } from '../../../lora-circuit/test/oracleOptimizer.js';

/** A network 5-4-3 with adapters on both layers, and three batches that it is trained on in turn. */
export interface Network {
  spec: LoraOracleSpec;
  /** Kernels `[outputs][inputs]` and biases, layer by layer. */
  base: { kernel: number[]; bias: number[] }[];
  /** A `[rank][inputs]` and B `[outputs][rank]`, layer by layer. */
  adapters: { A: number[]; B: number[] }[];
  batches: { x: number[][]; y: number[][] }[];
}

const OUTPUTS = 3;

export function network(
  seed: number,
  loss: LoraOracleSpec['loss'],
  scales: LoraOracleSpec['scales'],
): Network {
  const next = numbers(seed);
  // Multiples of 2^-10, which float32 and every scale used here hold exactly.
  const real = (size: number) => Math.round(((next(2001) - 1000) / 1000) * size * 1024) / 1024;
  const values = (count: number, size = 0.7) => Array.from({ length: count }, () => real(size));
  const spec: LoraOracleSpec = {
    layers: [
      { inputs: 5, outputs: 4, activation: 'relu', bias: true },
      {
        inputs: 4,
        outputs: OUTPUTS,
        activation: loss === 'meanSquaredError' ? 'linear' : 'softmax',
        bias: true,
      },
    ],
    loss,
    batch: 4,
    scales,
    lora: {
      adapters: [
        { rank: 2, alpha: 6 },
        { rank: 2, alpha: 1 },
      ],
      baseBits: scales.a + scales.d,
      local: false,
    },
  };
  return {
    spec,
    base: spec.layers.map(({ inputs, outputs }) => ({
      kernel: values(inputs * outputs),
      bias: values(outputs, 0.3),
    })),
    adapters: spec.layers.map(({ inputs, outputs }) => ({ A: values(2 * inputs), B: values(2 * outputs) })),
    batches: [0, 1, 2].map(() => ({
      x: Array.from({ length: 4 }, () => values(5, 1)),
      y: Array.from({ length: 4 }, () => {
        if (loss === 'meanSquaredError') return values(OUTPUTS, 2);
        const hot = next(OUTPUTS);
        return [0, 1, 2].map((i) => (i === hot ? 1 : 0));
      }),
    })),
  };
}

/** All A and B after each of `steps` steps by the oracle, as floats. */
export function byOracle(
  net: Network,
  optimizer: OracleRule | undefined,
  eta: bigint,
  steps: number,
): number[] {
  const { spec, base, adapters, batches } = net;
  const { a, d, e } = spec.scales;
  const w = 2 ** (a + d + e);
  const withRule = { ...spec, lora: { ...spec.lora, ...(optimizer && { optimizer }) } };
  const integers = (v: readonly number[], scale: number) => v.map((x) => BigInt(Math.round(x * scale)));
  const factor = (l: number) => spec.lora.adapters[l]!.alpha / spec.lora.adapters[l]!.rank;
  const weights = adapters.flatMap(({ A, B }, l) => [
    ...integers(A, w),
    ...integers(
      B.map((v) => v * factor(l)),
      w,
    ),
  ]);
  const frozen = base.flatMap(({ kernel, bias }) => integers([...kernel, ...bias], 2 ** spec.lora.baseBits));
  let flat = [...weights, ...weights.flatMap(() => Array<bigint>(oracleStates(optimizer)).fill(0n))];
  const one = spec.loss === 'meanSquaredError' ? 2 ** a : 1;
  for (let t = 0; t < steps; t++) {
    const { x, y } = batches[t % batches.length]!;
    flat = oracleLoraStep(
      withRule,
      flat,
      frozen,
      x.map((row) => integers(row, 2 ** a)),
      y.map((row) => integers(row, one)),
      eta,
      BigInt(t),
    ).weights;
  }
  const floats = flat.map((v) => Number(v) / w);
  let at = 0;
  return adapters.flatMap(({ A, B }, l) => {
    const from = at;
    at += A.length + B.length;
    return [
      ...floats.slice(from, from + A.length),
      ...floats.slice(from + A.length, at).map((v) => v / factor(l)),
    ];
  });
}

/** What a step does with the variables A, B, A, B, given their gradients by name; `t` from 1. */
export type Update = (variables: tf.Variable[], gradients: tf.NamedTensorMap, t: number) => void;

/**
 * All A and B after `steps` steps with TensorFlow.js's own gradients; and the smallest |z| that a ReLU saw: close to a kink
 * float32 and integers may be on different sides of it.
 */
export function byTensorFlow(
  net: Network,
  update: Update,
  steps: number,
): { weights: number[]; kink: number } {
  const { spec, base, adapters, batches } = net;
  let kink = Number.POSITIVE_INFINITY;
  const weights = tf.tidy(() => {
    const kernels = base.map(({ kernel }, l) =>
      tf.tensor2d(kernel, [spec.layers[l]!.outputs, spec.layers[l]!.inputs]),
    );
    const variables = adapters.flatMap(({ A, B }, l) => [
      tf.variable(tf.tensor2d(A, [2, spec.layers[l]!.inputs])),
      tf.variable(tf.tensor2d(B, [spec.layers[l]!.outputs, 2])),
    ]);
    const logits = (x: tf.Tensor2D) =>
      spec.layers.reduce<tf.Tensor2D>((h, layer, l) => {
        const [A, B] = [variables[2 * l] as tf.Tensor2D & tf.Variable, variables[2 * l + 1]!];
        const { rank, alpha } = spec.lora.adapters[l]!;
        const low = tf.matMul(tf.matMul(h, A, false, true), B as tf.Tensor2D, false, true).mul(alpha / rank);
        const z = tf.matMul(h, kernels[l]!, false, true).add(low).add(tf.tensor1d(base[l]!.bias));
        if (layer.activation !== 'relu') return z as tf.Tensor2D;
        kink = Math.min(kink, ...z.dataSync().map(Math.abs));
        return z.relu() as tf.Tensor2D;
      }, x);
    for (let t = 1; t <= steps; t++) {
      const batch = batches[(t - 1) % batches.length]!;
      const [x, y] = [tf.tensor2d(batch.x), tf.tensor2d(batch.y)];
      const { grads } = tf.variableGrads(
        () =>
          (spec.loss === 'meanSquaredError'
            ? tf.losses.meanSquaredError(y, logits(x))
            : tf.losses.softmaxCrossEntropy(y, logits(x))) as tf.Scalar,
        variables,
      );
      update(variables, grads, t);
    }
    const result = variables.flatMap((v) => [...v.dataSync()]);
    for (const v of variables) v.dispose();
    return result;
  });
  return { weights, kink };
}
