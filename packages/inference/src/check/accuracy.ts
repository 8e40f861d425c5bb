import { type Halo2, isPotError, PotError } from '@proof-of-training/halo2-wasm';
import {
  inputWidth,
  outputWidth,
  quantiseInputs,
  type SgdSpec,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import type { Last } from '../onnx/chain.js';
import type { OnnxModel } from '../onnx/readOnnx.js';
import type { InputRange } from './bounds.js';
import { graphOf } from './circuit.js';
import { outputOf, scoresOf } from './reference.js';

/** How far what is proven is from the model, on the rows that were given. */
export interface Accuracy {
  /** What was compared with: onnxruntime on the file, or this library's reading of it in double precision. */
  against: 'onnxruntime' | 'float64';
  /** Why it was not onnxruntime. */
  note?: string;
  rows: number;
  /** What was compared: the values as they are proven, or what stands behind them in the model. */
  values: 'scores' | Last;
  largestError: number;
  meanError: number;
  /**
   * Rows whose largest output is another one, or of one behind a sigmoid on the other side of a half; absent for other single outputs.
   * `first`: the first of them, by their place.
   */
  changed?: { rows: number; share: number; first: readonly number[] };
  /** Rows that leave a node's room: none where the bounds fit. */
  refused: number;
}

/** Rows of one execution. */
const AT_ONCE = 64;
const MOST_NAMED = 10;

/** The model's integers, and what its scores and inputs are made with. */
export interface Executed {
  halo2: Halo2;
  spec: SgdSpec;
  weights: BigInt64Array;
  model: OnnxModel;
}

/**
 * The rows' inputs as integers. Errors: `DATA_SHAPE`, `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE`: outside of the format, or of the range
 * that was declared. No value is said.
 */
export function quantisedRows(
  spec: UnplannedSpec,
  rows: readonly (readonly number[])[],
  { inputRange: range, inputScale: scale = 1 }: InputRange,
): Int32Array[] {
  const width = inputWidth(spec);
  return rows.map((row, i) => {
    if (row.length !== width) {
      throw new PotError('DATA_SHAPE', `row ${i} has ${row.length} numbers, the model takes ${width}`);
    }
    const outside = range ? row.findIndex((v) => v < range[0] || v > range[1]) : -1;
    if (outside >= 0) {
      throw new PotError('VALUE_OUT_OF_RANGE', `row ${i}: input ${outside} is not in the range of inputs`, {
        details: { row: i, input: outside },
        hint: 'Declare the range that inputs have (inputRange, --input-min and --input-max).',
      });
    }
    return quantiseInputs(
      spec,
      row.map((v) => v / scale),
      `row ${i}`,
    );
  });
}

/** Compares what the circuit computes with `references`, a row each; undefined entries of what was executed were refused. */
export function accuracyOf(
  executed: Executed,
  inputs: readonly Int32Array[],
  references: readonly Float64Array[],
): Omit<Accuracy, 'against' | 'note'> {
  const { last, layers } = executed.model;
  const decision = decisionOf(layers.at(-1)!.outputs, last);
  const scores = executions(executed, inputs);
  let [largestError, sum, count, refused] = [0, 0, 0, 0];
  const changed: number[] = [];
  scores.forEach((found, i) => {
    if (!found) {
      refused++;
      return;
    }
    const [own, reference] = [outputOf(found, last), references[i]!];
    own.forEach((v, j) => {
      const error = Math.abs(v - reference[j]!);
      largestError = Math.max(largestError, error);
      sum += error;
      count++;
    });
    if (decision && decision(own) !== decision(reference)) changed.push(i);
  });
  const decided = inputs.length - refused;
  return {
    rows: inputs.length,
    values: last ?? 'scores',
    largestError,
    meanError: count > 0 ? sum / count : 0,
    ...(decision && {
      changed: {
        rows: changed.length,
        share: decided > 0 ? changed.length / decided : 0,
        first: changed.slice(0, MOST_NAMED),
      },
    }),
    refused,
  };
}

/** Outputs of each row in double precision. */
export function doubles({ model }: Executed, rows: readonly (readonly number[])[]): Float64Array[] {
  return rows.map((row) => outputOf(scoresOf(model, row), model.last));
}

/** What is decided: which output is the largest, or on which side of a half the one behind a sigmoid is; undefined for other numbers. */
function decisionOf(outputs: number, last: Last | undefined) {
  if (outputs > 1) return (values: Float64Array) => values.indexOf(Math.max(...values));
  return last === 'sigmoid' ? (values: Float64Array) => Number(values[0]! > 0.5) : undefined;
}

/** Scores as the circuit has them; undefined for a row that leaves a node's room. */
function executions(executed: Executed, inputs: readonly Int32Array[]): (Float64Array | undefined)[] {
  // No more than the circuit was planned for: so many fit a graph.
  const size = Math.min(AT_ONCE, executed.spec.batch);
  const parts = Array.from({ length: Math.ceil(inputs.length / size) }, (_, i) =>
    inputs.slice(i * size, (i + 1) * size),
  );
  return parts.flatMap((part) => {
    const together = execution(executed, part);
    return together ?? part.flatMap((row) => execution(executed, [row]) ?? [undefined]);
  });
}

/** Undefined where a row of these leaves a node's room. */
function execution(
  { halo2, spec, weights }: Executed,
  rows: readonly Int32Array[],
): Float64Array[] | undefined {
  const entries = rows.reduce((n, row) => n + row.length, 0);
  const tensors = new BigInt64Array(entries + weights.length);
  for (const [i, row] of rows.entries()) tensors.set(BigInt64Array.from(row, BigInt), i * row.length);
  tensors.set(weights, entries);
  try {
    const outputs = halo2.runGraph(graphOf(halo2, spec, rows.length), tensors);
    const [width, unit] = [outputWidth(spec), 2 ** -spec.scales.a];
    return rows.map((_, i) =>
      Float64Array.from(outputs.subarray(i * width, (i + 1) * width), (v) => Number(v) * unit),
    );
  } catch (e) {
    if (isPotError(e, 'VALUE_RANGE')) return undefined;
    throw e;
  }
}
