/**
 * The optimisers of the oracle: what becomes of one trained weight and its state in one step, written from
 * docs/operators/optimizers.md alone. It shares no code with the Rust executor or the circuit.
 */
import { floorDiv, OracleRange, type OracleSpec, roundShift } from '../../sgd-circuit/test/oracle.js';

/** `lora.optimizer` of a specification. */
export type OracleRule =
  | { rule: 'sgd'; decay: number }
  | { rule: 'momentum'; momentum: number; decay: number }
  | { rule: 'adam'; beta1: number; beta2: number; epsilon: number; decay: number };

/** A trained weight: the adapter that it is of, which matrix, and G at scale a + d. */
export interface TrainedWeight {
  rank: number;
  alpha: number;
  matrix: 'A' | 'B';
  gradient: bigint;
}

/** The part of a specification that decides on an update. */
export type UpdateSpec = OracleSpec & {
  lora: { adapters: ({ rank: number; alpha: number } | null)[]; optimizer?: OracleRule };
};

/** A learning rate that some adapter cannot have. */
export class OracleRate extends Error {}

/** Values of state for each trained weight. */
export function oracleStates(optimizer: OracleRule | undefined): number {
  if (optimizer?.rule === 'adam') return 2;
  return optimizer?.rule === 'momentum' ? 1 : 0;
}

/**
 * All trained weights and their state after a step.
 *
 * @param flat the checkpoint: weights, then M of each; or weights, then m of each, then v of each
 * @param trained in the order of the weights
 * @param number of the step, from 0, counted from the run's first
 * @throws OracleRange where a value leaves the provable range; OracleRate
 */
export function oracleUpdate(
  spec: UpdateSpec,
  flat: readonly bigint[],
  trained: readonly TrainedWeight[],
  eta: bigint,
  number: bigint,
): bigint[] {
  const { optimizer } = spec.lora;
  const count = trained.length;
  if (flat.length !== count * (1 + oracleStates(optimizer))) throw new Error('no checkpoint of this length');
  const at = (part: number, n: number) => flat[part * count + n] as bigint;
  const weights = trained.map((_, n) => at(0, n) - decayed(spec, at(0, n)));
  const less = (n: number, t: TrainedWeight, rate: bigint, what: bigint) =>
    (weights[n] as bigint) - rateOf(optimizer, t, rate) * what;
  if (optimizer?.rule === 'adam') {
    const rate = oracleRate(spec, optimizer, eta, number + 1n);
    const moments = trained.map((t, n) => oracleMoments(spec, optimizer, at(1, n), at(2, n), t));
    return [
      ...moments.map(({ ratio }, n) => less(n, trained[n] as TrainedWeight, rate, ratio)),
      ...moments.map(({ m }) => m),
      ...moments.map(({ v }) => v),
    ];
  }
  if (optimizer?.rule === 'momentum') {
    const m = trained.map(({ gradient }, n) =>
      limbs(
        spec,
        roundShift(BigInt(optimizer.momentum) * at(1, n), spec.scales.b) + gradient,
        wide(spec),
        'M',
      ),
    );
    return [...trained.map((t, n) => less(n, t, eta, m[n] as bigint)), ...m];
  }
  return trained.map((t, n) => less(n, t, eta, t.gradient));
}

/** L: the limbs of a wide number. */
const wide = ({ scales: { b } }: OracleSpec) => Math.ceil(33 / b);

/** -2^(nb-1) <= v < 2^(nb-1). */
function limbs({ scales: { b } }: OracleSpec, v: bigint, n: number, what: string): bigint {
  const limit = 1n << BigInt(n * b - 1);
  if (v < -limit || v >= limit) throw new OracleRange(what);
  return v;
}

/** Q_d = round(decay W, 2b). */
function decayed(spec: UpdateSpec, weight: bigint): bigint {
  const decay = spec.lora.optimizer?.decay ?? 0;
  if (decay === 0) return 0n;
  return limbs(spec, roundShift(BigInt(decay) * weight, 2 * spec.scales.b), wide(spec), 'weight decay');
}

