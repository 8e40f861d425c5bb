import { requireBytes } from '@proof-of-training/halo2-wasm';
import { LIMITS } from '@proof-of-training/sgd-circuit';
import { checkOptions, kinds } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { type Chain, type DenseLayer, finished, inputChain, type Last, layersOf } from './chain.js';
import { brief, invalid, unsupported } from './errors.js';
import { domainOf, type OnnxFile, openOnnx, operatorOf } from './file.js';
import type { Forest } from './forest.js';
import { type Given, OnnxNode } from './node.js';
import { OPERATORS } from './operators/index.js';
import type { GraphProto, NodeProto } from './proto/onnx_pb.js';
import type { ValueInfoProto } from './proto/tensor_pb.js';
import { tensorOf } from './tensor.js';

/** A model of dense layers, in double precision. */
export interface OnnxModel {
  /** Features of a sample. */
  inputs: number;
  layers: readonly DenseLayer[];
  /** Whether the model applies a softmax, or its logarithm, to the last layer: what is proven stands before it. */
  softmax: boolean;
  /** What it applies to the last layer, a sigmoid among it: what is proven stands before that. */
  last?: Last;
  /** Decision trees, in place of layers: their scores are proven. */
  forest?: Forest;
  /** The output that this is. */
  output: string;
}

/** Entries of all products' kernels, 8 bytes each: a file may name one constant many times. */
const MAX_KERNELS = 2 ** 26;

/** Entries of all constants that are made of others. */
const MAX_FOLDED = 2 ** 24;

const readShape = z.object({ output: kinds.text.optional() });

/**
 * Reads an ONNX model of dense layers, as PyTorch, Keras and scikit-learn export them: products with constants, sums, ReLU, a softmax at the
 * end. Scalings before a product go into it.
 *
 * Errors: `OPTION_*`; `ONNX_INVALID` (no model, damaged, too large, hostile), `ONNX_UNSUPPORTED` (with the node and what to do).
 *
 * @param output which of the graph's outputs; default: the only one that can be proven
 * @example
 * const { inputs, layers, softmax } = readOnnx(await readFile('model.onnx'));
 */
export function readOnnx(bytes: Uint8Array, options: { output?: string } = {}): OnnxModel {
  requireBytes(bytes, 'readOnnx', 'bytes');
  const { output } = checkOptions(readShape, options, 'readOnnx');
  return modelOf(openOnnx(bytes), output);
}

/** The same of an opened file. Errors: `ONNX_*`. */
export function modelOf({ graph, opsets }: OnnxFile, output?: string): OnnxModel {
  const values = evaluated(graph, opsets);
  const { name, chain } = chosen(graph, values, output);
  const { last, forest } = chain;
  const softmaxed = last === 'softmax' || last === 'logSoftmax';
  if (forest) {
    return {
      inputs: values.inputs,
      layers: [],
      softmax: softmaxed,
      ...(last && { last }),
      forest,
      output: name,
    };
  }
  const whole = last ? chain : finished(chain, { at: `output ${name}`, spend: () => {} });
  const layers = layersOf(whole);
  return { inputs: values.inputs, layers, softmax: softmaxed, ...(last && { last }), output: name };
}

/** What is known when a node is read. */
interface Reading {
  opsets: Map<string, number>;
  named: Values['named'];
  define(name: string, value: Given | Error): void;
  spend(entries: number): void;
}

interface Values {
  inputs: number;
  /** What cannot be proven is kept as the error that says so: it matters where an output needs it. */
  named: Map<string, Given | Error>;
}

/** What each value is. Errors: `ONNX_INVALID`. */
function evaluated(graph: GraphProto, opsets: Map<string, number>): Values {
  const named: Values['named'] = new Map();
  const define = (name: string, value: Given | Error) => {
    if (named.has(name)) throw invalid(`${JSON.stringify(name.slice(0, 80))} is defined twice`);
    named.set(name, value);
  };
  for (const proto of graph.initializer)
    define(
      proto.name,
      tried(() => ({ tensor: tensorOf(proto) })),
    );
  const inputs = graph.input.filter(({ name }) => !named.has(name));
  if (inputs.length !== 1) throw unsupported('the graph', `${inputs.length} inputs: one is proven`);
  const width = featuresOf(inputs[0]!);
  define(inputs[0]!.name, { chain: inputChain(width) });
  let [kernels, folded] = [0, 0];
  const spend = (entries: number) => {
    folded += entries;
    if (folded > MAX_FOLDED) throw invalid(`more than ${MAX_FOLDED} values of constants are computed`);
  };
  for (const proto of graph.node) {
    kernels += evaluate(proto, { opsets, named, define, spend });
    if (kernels > MAX_KERNELS) throw invalid(`its products have more than ${MAX_KERNELS} weights together`);
  }
  return { inputs: width, named };
}

