/**
 * The oracle: one integer SGD step, written as slowly and as plainly as possible from docs/protocol/protocol.md section 2.
 * It shares no code with the Rust executor or the circuit; the three must agree bit for bit.
 */
import { expHigh, expLow } from './oracle-exp.js';

/** The part of an SgdSpec that decides what a step computes. */
export interface OracleSpec {
  layers: { inputs: number; outputs: number; activation: 'relu' | 'linear' | 'softmax'; bias: boolean }[];
  loss: 'meanSquaredError' | 'softmaxCrossEntropy';
  batch: number;
  scales: { a: number; d: number; e: number; b: number; p: number };
}

/** A value left the range that the circuit can prove. */
export class OracleRange extends Error {}

/** What one step computed; `weights` in the flat order of docs/protocol/protocol.md. */
export interface OracleResult {
  weights: bigint[];
  /** [sample][output], scale a */
  logits: bigint[][];
  /** [sample][output], scale d */
  outputDelta: bigint[][];
}

interface Layer {
  kernel: bigint[][];
  bias: bigint[];
}

/** floor((v + 2^(s-1)) / 2^s): half rounds up, also for negative numbers. */
export function roundShift(v: bigint, s: number): bigint {
  if (s < 1) throw new Error('shift must be positive');
  const divisor = 1n << BigInt(s);
  return floorDiv(v + divisor / 2n, divisor);
}

/** Mathematical floor of a quotient by a positive divisor. */
export function floorDiv(v: bigint, divisor: bigint): bigint {
  const quotient = v / divisor;
  return v % divisor < 0n ? quotient - 1n : quotient;
}

function unflatten(spec: OracleSpec, flat: bigint[]): Layer[] {
  let next = 0;
  const take = () => {
    const value = flat[next];
    if (value === undefined) throw new Error('too few weights');
    next += 1;
    return value;
  };
  const layers = spec.layers.map((layer) => ({
    kernel: Array.from({ length: layer.outputs }, () => Array.from({ length: layer.inputs }, take)),
    bias: layer.bias ? Array.from({ length: layer.outputs }, take) : [],
  }));
  if (next !== flat.length) throw new Error('too many weights');
  return layers;
}

function flatten(layers: Layer[]): bigint[] {
  return layers.flatMap((layer) => [...layer.kernel.flat(), ...layer.bias]);
}

/** The forward pass: h[l] is the input of layer l, z[l] its rounded pre-activation. */
function forward(spec: OracleSpec, weights: Layer[], x: bigint[][]): { h: bigint[][][]; z: bigint[][][] } {
  const { a, d, e, b } = spec.scales;
  const w = a + d + e;
  const h = [x];
  const z: bigint[][][] = [];
  spec.layers.forEach((layer, l) => {
    const last = l === spec.layers.length - 1;
    const input = h[l] as bigint[][];
    const { kernel, bias } = weights[l] as Layer;
    const rows = input.map((sample) =>
      kernel.map((row, i) => {
        let raw = layer.bias ? (1n << BigInt(a)) * (bias[i] as bigint) : 0n;
        row.forEach((value, j) => {
          raw += value * (sample[j] as bigint);
        });
        const value = roundShift(raw, w);
        const inRange = last
          ? value >= -(1n << BigInt(2 * b - 1)) && value < 1n << BigInt(2 * b - 1)
          : value > -(1n << BigInt(2 * b)) && value <= 1n << BigInt(2 * b);
        if (!inRange) throw new OracleRange(`z of layer ${l}`);
        return value;
      }),
    );
    z.push(rows);
    if (!last) h.push(rows.map((row) => row.map((v) => (layer.activation === 'relu' && v < 0n ? 0n : v))));
  });
  return { h, z };
}

