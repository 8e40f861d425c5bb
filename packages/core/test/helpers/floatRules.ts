/** Update rules in float: TensorFlow.js's own, and plain ones with one thing in them changed. */
import * as tf from '@tensorflow/tfjs';
import type { Update } from './floatAdapters.js';

/** A rule of TensorFlow.js after decoupled weight decay, `W *= 1 - lr lambda`, as torch.optim.AdamW has it. */
export function withDecay(share: number, optimizer: tf.Optimizer): Update {
  return (variables, gradients) => {
    for (const v of variables) v.assign(tf.mul(v, 1 - share));
    optimizer.applyGradients(gradients);
  };
}

/** tf.train.adam with Kingma and Ba's "epsilon hat", which is another epsilon of its own formula in each step. */
export function adamHat(rate: number, beta1: number, beta2: number, epsilon: number): tf.Optimizer {
  const adam = tf.train.adam(rate, beta1, beta2, epsilon);
  const apply = adam.applyGradients.bind(adam);
  let t = 0;
  adam.applyGradients = (gradients) => {
    t++;
    (adam as unknown as { epsilon: number }).epsilon = epsilon / Math.sqrt(1 - beta2 ** t);
    apply(gradients);
  };
  return adam;
}

/** What a plain Adam does otherwise than it should. */
export interface Fault {
  /** Bias correction of neither, or of one moment only. */
  correction?: 'none' | 'first' | 'second';
  epsilonInRoot?: boolean;
  /** B's epsilon times this. */
  epsilonOfB?: (l: number) => number;
  /** B's rate times this. */
  rateOfB?: (l: number) => number;
  /** The step number is too large by this. */
  late?: number;
  /** Weight decay through the gradient, as tf.regularizers.l2 and torch.optim.Adam have it. */
  coupled?: boolean;
}

/** AdamW in double precision, in plain code. `share`: learning rate times weight decay. */
export function plainAdam(
  [rate, beta1, beta2, epsilon]: readonly [number, number, number, number],
  share: number,
  fault: Fault = {},
): Update {
  const state = new Map<tf.Variable, { m: number[]; v: number[] }>();
  return (variables, gradients, step) => {
    const t = step + (fault.late ?? 0);
    const [one, two] = [1 - beta1 ** t, Math.sqrt(1 - beta2 ** t)];
    const c1 = fault.correction === 'none' || fault.correction === 'second' ? 1 : one;
    const c2 = fault.correction === 'none' || fault.correction === 'first' ? 1 : two;
    variables.forEach((variable, n) => {
      const layer = Math.floor(n / 2);
      const [rateOf, epsilonOf] = n % 2 === 1 ? [fault.rateOfB, fault.epsilonOfB] : [];
      const lr = rate * (rateOf?.(layer) ?? 1);
      const eps = epsilon * (epsilonOf?.(layer) ?? 1);
      const s = state.get(variable) ?? { m: [], v: [] };
      state.set(variable, s);
      const g = gradients[variable.name]!.dataSync();
      const after = variable.dataSync().map((w, i) => {
        const gradient = g[i]! + (fault.coupled ? (share / rate) * w : 0);
        s.m[i] = beta1 * (s.m[i] ?? 0) + (1 - beta1) * gradient;
        s.v[i] = beta2 * (s.v[i] ?? 0) + (1 - beta2) * gradient ** 2;
        const root = fault.epsilonInRoot ? Math.sqrt(s.v[i] + eps) : Math.sqrt(s.v[i]) + eps;
        return w - (fault.coupled ? 0 : share * w) - ((lr * c2) / c1) * (s.m[i] / root);
      });
      variable.assign(tf.tensor(after, variable.shape));
    });
  };
}
