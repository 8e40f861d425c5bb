import type { EffectiveHyperparameters } from '@proof-of-training/sgd-circuit';

const NAMES = {
  sgd: 'SGD',
  momentum: 'SGD with momentum',
  nesterov: "SGD with Nesterov's momentum",
  adamw: 'AdamW',
  rmsprop: 'RMSProp',
} as const;

/**
 * An update rule in words, without its learning rate: `AdamW (beta1 0.9, beta2 0.999, epsilon 1e-8, weight decay 0.01)`.
 *
 * @example
 * const { proven } = await verifyTrainingRun(bundle);
 * if (proven) console.log(ruleText(proven.optimizer)); // SGD with momentum (0.9)
 */
export function ruleText(rule: EffectiveHyperparameters): string {
  const { type, momentum, rho, beta1, beta2, epsilon, weightDecay } = rule;
  const values = {
    'rho ': rho,
    [type === 'rmsprop' ? 'momentum ' : '']: momentum,
    'beta1 ': beta1,
    'beta2 ': beta2,
    'epsilon ': epsilon,
    'weight decay ': weightDecay > 0 ? weightDecay : undefined,
  };
  const list = Object.entries(values).flatMap(([name, v]) => (v === undefined ? [] : [`${name}${short(v)}`]));
  if (type === 'sgd' && list.length === 0) return 'plain SGD';
  return list.length === 0 ? NAMES[type] : `${NAMES[type]} (${list.join(', ')})`;
}

function short(v: number): string {
  return String(Number(v.toPrecision(6)));
}
