/**
 * The oracle for adapters: one integer step, as slow and plain as possible, written from docs/operators/lora.md alone.
 * Rounding and the softmax's delta are the SGD oracle's; it shares no code with the Rust executor or the circuit.
 * The gradient is computed here, what it does to a weight in oracleOptimizer.ts.
 */
import { OracleRange, type OracleSpec, roundShift, softmaxDelta } from '../../sgd-circuit/test/oracle.js';
import { OracleRate, type OracleRule, oracleUpdate, type TrainedWeight } from './oracleOptimizer.js';

export { OracleRate };

/** The part of a specification with adapters that decides what a step computes. */
export interface LoraOracleSpec extends OracleSpec {
  lora: {
    adapters: ({ rank: number; alpha: number } | null)[];
    baseBits: number;
    local: boolean;
    optimizer?: OracleRule;
  };
}

/** What one step computed. */
export interface LoraOracleResult {
  /** The checkpoint in the flat order: of each adapter A, then B' = alpha/rank B; then the optimiser's state. */
  weights: bigint[];
  /** Output layer's z, [sample][output], scale a. */
  logits: bigint[][];
}

/** [row][column] */
type Matrix = bigint[][];
/** A [rank][inputs] and B' [outputs][rank], scale w. */
interface Adapter {
  a: Matrix;
  b: Matrix;
}
/** W [outputs][inputs] and bias, scale baseBits. */
interface Frozen {
  kernel: Matrix;
  bias: bigint[];
}

/** Hands out a flat list in order. */
function reader(flat: readonly bigint[], what: string) {
  let next = 0;
  const take = () => {
    const value = flat[next];
    if (value === undefined) throw new Error(`too few ${what}`);
    next += 1;
    return value;
  };
  return {
    vector: (length: number) => Array.from({ length }, take),
    matrix: (rows: number, columns: number) =>
      Array.from({ length: rows }, () => Array.from({ length: columns }, take)),
    end: () => {
      if (next !== flat.length) throw new Error(`too many ${what}`);
    },
  };
}

/** The weights of a checkpoint, without the state that follows them. */
function weightsOf({ layers, lora }: LoraOracleSpec, flat: readonly bigint[]): readonly bigint[] {
  const counts = layers.map((l, n) => (lora.adapters[n]?.rank ?? 0) * (l.inputs + l.outputs));
  return lora.optimizer
    ? flat.slice(
        0,
        counts.reduce((sum, v) => sum + v, 0),
      )
    : flat;
}

function readAdapters(spec: LoraOracleSpec, flat: readonly bigint[]): (Adapter | null)[] {
  const from = reader(weightsOf(spec, flat), 'weights');
  const adapters = spec.layers.map(({ inputs, outputs }, l) => {
    const shape = spec.lora.adapters[l];
    return shape ? { a: from.matrix(shape.rank, inputs), b: from.matrix(outputs, shape.rank) } : null;
  });
  from.end();
  return adapters;
}

function readBase(spec: LoraOracleSpec, flat: readonly bigint[]): Frozen[] {
  const from = reader(flat, 'base weights');
  const layers = spec.layers.map(({ inputs, outputs, bias }) => ({
    kernel: from.matrix(outputs, inputs),
    bias: from.vector(bias ? outputs : 0),
  }));
  from.end();
  return layers;
}

const dot = (p: readonly bigint[], q: readonly bigint[]) =>
  p.reduce((sum, value, n) => sum + value * (q[n] as bigint), 0n);
const column = (m: Matrix, j: number) => m.map((row) => row[j] as bigint);
const weightBits = ({ scales: { a, d, e } }: OracleSpec) => a + d + e;

/** A value of the forward pass that is no output: -2^(2b) < v <= 2^(2b). */
function hiddenRange(spec: OracleSpec, v: bigint, what: string): bigint {
  const limit = 1n << BigInt(2 * spec.scales.b);
  if (v <= -limit || v > limit) throw new OracleRange(what);
  return v;
}

/** An output, or a value of the backward pass: -2^(2b-1) <= v < 2^(2b-1). */
function signedRange(spec: OracleSpec, v: bigint, what: string): bigint {
  const limit = 1n << BigInt(2 * spec.scales.b - 1);
  if (v < -limit || v >= limit) throw new OracleRange(what);
  return v;
}

