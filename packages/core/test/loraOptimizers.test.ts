/**
 * The optimisers of the integer oracle against TensorFlow.js's own, over tens of steps of small networks with adapters. Every bound
 * is one that a rule with a fault of the kind that such code has would not keep.
 */

import { type Hyperparameters, optimizerNumbers } from '@proof-of-training/lora-circuit';
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { OracleRule } from '../../lora-circuit/test/oracleOptimizer.js';
import { byOracle, byTensorFlow, type Network, network, type Update } from './helpers/floatAdapters.js';
import { adamHat, type Fault, plainAdam, withDecay } from './helpers/floatRules.js';

beforeAll(() => tf.setBackend('cpu'));

const losses = ['softmaxCrossEntropy', 'meanSquaredError'] as const;
/** Activations and deltas of finer grain than the profiles', so that their rounding is small against what is compared. */
const scales = { a: 10, d: 14, e: 15, b: 13, p: 13 };
const STEPS = 30;
/** Largest distance from the float rule, as a part of how far training moved. */
const BOUND = 2e-3;

const rms = (v: readonly number[]) => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0) / v.length);
const minus = (p: readonly number[], q: readonly number[]) => p.map((v, n) => v - q[n]!);
const share = ({ effective }: ReturnType<typeof optimizerNumbers>) =>
  effective.learningRate * effective.weightDecay;

/** How far the oracle is from a float rule, as a part of how far that one went; and how close a ReLU came to its kink. */
function distance(net: Network, oracle: readonly number[], update: Update) {
  const start = net.adapters.flatMap(({ A, B }) => [...A, ...B]);
  const { weights, kink } = byTensorFlow(net, update, STEPS);
  const part = rms(minus(oracle, weights)) / rms(minus(weights, start));
  // A rule that goes up instead of down may have left what float32 holds.
  return { part: Number.isNaN(part) ? Number.POSITIVE_INFINITY : part, kink };
}

type Rule = (numbers: Found, net: Network) => Update;

/** Holds a rule to its float counterpart on three networks, and away from others. */
function compare(
  loss: (typeof losses)[number],
  hyperparameters: Hyperparameters,
  right: Rule,
  wrong: Record<string, Rule>,
) {
  let compared = 0;
  for (let seed = 1; compared < 3; seed++) {
    expect(seed).toBeLessThan(30);
    const net = network(seed * 7919, loss, scales);
    const found = optimizerNumbers(net.spec, hyperparameters);
    const oracle = byOracle(net, found.optimizer as OracleRule | undefined, found.rate.eta, STEPS);
    const { part, kink } = distance(net, oracle, right(found, net));
    if (kink < 2 ** -9) continue;
    compared++;
    expect(part, `seed ${seed}`).toBeLessThan(BOUND);
    for (const [name, rule] of Object.entries(wrong)) {
      const far = distance(net, oracle, rule(found, net)).part;
      expect(far, `${name}, seed ${seed}`).toBeGreaterThan(4 * BOUND);
    }
  }
}

type Found = ReturnType<typeof optimizerNumbers>;
const lr = (n: Found) => n.effective.learningRate;
const momentum = (n: Found, factor = n.effective.momentum!, rate = lr(n), nesterov = false) =>
  tf.train.momentum(rate, factor, nesterov);
const adamValues = ({ effective: e }: Found) => [e.learningRate, e.beta1!, e.beta2!, e.epsilon!] as const;
const adam = (n: Found) => tf.train.adam(...adamValues(n));
const apply =
  (optimizer: tf.Optimizer): Update =>
  (_, gradients) =>
    optimizer.applyGradients(gradients);

