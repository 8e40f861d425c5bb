import { etaToLearningRate, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { precisionOf, shown, toleranceOfSpec } from './limits.js';

/** What the circuits of a file compute, as the verifier believes it once everything holds. */
export interface Description {
  /** `exact`: weights are the integers of the step. `tolerance`: each within a public bound of them. */
  mode: 'exact' | 'tolerance';
  /** In tolerance mode. */
  tolerance?: ToleranceFacts;
  /** Fractional bits of the numbers, and bits of a limb. */
  numbers: {
    weights: number;
    activations: number;
    deltas: number;
    rate: number;
    limb: number;
    base?: number;
  };
  /** Layers, loss, batch and steps of a proof, in words. */
  architecture: string;
}

/** How far each weight may be from the step's result. */
export interface ToleranceFacts {
  /** Of the bound, at the weights' scale. */
  bits: number;
  /** The same in weight units: 1 is a weight of 1.0. */
  value: number;
  /** Learning rate of the step, where it is known. */
  learningRate?: number;
  /** A weight whose gradient is smaller may as well not have moved, or have moved the other way: `value / learningRate`. */
  invisibleGradient?: number;
  /** The same in words, and whether the tolerance is beyond the learning rate itself. */
  statement: string;
}

/** Describes circuits by their specification; `eta` as the public inputs have it. */
export function describe(spec: SgdSpec, eta?: string): Description {
  const { mode, scales } = spec;
  const tolerance = spec.kind === 'genesis' ? undefined : toleranceFacts(spec, eta);
  const { weights, activations, base } = precisionOf(spec);
  return {
    mode,
    ...(tolerance && { tolerance }),
    numbers: {
      weights,
      activations,
      deltas: scales.d,
      rate: scales.e,
      limb: scales.b,
      ...(base !== undefined && { base }),
    },
    architecture: architectureText(spec),
  };
}

/** `6 inputs; dense 5, relu; dense 3, softmax; loss softmaxCrossEntropy; 2 steps of 4 samples a proof`. */
export function architectureText({ layers, lora, loss, batch, steps, kind }: SgdSpec): string {
  const parts = layers.map(({ outputs, activation, bias }, l) => {
    const adapter = lora?.adapters[l];
    const extra = adapter ? `, adapter of rank ${adapter.rank} and alpha ${adapter.alpha}` : '';
    return `dense ${outputs}, ${activation}${bias ? '' : ', no bias'}${extra}`;
  });
  const head = lora?.local ? 'one layer by itself, ' : '';
  const taken =
    kind === 'genesis'
      ? 'no steps'
      : `${steps} ${steps === 1 ? 'step' : 'steps'} of ${batch} samples a proof`;
  return `${head}${layers[0]!.inputs} inputs; ${parts.join('; ')}; ${lora?.local ? '' : `loss ${loss}; `}${taken}`;
}

function toleranceFacts(spec: SgdSpec, eta?: string): ToleranceFacts | undefined {
  const bound = toleranceOfSpec(spec);
  if (!bound) return undefined;
  const within = `Each weight is within ${shown(bound.value)} of the step's result.`;
  if (eta === undefined) return { ...bound, statement: within };
  const learningRate = etaToLearningRate(spec, BigInt(eta));
  const invisibleGradient = bound.value / learningRate;
  const unseen = ` A weight whose gradient is below ${shown(invisibleGradient)} may as well have stayed, or moved the other way.`;
  const none =
    invisibleGradient >= 1
      ? ' The tolerance is not below the learning rate: a step of gradients up to 1 is smaller, so the proof may say nothing at all.'
      : '';
  return { ...bound, learningRate, invisibleGradient, statement: `${within}${unseen}${none}` };
}