/** h1 = round(A h, w) of one sample. */
function down(spec: LoraOracleSpec, { a }: Adapter, h: readonly bigint[]): bigint[] {
  return a.map((row) => hiddenRange(spec, roundShift(dot(row, h), weightBits(spec)), 'h1'));
}

/** g1 = round(B'^T delta, w) of one sample. */
function up(spec: LoraOracleSpec, { a, b }: Adapter, delta: readonly bigint[]): bigint[] {
  return a.map((_, r) => signedRange(spec, roundShift(dot(column(b, r), delta), weightBits(spec)), 'g1'));
}

/** One sample, as a layer with an adapter sees it. */
interface Sample {
  x: readonly bigint[];
  h1: readonly bigint[];
  g1: readonly bigint[];
  delta: readonly bigint[];
}

/** G of an adapter's A, sum g1 x^T, then of its B', sum delta h1^T, row by row. */
function gradients(spec: LoraOracleSpec, l: number, adapter: Adapter, samples: Sample[]): TrainedWeight[] {
  const shape = spec.lora.adapters[l] as { rank: number; alpha: number };
  const sum = (pick: (s: Sample) => bigint) => samples.reduce((total, s) => total + pick(s), 0n);
  return [
    ...adapter.a.flatMap((row, r) =>
      row.map((_, j) => ({
        ...shape,
        matrix: 'A' as const,
        gradient: sum((s) => (s.g1[r] as bigint) * (s.x[j] as bigint)),
      })),
    ),
    ...adapter.b.flatMap((row, i) =>
      row.map((_, r) => ({
        ...shape,
        matrix: 'B' as const,
        gradient: sum((s) => (s.delta[i] as bigint) * (s.h1[r] as bigint)),
      })),
    ),
  ];
}

/** The rate of a layer's B'. Errors where it is no integer below 2^17. */
export function oracleEtaB({ lora }: LoraOracleSpec, l: number, eta: bigint): bigint {
  const { rank, alpha } = lora.adapters[l] as { rank: number; alpha: number };
  const numerator = eta * BigInt(alpha * alpha);
  const denominator = BigInt(rank * rank);
  if (numerator % denominator !== 0n) throw new OracleRate('etaB is no integer');
  const etaB = numerator / denominator;
  if (etaB < 1n || etaB >= 1n << 17n) throw new OracleRate('etaB out of range');
  return etaB;
}

/** A rate that some adapter cannot have is refused before anything is computed. */
function requireRates(spec: LoraOracleSpec, eta: bigint): void {
  // Adam's rates are other ones, and are multiples of what makes them integers.
  if (spec.lora.optimizer?.rule === 'adam') return;
  spec.lora.adapters.forEach((adapter, l) => {
    if (adapter) oracleEtaB(spec, l, eta);
  });
}

/** The forward pass: h[l] is the input of layer l, h1[l] what its A makes of it, z[l] its rounded pre-activation. */
function forward(spec: LoraOracleSpec, adapters: (Adapter | null)[], base: Frozen[], x: Matrix) {
  const w = weightBits(spec);
  const lift = 1n << BigInt(w - spec.lora.baseBits);
  const a = 1n << BigInt(spec.scales.a);
  const h = [x];
  const h1: Matrix[] = [];
  const z: Matrix[] = [];
  spec.layers.forEach((layer, l) => {
    const last = l === spec.layers.length - 1;
    const adapter = adapters[l];
    const { kernel, bias } = base[l] as Frozen;
    h1.push((h[l] as Matrix).map((sample) => (adapter ? down(spec, adapter, sample) : [])));
    const rows = (h[l] as Matrix).map((sample, n) =>
      kernel.map((row, i) => {
        const frozen = dot(row, sample) + a * (bias[i] ?? 0n);
        const low = adapter ? dot(adapter.b[i] as bigint[], (h1[l] as Matrix)[n] as bigint[]) : 0n;
        const value = roundShift(lift * frozen + low, w);
        return last ? signedRange(spec, value, 'output') : hiddenRange(spec, value, `z of layer ${l}`);
      }),
    );
    z.push(rows);
    if (!last) h.push(rows.map((row) => row.map((v) => (layer.activation === 'relu' && v < 0n ? 0n : v))));
  });
  return { h, h1, z };
}

