import type { Engine, StringCache } from '@proof-of-training/halo2-wasm';
import { type ProfileName, profiles } from '@proof-of-training/sgd-circuit';
import { referenceShape } from '@proof-of-training/verifier';
import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { commitShape } from '../model/commitModel.js';
import type { OnnxRuntime } from './runtime.js';

/** Whoever is told what is being done, in words for people. */
export type CheckProgress = (what: string) => void;

export interface CheckModelOptions {
  /** The ONNX file's bytes. */
  onnx: Uint8Array;
  /** Which of the graph's outputs; default: the only one that can be proven. */
  output?: string;
  /** Smallest and largest input that there will be, as `commitModel` takes them; default: all that the number format holds. */
  inputRange?: readonly [number, number];
  /** Number by which inputs are divided first, as `commitModel` takes it. */
  inputScale?: number;
  /** Samples that one proof is to hold; default: 16. */
  samples?: number;
  /** Number format; default: `default`. */
  profile?: ProfileName;
  /** Rows to compare with, as the model takes them: not divided by the scale. */
  inputs?: readonly (readonly number[])[];
  /** onnxruntime-web or onnxruntime-node, imported, to compare with; without it the comparison is with double precision. */
  onnxruntime?: OnnxRuntime;
  /** Whether proofs of a small network are timed, for an estimate of this one's; default: true. */
  calibrate?: boolean;
  engine?: Engine;
  threads?: number;
  cache?: StringCache;
  /** Called with each thing that is begun. */
  onProgress?: CheckProgress;
}

/** Rows that are compared at most. */
const MAX_ROWS = 2 ** 17;

/** Options, as schemas. */
export const checkShape = {
  onnx: kinds.bytes(),
  output: kinds.text.optional(),
  inputRange: commitShape.inputRange,
  inputScale: commitShape.inputScale,
  samples: commitShape.samples,
  profile: kinds.oneOf(...(Object.keys(profiles) as ProfileName[])).optional(),
  inputs: kinds
    .is<readonly (readonly number[])[]>(
      `1 to ${MAX_ROWS} rows of numbers`,
      (v) => Array.isArray(v) && v.length >= 1 && v.length <= MAX_ROWS && v.every(Array.isArray),
    )
    .optional(),
  onnxruntime: kinds
    .is<OnnxRuntime>(
      'onnxruntime-web or onnxruntime-node, imported',
      (v) => typeof (v as Partial<OnnxRuntime> | null)?.InferenceSession?.create === 'function',
    )
    .optional(),
  calibrate: kinds.flag.optional(),
  engine: referenceShape.engine,
  threads: referenceShape.threads,
  cache: referenceShape.cache,
  onProgress: kinds.callback.optional(),
} satisfies ShapeFor<CheckModelOptions>;