/** Defines what a node gives; gives how many weights it made. */
function evaluate(proto: NodeProto, reading: Reading): number {
  const { named, define } = reading;
  const given = proto.input.map((name) => {
    if (name === '') return undefined;
    if (!named.has(name))
      throw invalid(`${JSON.stringify(name.slice(0, 80))} is used before it is there, or never is`);
    return named.get(name);
  });
  const failed = given.find((value) => value instanceof Error);
  const value = failed ?? tried(() => applied(proto, given as Given[], reading));
  const { output = 0 } = operatorNamed(proto) ?? {};
  proto.output.forEach((name, i) => {
    const other =
      value instanceof Error ? value : unsupported(brief(proto.opType), `its output ${i} is not proven`);
    if (name !== '') define(name, i === output ? value : other);
  });
  const made = kernelOf(value);
  return made && !given.some((v) => kernelOf(v) === made) ? made.length : 0;
}

const kernelOf = (value: Given | Error) => (value && 'chain' in value ? value.chain.open?.kernel : undefined);

function tried(apply: () => Given): Given | Error {
  try {
    return apply();
  } catch (e) {
    if ((e as { code?: string }).code === 'ONNX_UNSUPPORTED') return e as Error;
    throw e;
  }
}

function applied(proto: NodeProto, given: readonly Given[], { opsets, spend }: Reading): Given {
  const opset = opsets.get(domainOf(proto.domain));
  const node = new OnnxNode(proto, given, opset ?? 0, spend);
  const operator = operatorNamed(proto);
  if (!operator) {
    throw unsupported(
      node.at,
      `there is no proof of ${operatorOf(proto).slice(0, 80)} yet`,
      `Proven: ${Object.keys(OPERATORS).join(', ')}.`,
    );
  }
  if (opset === undefined) throw invalid(`${node.at}: its domain is not imported`);
  if (proto.overload !== '') throw unsupported(node.at, 'an overload');
  const made =
    operator.fold && node.isConstant ? { tensor: operator.fold(node) } : { chain: operator.apply(node) };
  node.finish();
  return made;
}

const operatorNamed = (proto: NodeProto) =>
  Object.hasOwn(OPERATORS, operatorOf(proto)) ? OPERATORS[operatorOf(proto)] : undefined;

/** Features of the input `[samples][features]`. Errors: `ONNX_UNSUPPORTED`. */
function featuresOf({ name, type }: ValueInfoProto): number {
  const dims = type?.tensorType?.shape?.dim;
  const width = Number(dims?.[1]?.dimValue ?? 0n);
  if (dims?.length === 2 && width >= 1 && width <= LIMITS.maxWidth) return width;
  throw unsupported(
    `input ${name.slice(0, 80)}`,
    `its shape must be [samples, features], with a fixed number of features up to ${LIMITS.maxWidth}`,
  );
}

function chosen(
  graph: GraphProto,
  { named }: Values,
  output: string | undefined,
): { name: string; chain: Chain } {
  const names = graph.output.map(({ name }) => name);
  if (output !== undefined && !names.includes(output)) {
    throw unsupported(
      `output ${output.slice(0, 80)}`,
      `there is none of this name; there are ${names.join(', ').slice(0, 200)}`,
    );
  }
  const wanted = output === undefined ? names : [output];
  const found = wanted.map((name) => ({ name, value: named.get(name) }));
  const chains = found.flatMap(({ name, value }) =>
    value && 'chain' in value ? [{ name, chain: value.chain }] : [],
  );
  if (chains.length > 1)
    throw unsupported(
      'the graph',
      `more than one output can be proven (${wanted.join(', ').slice(0, 200)})`,
      'Name one.',
    );
  if (chains[0]) return chains[0];
  const error = found.find(({ value }) => value instanceof Error)?.value;
  throw (error as Error | undefined) ?? invalid('no output is made by a node');
}
