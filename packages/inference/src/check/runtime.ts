import { create, toBinary } from '@bufbuild/protobuf';
import type { OnnxFile } from '../onnx/file.js';
import { type GraphProto, ModelProtoSchema, type NodeProto } from '../onnx/proto/onnx_pb.js';

/** What is used of onnxruntime-web and onnxruntime-node. */
export interface OnnxRuntime {
  InferenceSession: { create(model: Uint8Array, options?: object): Promise<RuntimeSession> };
  Tensor: new (type: never, data: never, dims: readonly number[]) => object;
}

interface RuntimeSession {
  run(feeds: Record<string, never>, fetches: readonly string[]): Promise<Record<string, RuntimeTensor>>;
  release?(): Promise<void>;
}

interface RuntimeTensor {
  data: unknown;
}

/** Rows at once, where the model takes any number. */
const BATCH = 256;
/** TensorProto.DataType. */
const TYPES: Readonly<Record<number, 'float32' | 'float64'>> = { 1: 'float32', 11: 'float64' };

/**
 * A model's output for rows, as onnxruntime computes it. The file is of a stranger: onnxruntime gets those nodes alone that the
 * output needs, all of which the reader of this library has understood, and none that it only passed over.
 *
 * Errors: those of onnxruntime, and an `Error` that says what it cannot be asked.
 */
export async function runtimeOutputs(
  { InferenceSession, Tensor }: OnnxRuntime,
  file: OnnxFile,
  output: string,
  rows: readonly (readonly number[])[],
): Promise<Float64Array[]> {
  const { needed, input } = neededOf(file, output);
  const { elemType, shape } = input.type!.tensorType!;
  const type = TYPES[elemType];
  if (!type) throw new Error(`its input is of type ${elemType}`);
  const fixed = Number(shape?.dim[0]?.dimValue ?? 0n);
  const batch = fixed >= 1 ? fixed : Math.min(BATCH, rows.length);
  if (batch > BATCH) throw new Error(`it takes ${batch} samples at once`);
  const session = await InferenceSession.create(needed, {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  const width = rows[0]!.length;
  const found: Float64Array[] = [];
  try {
    for (let at = 0; at < rows.length; at += batch) {
      const part = rows.slice(at, at + batch);
      const size = fixed >= 1 ? batch : part.length;
      // A fixed number of samples is filled up with zeros.
      const flat = new (type === 'float32' ? Float32Array : Float64Array)(size * width);
      flat.set(part.flat());
      const tensor = new Tensor(type as never, flat as never, [size, width]);
      const { [output]: given } = await session.run({ [input.name]: tensor as never }, [output]);
      found.push(...rowsOf(given?.data, size).slice(0, part.length));
    }
  } finally {
    await session.release?.();
  }
  return found;
}

function rowsOf(data: unknown, samples: number): Float64Array[] {
  if (!(data instanceof Float32Array || data instanceof Float64Array) || data.length % samples !== 0) {
    throw new Error('its output is no floating-point numbers');
  }
  const width = data.length / samples;
  return Array.from({ length: samples }, (_, i) =>
    Float64Array.from(data.subarray(i * width, (i + 1) * width)),
  );
}

/** The file with the nodes and constants alone that an output needs, and the model's input. */
function neededOf({ graph, opsets, irVersion }: OnnxFile, output: string) {
  const nodes = nodesFor(graph, output);
  const names = new Set(nodes.flatMap((node) => node.input));
  const initializer = graph.initializer.filter(({ name }) => names.has(name));
  const constants = new Set(graph.initializer.map(({ name }) => name));
  const input = graph.input.find(({ name }) => !constants.has(name))!;
  const needed = create(ModelProtoSchema, {
    irVersion,
    opsetImport: [...opsets].map(([domain, version]) => ({ domain, version: BigInt(version) })),
    graph: {
      name: 'needed',
      node: nodes,
      initializer,
      input: [input],
      output: graph.output.filter(({ name }) => name === output),
    },
  });
  return { needed: toBinary(ModelProtoSchema, needed), input };
}

/** The nodes that an output needs, in their order: each stands before those that use it. */
export function nodesFor(graph: GraphProto, output: string): NodeProto[] {
  const wanted = new Set([output]);
  const nodes = [...graph.node].reverse().filter((node) => {
    if (!node.output.some((name) => wanted.has(name))) return false;
    for (const name of node.input) wanted.add(name);
    return true;
  });
  return nodes.reverse();
}
