import {
  isPotError,
  loadWithThreads,
  type PotError,
  printable,
  requireBytes,
} from '@proof-of-training/halo2-wasm';
import { parseUnplannedSpec, quantiseWeights } from '@proof-of-training/sgd-circuit';
import { checkOptions } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { specOf, tensorsOf } from '../model/spec.js';
import { unsupported } from '../onnx/errors.js';
import { type OnnxFile, openOnnx, operatorOf } from '../onnx/file.js';
import { modelOf, type OnnxModel } from '../onnx/readOnnx.js';
import { type Accuracy, accuracyOf, doubles, type Executed, quantisedRows } from './accuracy.js';
import { adviceOf } from './advice.js';
import { type ModelBounds, modelBounds } from './bounds.js';
import { planModel } from './circuit.js';
import { calibrated, costOf } from './cost.js';
import { type CheckModelOptions, checkShape } from './options.js';
import type { CheckProblem, ModelCheck } from './report.js';
import { nodesFor, type OnnxRuntime, runtimeOutputs } from './runtime.js';

/** What says that a model cannot be proven as it is. Anything else is an error of whoever asked. */
const PROBLEMS = [
  'VALUE_OUT_OF_RANGE',
  'VALUE_NOT_FINITE',
  'SPEC_INVALID',
  'CIRCUIT_TOO_LARGE',
  'CIRCUIT_SHAPE',
  'GRAPH_INVALID',
  'GRAPH_BOUNDS',
  'GRAPH_UNSUPPORTED',
] as const;

/**
 * Says before any key of a model is made what its proofs take, whether they can fail, and how accurate they are: operators, rows and
 * columns, memory and time on this machine, the worst-case growth of every layer over the range of inputs, and, of given rows, the
 * distance to what onnxruntime computes. A report with `ok` means that no input of the range can fail when it is proven; inputs outside
 * are refused by `proveInference`, before it proves.
 *
 * Errors: `OPTION_*`, `ONNX_INVALID`, `ONNX_UNSUPPORTED`; of the rows `DATA_SHAPE`, `VALUE_NOT_FINITE`, `VALUE_OUT_OF_RANGE`.
 *
 * @example
 * const { ok, problems, bounds, cost } = await checkModel({ onnx: await readFile('model.onnx'), inputRange: [0, 1] });
 * console.log(ok, problems, bounds?.worst, cost?.seconds);
 */
export async function checkModel(options: CheckModelOptions): Promise<ModelCheck> {
  checkOptions(z.object(checkShape), options, 'checkModel');
  requireBytes(options.onnx, 'checkModel', 'onnx');
  const { onProgress = () => {}, inputRange, inputScale = 1, engine, threads } = options;
  onProgress('reading the model');
  const file = openOnnx(options.onnx);
  const model = modelOf(file, options.output);
  if (model.forest)
    throw unsupported('the model', 'trees are proven by proveForest, and not checked before it yet');
  const halo2 = await loadWithThreads({ engine, threads });
  const problems: CheckProblem[] = [];
  const spec = attempted(problems, () => parseUnplannedSpec(specOf({ ...options, model })));
  onProgress('planning the circuit');
  const planned = spec && attempted(problems, () => planModel(halo2, spec));
  onProgress('following the ranges');
  const weights = spec && attempted(problems, () => quantiseWeights(spec, tensorsOf({ model, inputScale })));
  const bounds = weights && modelBounds(spec, weights, options);
  if (bounds && !bounds.fits) problems.push(growth(bounds));
  const inputs = spec && options.inputs && quantisedRows(spec, options.inputs, { inputRange, inputScale });
  let accuracy: Accuracy | undefined;
  if (planned && weights && inputs) {
    onProgress('comparing rows');
    const executed = { halo2, spec: planned.spec, weights, model };
    accuracy = await compared(executed, file, options.inputs!, inputs, options.onnxruntime);
  }
  const timing = planned && options.calibrate !== false;
  if (timing) onProgress('timing small proofs');
  const timed = timing ? await calibrated(halo2, options.cache) : undefined;
  const cost = planned && costOf(halo2, planned.plan.shape, timed);
  return {
    ok: problems.length === 0,
    problems,
    model: describe(file, model),
    ...(planned && { circuit: planned.plan }),
    ...(bounds && { bounds }),
    ...(cost && { cost }),
    ...(accuracy && { accuracy }),
    advice: adviceOf({ options: { ...options, model }, plan: planned?.plan, bounds, accuracy }),
  };
}

/** What a step gives, or undefined and one problem more. */
function attempted<T>(problems: CheckProblem[], step: () => T): T | undefined {
  try {
    return step();
  } catch (e) {
    const code = PROBLEMS.find((c) => isPotError(e, c));
    if (!code) throw e;
    const { shortMessage, hint } = e as PotError;
    problems.push({ code, message: shortMessage, ...(hint && { hint }) });
    return undefined;
  }
}

/** What proving would say of an input that needs the most. */
function growth({ worst: { node, output, bits, mostBits }, range }: ModelBounds): CheckProblem {
  const [least, most] = range;
  return {
    code: 'VALUE_RANGE',
    message: `${node}: output ${output} can need ${bits} bits with inputs from ${least} to ${most}, there is room for ${mostBits}`,
    hint: 'Declare a narrower range of inputs, or choose another profile or a larger scale of inputs.',
  };
}

/** With onnxruntime where it is given and takes the model, else with double precision, and why. */
async function compared(
  executed: Executed,
  file: OnnxFile,
  rows: readonly (readonly number[])[],
  inputs: readonly Int32Array[],
  runtime: OnnxRuntime | undefined,
): Promise<Accuracy> {
  let note = 'onnxruntime is not there: install onnxruntime-web or onnxruntime-node to compare with it';
  if (runtime) {
    try {
      const references = await runtimeOutputs(runtime, file, executed.model.output, rows);
      return { against: 'onnxruntime', ...accuracyOf(executed, inputs, references) };
    } catch (e) {
      note = `onnxruntime does not compute it: ${printable(e instanceof Error ? e.message : String(e)).slice(0, 300)}`;
    }
  }
  return { against: 'float64', note, ...accuracyOf(executed, inputs, doubles(executed, rows)) };
}

function describe(file: OnnxFile, { inputs, layers, softmax, last, output }: OnnxModel): ModelCheck['model'] {
  const operators: Record<string, number> = {};
  for (const node of nodesFor(file.graph, output)) {
    const name = operatorOf(node);
    operators[name] = (operators[name] ?? 0) + 1;
  }
  const parameters = layers.reduce((n, layer) => n + layer.outputs * (layer.inputs + 1), 0);
  const network = [inputs, ...layers.map((l) => l.outputs)];
  return { network, softmax, ...(last && { last }), output, parameters, operators };
}