describe.each(losses)('%s: the oracle does as TensorFlow.js', (loss) => {
  const learningRate = 0.05;

  it('with SGD and weight decay', () => {
    const sgd = (n: Found) => tf.train.sgd(lr(n));
    compare(loss, { type: 'sgd', learningRate, weightDecay: 0.1 }, (n) => withDecay(share(n), sgd(n)), {
      'no decay': (n) => apply(sgd(n)),
      growth: (n) => withDecay(-share(n), sgd(n)),
      'half the decay': (n) => withDecay(share(n) / 2, sgd(n)),
    });
  });

  it('with momentum', () => {
    compare(loss, { type: 'momentum', learningRate, momentum: 0.9 }, (n) => apply(momentum(n)), {
      none: (n) => apply(tf.train.sgd(lr(n))),
      upwards: (n) => apply(momentum(n, n.effective.momentum, -lr(n))),
      "Nesterov's": (n) => apply(momentum(n, n.effective.momentum, lr(n), true)),
      dampened: (n) => apply(momentum(n, n.effective.momentum, lr(n) * (1 - n.effective.momentum!))),
      'a factor of 0.89': (n) => apply(momentum(n, 0.89)),
    });
  });

  it('with momentum and decoupled weight decay', () => {
    compare(
      loss,
      { type: 'momentum', learningRate, weightDecay: 0.1 },
      (n) => withDecay(share(n), momentum(n)),
      {
        'no decay': (n) => apply(momentum(n)),
        growth: (n) => withDecay(-share(n), momentum(n)),
      },
    );
  });

  const rate = 0.005;

  it('with Adam', () => {
    compare(loss, { type: 'adamw', learningRate: rate }, (n) => apply(adam(n)), {
      upwards: (n) => apply(tf.train.adam(-lr(n), ...adamTail(n))),
      'no bias correction': faulty({ correction: 'none' }),
      'correction of the first moment alone': faulty({ correction: 'first' }),
      'correction of the second moment alone': faulty({ correction: 'second' }),
      'one step late': faulty({ late: 1 }),
      'moments exchanged': (n) => {
        const [l, beta1, beta2, epsilon] = adamValues(n);
        return apply(tf.train.adam(l, beta2, beta1, epsilon));
      },
      'B by the rate of alpha/rank B': (n, net) => plainAdam(adamValues(n), 0, { rateOfB: factor(net, -1) }),
      'B by the rate of SGD': (n, net) => plainAdam(adamValues(n), 0, { rateOfB: factor(net, 1) }),
    });
  });

  it("with Adam and a large epsilon, the paper's epsilon hat", () => {
    compare(
      loss,
      { type: 'adamw', learningRate: rate, epsilon: 0.02 },
      (n) => apply(adamHat(...adamValues(n))),
      {
        'no epsilon': (n) => apply(tf.train.adam(lr(n), n.effective.beta1!, n.effective.beta2!, 1e-8)),
        'epsilon in the root': faulty({ epsilonInRoot: true }),
        'epsilon beside the corrected root': (n) => apply(adam(n)),
        "B' with A's": (n, net) => plainAdam(adamValues(n), 0, { epsilonOfB: factor(net, 1) }),
        'of the sum over samples': (n) => {
          const [l, beta1, beta2, epsilon] = adamValues(n);
          return apply(adamHat(l, beta1, beta2, epsilon / 4));
        },
      },
    );
  });

  it('with AdamW', () => {
    compare(
      loss,
      { type: 'adamw', learningRate: rate, weightDecay: 0.5 },
      (n) => withDecay(share(n), adam(n)),
      {
        'no decay': (n) => apply(adam(n)),
        growth: (n) => withDecay(-share(n), adam(n)),
        'L2 through the moments': (n) => plainAdam(adamValues(n), share(n), { coupled: true }),
      },
    );
  });
});

const adamTail = (n: Found) => adamValues(n).slice(1) as [number, number, number];
const faulty = (fault: Fault) => (n: Found) => plainAdam(adamValues(n), 0, fault);
/** (alpha/rank)^power of a layer. */
const factor = (net: Network, power: number) => (l: number) => {
  const { rank, alpha } = net.spec.lora.adapters[l]!;
  return (alpha / rank) ** power;
};

it('the plain copy of AdamW, where it has no fault, is the one of TensorFlow.js', () => {
  const net = network(7919, 'softmaxCrossEntropy', scales);
  const values = [0.005, 0.9, 0.999, 0.01] as const;
  const { weights: expected } = byTensorFlow(net, withDecay(0.002, adamHat(...values)), STEPS);
  const { weights } = byTensorFlow(net, plainAdam(values, 0.002), STEPS);
  expect(rms(minus(weights, expected))).toBeLessThan(1e-6);
});