/** The rate of a weight, where A's is `rate`: B' moves by (alpha/rank)^2 as much, by Adam's ratio alpha/rank. */
function rateOf(optimizer: OracleRule | undefined, { rank, alpha, matrix }: TrainedWeight, rate: bigint) {
  if (matrix === 'A') return rate;
  const power = optimizer?.rule === 'adam' ? 1n : 2n;
  const [numerator, denominator] = [rate * BigInt(alpha) ** power, BigInt(rank) ** power];
  if (numerator % denominator !== 0n) throw new OracleRate("the rate of B' is no integer");
  return numerator / denominator;
}

type Adam = Extract<OracleRule, { rule: 'adam' }>;

/** Both moments after a step, and U. */
export function oracleMoments(spec: UpdateSpec, adam: Adam, m: bigint, v: bigint, t: TrainedWeight) {
  const { a, d, e, b } = spec.scales;
  const x = Math.max(24, a + d) - (a + d);
  const one = 1n << BigInt(b);
  const [beta1, beta2] = [BigInt(adam.beta1), BigInt(adam.beta2)];
  const gradient = t.gradient << BigInt(x);
  if (gradient >= 1n << 40n || gradient <= -(1n << 40n)) throw new OracleRange('gradient');
  const newM = limbs(spec, roundShift(beta1 * m + (one - beta1) * gradient, b), wide(spec), 'm');
  const newV = roundShift(beta2 * v + (one - beta2) * gradient * gradient, b);
  if (newV < 0n || newV >= 1n << 62n) throw new OracleRange('v');
  const divisor = oracleSqrt(newV) + epsilonOf(adam, t);
  if (2n * divisor >= 1n << BigInt(wide(spec) * b - 1)) throw new OracleRange('divisor');
  const ratio = floorDiv((newM << BigInt(e + 1)) + divisor, 2n * divisor);
  return { m: newM, v: newV, ratio: limbs(spec, ratio, Math.ceil(24 / b), 'U') };
}

/** B' has a gradient rank/alpha times B's, and so has its epsilon. */
function epsilonOf({ epsilon }: Adam, { rank, alpha, matrix }: TrainedWeight): bigint {
  if (matrix === 'A') return BigInt(epsilon);
  const scaled = BigInt(2 * epsilon * rank + alpha) / BigInt(2 * alpha);
  return scaled < 1n ? 1n : scaled;
}

/** The largest s with s^2 <= v, by halving the interval that has it. */
export function oracleSqrt(v: bigint): bigint {
  let low = 0n;
  let high = v + 1n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle * middle <= v) low = middle;
    else high = middle;
  }
  return low;
}

/** unit: the least common multiple of rank / gcd(rank, alpha). */
export function oracleUnit({ lora }: UpdateSpec): bigint {
  const parts = lora.adapters.flatMap((s) => (s ? [s.rank / gcd(s.rank, s.alpha)] : []));
  return BigInt(parts.reduce((lcm, part) => (lcm / gcd(lcm, part)) * part, 1));
}

const gcd = (p: number, q: number): number => (q === 0 ? p : gcd(q, p % q));

/** P: the unit of powers of beta. */
const ONE = 1n << 60n;

/** (f / 2^b)^t in units of 1 / P. */
export function oraclePower(f: number, b: number, t: bigint): bigint {
  let [acc, x, n] = [ONE, BigInt(f) << BigInt(60 - b), t];
  while (n > 0n) {
    if (n % 2n === 1n) acc = (acc * x) / ONE;
    x = (x * x) / ONE;
    n /= 2n;
  }
  return acc;
}

/** rate_t: the bias correction of both moments. @param t of the step, from 1 */
export function oracleRate(spec: UpdateSpec, { beta1, beta2 }: Adam, eta: bigint, t: bigint): bigint {
  const { b } = spec.scales;
  const unit = oracleUnit(spec);
  if (unit > 64n) throw new OracleRate('unit');
  const r = oracleSqrt((ONE - oraclePower(beta2, b, t)) * ONE);
  const c = (ONE - oraclePower(beta1, b, t)) * unit;
  return ((2n * eta * r + c) / (2n * c)) * unit;
}
