import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { VERSION } from '@proof-of-training/halo2-wasm';
import { ModelProtoSchema, NodeProtoSchema } from './proto/onnx_pb.js';
import { TensorProtoSchema, ValueInfoProtoSchema } from './proto/tensor_pb.js';

/** In what numbers a written file has its constants: in double precision every weight is exact. */
export type Constants = 'double' | 'float';

/** One layer as it is written: kernel `[outputs][inputs]`, row by row. */
export interface WrittenLayer {
  inputs: number;
  outputs: number;
  kernel: Float64Array;
  bias?: Float64Array;
  relu: boolean;
}

/** Names of the input and of the output. */
export const [INPUT, OUTPUT] = ['input', 'output'] as const;

/** TensorProto.DataType, and AttributeProto.AttributeType of integers. */
const [FLOAT, DOUBLE] = [1, 11];
const INT = 2;
/** Versions that every runtime of recent years reads. */
const [IR_VERSION, OPSET] = [8n, 17n];

/**
 * Dense layers as an ONNX file: `Gemm` with a transposed kernel, `Relu`, and `Softmax` at the end where there is one. Input and output
 * are floats, of any number of samples; with constants in double precision they are cast right behind the one and before the other.
 */
export function writeOnnx(
  layers: readonly WrittenLayer[],
  softmax: boolean,
  constants: Constants,
): Uint8Array {
  const double = constants === 'double';
  const nodes = new Nodes();
  if (double) nodes.add('Cast', [], { to: DOUBLE });
  const initializer = layers.flatMap((layer, l) => {
    const { inputs, outputs, kernel, bias, relu } = layer;
    const made = [tensor(`kernel${l}`, [outputs, inputs], kernel, double)];
    if (bias) made.push(tensor(`bias${l}`, [outputs], bias, double));
    nodes.add(
      'Gemm',
      made.map(({ name }) => name),
      { transB: 1 },
    );
    if (relu) nodes.add('Relu');
    return made;
  });
  if (softmax) nodes.add('Softmax', [], { axis: -1 });
  if (double) nodes.add('Cast', [], { to: FLOAT });
  const [first, last] = [layers[0]!, layers[layers.length - 1]!];
  const model = {
    irVersion: IR_VERSION,
    producerName: 'proof-of-training',
    producerVersion: VERSION,
    opsetImport: [{ domain: '', version: OPSET }],
    graph: {
      name: 'model',
      node: nodes.ended(),
      initializer,
      input: [rows(INPUT, first.inputs)],
      output: [rows(OUTPUT, last.outputs)],
    },
  };
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, model));
}

/** Nodes one after the other, each on what the one before gives. */
class Nodes {
  private readonly nodes: MessageInitShape<typeof NodeProtoSchema>[] = [];
  private value: string = INPUT;

  add(opType: string, constants: readonly string[] = [], integers: Record<string, number> = {}): void {
    const attribute = Object.entries(integers).map(([name, i]) => ({ name, i: BigInt(i), type: INT }));
    const output = `${opType.toLowerCase()}_${this.nodes.length}`;
    this.nodes.push({ opType, name: output, input: [this.value, ...constants], output: [output], attribute });
    this.value = output;
  }

  /** All of them, as messages; what the last one gives is the model's output. */
  ended() {
    return this.nodes.map((node, i) => {
      const last = i === this.nodes.length - 1;
      return create(NodeProtoSchema, last ? { ...node, output: [OUTPUT] } : node);
    });
  }
}

function tensor(name: string, shape: readonly number[], values: Float64Array, double: boolean) {
  const rawData = new Uint8Array(values.length * (double ? 8 : 4));
  const view = new DataView(rawData.buffer);
  for (const [i, v] of values.entries()) {
    if (double) view.setFloat64(8 * i, v, true);
    else view.setFloat32(4 * i, v, true);
  }
  const dims = shape.map(BigInt);
  return create(TensorProtoSchema, { name, dims, dataType: double ? DOUBLE : FLOAT, rawData });
}

/** Any number of samples of so many floats. */
function rows(name: string, width: number) {
  const dim = [{ dimParam: 'samples' }, { dimValue: BigInt(width) }];
  return create(ValueInfoProtoSchema, { name, type: { tensorType: { elemType: FLOAT, shape: { dim } } } });
}
