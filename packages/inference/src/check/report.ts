import type { Last } from '../onnx/chain.js';
import type { Accuracy } from './accuracy.js';
import type { ModelBounds } from './bounds.js';
import type { CircuitPlan } from './circuit.js';
import type { CostEstimate } from './cost.js';

/** Why a model cannot be proven as it is: what `commitModel` or `proveInference` would say. */
export interface CheckProblem {
  /** A listed code of a PotError. */
  code: string;
  message: string;
  hint?: string;
}

/** What `checkModel` finds. */
export interface ModelCheck {
  /** Whether all inputs of the range can be proven. */
  ok: boolean;
  problems: readonly CheckProblem[];
  model: {
    /** Widths: the inputs', then each layer's outputs'. */
    network: number[];
    /** Whether a softmax, or its logarithm, stands behind what is proven. */
    softmax: boolean;
    /** What stands behind it, a sigmoid among it; absent where nothing does. */
    last?: Last;
    /** The output that is proven, by its name in the file. */
    output: string;
    parameters: number;
    /** Operators of the nodes that the output needs, and how many there are of each. */
    operators: Record<string, number>;
  };
  /** Rows, columns and what else is planned; absent where nothing can be planned. */
  circuit?: CircuitPlan;
  /** How large values can become; absent where the weights do not fit the number format. */
  bounds?: ModelBounds;
  /** Memory, and time where there was a calibration; absent without a circuit. */
  cost?: CostEstimate;
  /** Of the given rows. */
  accuracy?: Accuracy;
  /** What to change, or to look at. */
  advice: readonly string[];
}