function outputDelta(spec: LoraOracleSpec, logits: Matrix, y: Matrix): Matrix {
  const { a, d } = spec.scales;
  return logits.map((z, n) =>
    spec.loss === 'softmaxCrossEntropy'
      ? softmaxDelta(spec, z, y[n] as bigint[])
      : z.map((v, i) => (1n << BigInt(d - a)) * (v - (y[n]?.[i] as bigint))),
  );
}

/**
 * One step of the adapters over a frozen base.
 *
 * @param flat adapters in the flat order, scale w; then the optimiser's state
 * @param baseFlat for each layer W [outputs][inputs], then the bias; scale baseBits
 * @param x data, [sample][input], scale a
 * @param y labels, [sample][output]: scale a for mean squared error, one-hot 0/1 for softmax cross-entropy
 * @param eta integer learning rate
 * @param number of the step, from 0
 * @throws OracleRange when z, h1, g, g1, the logits or a value of the update leave the provable range; OracleRate
 */
export function oracleLoraStep(
  spec: LoraOracleSpec,
  flat: readonly bigint[],
  baseFlat: readonly bigint[],
  x: Matrix,
  y: Matrix,
  eta: bigint,
  number = 0n,
): LoraOracleResult {
  requireRates(spec, eta);
  const adapters = readAdapters(spec, flat);
  const base = readBase(spec, baseFlat);
  const { h, h1, z } = forward(spec, adapters, base, x);
  const logits = z[z.length - 1] as Matrix;
  const lift = 1n << BigInt(weightBits(spec) - spec.lora.baseBits);
  const lowest = adapters.findIndex((v) => v !== null);
  // From the last layer to the first; the flat order is the other one.
  let trained: TrainedWeight[] = [];
  let delta = outputDelta(spec, logits, y);
  for (let l = spec.layers.length - 1; l >= lowest; l -= 1) {
    const adapter = adapters[l];
    const g1 = delta.map((row) => (adapter ? up(spec, adapter, row) : []));
    if (adapter) {
      const samples = delta.map((row, n) => ({
        x: (h[l] as Matrix)[n] as bigint[],
        h1: (h1[l] as Matrix)[n] as bigint[],
        g1: g1[n] as bigint[],
        delta: row,
      }));
      trained = [...gradients(spec, l, adapter, samples), ...trained];
    }
    if (l === lowest) break;
    const { kernel } = base[l] as Frozen;
    const relu = spec.layers[l - 1]?.activation === 'relu';
    delta = delta.map((row, n) =>
      ((z[l - 1] as Matrix)[n] as bigint[]).map((below, j) => {
        const frozen = lift * dot(column(kernel, j), row);
        const low = adapter ? dot(column(adapter.a, j), g1[n] as bigint[]) : 0n;
        const g = signedRange(
          spec,
          roundShift(frozen + low, weightBits(spec)),
          `gradient into layer ${l - 1}`,
        );
        return relu && below <= 0n ? 0n : g;
      }),
    );
  }
  return { weights: oracleUpdate(spec, flat, trained, eta, number), logits };
}

/** The forward pass alone: the output layer's z, [sample][output], scale a. */
export function oracleLoraPredict(
  spec: LoraOracleSpec,
  flat: readonly bigint[],
  baseFlat: readonly bigint[],
  x: Matrix,
): Matrix {
  const { z } = forward(spec, readAdapters(spec, flat), readBase(spec, baseFlat), x);
  return z[z.length - 1] as Matrix;
}

/**
 * One layer-local step: the adapter's update, with the layer's input and the gradient with respect to its output
 * taken as given.
 *
 * @param x the layer's input, [sample][input], scale a
 * @param delta the gradient, [sample][output], scale d
 * @param number of the step, from 0
 * @throws OracleRange when delta, h1, g1 or a value of the update leave the provable range; OracleRate
 */
export function oracleLocalStep(
  spec: LoraOracleSpec,
  flat: readonly bigint[],
  x: Matrix,
  delta: Matrix,
  eta: bigint,
  number = 0n,
): bigint[] {
  requireRates(spec, eta);
  const adapter = readAdapters(spec, flat)[0] as Adapter;
  for (const value of delta.flat()) signedRange(spec, value, 'given gradient');
  const samples = x.map((row, n) => ({
    x: row,
    h1: down(spec, adapter, row),
    g1: up(spec, adapter, delta[n] as bigint[]),
    delta: delta[n] as bigint[],
  }));
  return oracleUpdate(spec, flat, gradients(spec, 0, adapter, samples), eta, number);
}
