import type { FloatActivation } from '@proof-of-training/sgd-circuit';

/** A function of one value, with its slope there. */
export type Curve = (x: number) => readonly [value: number, slope: number];

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** `x Phi(x)`: Phi by the complement of the error function, within 2^-50 of it by its continued fraction or series. */
function gelu(x: number): [number, number] {
  const phi = normal(x);
  return [x * phi, phi + (x * Math.exp(-(x * x) / 2)) / Math.sqrt(2 * Math.PI)];
}

/** The normal distribution: a series near 0, a continued fraction beyond 3. */
function normal(x: number): number {
  const density = Math.exp(-(x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (Math.abs(x) > 3) {
    let fraction = Math.abs(x);
    for (let k = 60; k >= 1; k--) fraction = Math.abs(x) + k / fraction;
    return x < 0 ? density / fraction : 1 - density / fraction;
  }
  let [term, sum] = [x, x];
  for (let k = 1; k < 60; k++) {
    term *= (x * x) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + density * sum;
}

function geluTanh(x: number): [number, number] {
  const c = Math.sqrt(2 / Math.PI);
  const t = Math.tanh(c * (x + 0.044715 * x ** 3));
  return [(x * (1 + t)) / 2, (1 + t) / 2 + (x * (1 - t * t) * c * (1 + 3 * 0.044715 * x * x)) / 2];
}

function hardSwish(x: number): [number, number] {
  if (x <= -3) return [0, 0];
  return x >= 3 ? [x, 1] : [(x * (x + 3)) / 6, (2 * x + 3) / 6];
}

function hardSigmoid(alpha: number): Curve {
  return (x) => {
    const y = alpha * x + 0.5;
    return y <= 0 ? [0, 0] : y >= 1 ? [1, 0] : [y, alpha];
  };
}

/** What an activation does to a value, in double precision. A softmax is the loss's: values pass it as they are. */
export function curveOf(activation: FloatActivation): Curve {
  if (typeof activation === 'object') {
    const { name, alpha } = activation;
    if (name === 'hardSigmoid') return hardSigmoid(alpha);
    if (name === 'leakyRelu') return (x) => (x > 0 ? [x, 1] : [alpha * x, alpha]);
    return (x) => (x > 0 ? [x, 1] : [alpha * Math.expm1(x), alpha * Math.exp(x)]);
  }
  return SIMPLE[activation];
}

const identity: Curve = (x) => [x, 1];
const SIMPLE: Readonly<Record<Exclude<FloatActivation, object>, Curve>> = {
  linear: identity,
  softmax: identity,
  relu: (x) => (x > 0 ? [x, 1] : [0, 0]),
  sigmoid: (x) => [sigmoid(x), sigmoid(x) * sigmoid(-x)],
  tanh: (x) => [Math.tanh(x), 1 - Math.tanh(x) ** 2],
  softplus: (x) => [Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), sigmoid(x)],
  gelu,
  geluTanh,
  silu: (x) => [x * sigmoid(x), sigmoid(x) * (1 + x * sigmoid(-x))],
  hardSwish,
  softsign: (x) => [x / (1 + Math.abs(x)), 1 / (1 + Math.abs(x)) ** 2],
};