/** The softmax cross-entropy's delta of one sample: q - 2^d y with q = round(2^d softmax(z)). */
export function softmaxDelta(spec: OracleSpec, z: bigint[], y: bigint[]): bigint[] {
  const { a, d, b, p } = spec.scales;
  const max = z.reduce((m, v) => (v > m ? v : m));
  const low = 1n << BigInt(a - 2);
  const exps = z.map((v) => {
    const t = max - v;
    const hi = t / low;
    if (hi >= 1n << BigInt(b)) throw new OracleRange('logits too far apart');
    return expHigh(p, hi) * expLow(p, a, t % low);
  });
  const sum = exps.reduce((s, v) => s + v, 0n);
  return exps.map(
    (v, i) => ((1n << BigInt(d + 1)) * v + sum) / (2n * sum) - (1n << BigInt(d)) * (y[i] as bigint),
  );
}

function outputDelta(spec: OracleSpec, logits: bigint[][], y: bigint[][]): bigint[][] {
  const { a, d } = spec.scales;
  return logits.map((z, sample) => {
    const label = y[sample] as bigint[];
    if (spec.loss === 'softmaxCrossEntropy') return softmaxDelta(spec, z, label);
    return z.map((v, i) => (1n << BigInt(d - a)) * (v - (label[i] as bigint)));
  });
}

/** The delta of the layer below layer `l`, whose own delta is `delta` and whose input came from `below`'s z. */
function backward(
  spec: OracleSpec,
  l: number,
  kernel: bigint[][],
  delta: bigint[][],
  below: bigint[][],
): bigint[][] {
  const { a, d, e, b } = spec.scales;
  const limit = 1n << BigInt(2 * b - 1);
  const relu = spec.layers[l - 1]?.activation === 'relu';
  return delta.map((row, sample) =>
    (below[sample] as bigint[]).map((z, j) => {
      let raw = 0n;
      row.forEach((value, i) => {
        raw += ((kernel[i] as bigint[])[j] as bigint) * value;
      });
      const g = roundShift(raw, a + d + e);
      if (g < -limit || g >= limit) throw new OracleRange(`gradient into layer ${l - 1}`);
      return relu && z <= 0n ? 0n : g;
    }),
  );
}

/**
 * One SGD step.
 *
 * @param flat weights in the flat order, scale w
 * @param x data, [sample][input], scale a
 * @param y labels, [sample][output]: scale a for mean squared error, one-hot 0/1 for softmax cross-entropy
 * @param eta integer learning rate
 * @throws OracleRange when z, g or the logits leave the provable range
 */
export function oracleStep(
  spec: OracleSpec,
  flat: bigint[],
  x: bigint[][],
  y: bigint[][],
  eta: bigint,
): OracleResult {
  const before = unflatten(spec, flat);
  const { h, z } = forward(spec, before, x);
  const logits = z[z.length - 1] as bigint[][];
  const top = outputDelta(spec, logits, y);
  const after = unflatten(spec, flat);
  let delta = top;
  for (let l = spec.layers.length - 1; l >= 0; l -= 1) {
    const input = h[l] as bigint[][];
    const target = after[l] as Layer;
    delta.forEach((row, sample) => {
      row.forEach((value, i) => {
        const kernelRow = target.kernel[i] as bigint[];
        (input[sample] as bigint[]).forEach((cell, j) => {
          kernelRow[j] = (kernelRow[j] as bigint) - eta * value * cell;
        });
        if (spec.layers[l]?.bias) {
          target.bias[i] = (target.bias[i] as bigint) - eta * (1n << BigInt(spec.scales.a)) * value;
        }
      });
    });
    if (l > 0) delta = backward(spec, l, (before[l] as Layer).kernel, delta, z[l - 1] as bigint[][]);
  }
  return { weights: flatten(after), logits, outputDelta: top };
}

/** The forward pass alone: output-layer z, [sample][output], scale a. */
export function oraclePredict(spec: OracleSpec, flat: bigint[], x: bigint[][]): bigint[][] {
  const { z } = forward(spec, unflatten(spec, flat), x);
  return z[z.length - 1] as bigint[][];
}
