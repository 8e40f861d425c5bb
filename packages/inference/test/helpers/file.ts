/** ONNX files, made for tests. */
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/onnx/proto/onnx_pb.js';

export type Init = MessageInitShape<typeof ModelProtoSchema>;
export type Graph = NonNullable<Init['graph']> & object;
export type Nodes = NonNullable<Graph['node']>;
/** A constant of floats. */
export const floats = (name: string, dims: number[], values: number[]) => ({
  name,
  dims: dims.map(BigInt),
  dataType: 1,
  floatData: values,
});
/** The type of samples of so many features. */
export const dims = (features: bigint) => ({
  tensorType: { elemType: 1, shape: { dim: [{ dimParam: 'n' }, { dimValue: features }] } },
});
/** y = x W + b on two features, changed. */
export function file(change: (model: Init & { graph: Graph }) => void = () => {}): Uint8Array {
  const model = {
    irVersion: 8n,
    opsetImport: [
      { domain: '', version: 17n },
      { domain: 'ai.onnx.ml', version: 1n },
    ],
    graph: {
      node: [
        { opType: 'MatMul', input: ['x', 'w'], output: ['p'] },
        { opType: 'Add', input: ['p', 'b'], output: ['y'] },
      ] as Nodes,
      initializer: [floats('w', [2, 2], [1, 2, 3, 4]), floats('b', [2], [5, 6])],
      input: [{ name: 'x', type: dims(2n) }],
      output: [{ name: 'y' }],
    },
  };
  change(model as never);
  return toBinary(ModelProtoSchema, create(ModelProtoSchema, model as Init));
}
/** With these nodes in place of the sum. */
export const ending = (...nodes: Nodes) => file(({ graph }) => graph.node!.splice(1, 1, ...nodes));

/** Dense layers with ReLU between them, kernels `[inputs][outputs]`; no biases. */
export function layered(inputs: number, ...kernels: number[][]): Uint8Array {
  return file(({ graph }) => {
    let width = inputs;
    graph.initializer = [];
    graph.input = [{ name: 'x', type: dims(BigInt(inputs)) }];
    graph.node = kernels.flatMap((values, l) => {
      const outputs = values.length / width;
      graph.initializer!.push(floats(`w${l}`, [width, outputs], values) as never);
      width = outputs;
      const last = l === kernels.length - 1;
      const product = {
        opType: 'MatMul',
        input: [l === 0 ? 'x' : `h${l - 1}`, `w${l}`],
        output: [last ? 'y' : `p${l}`],
      };
      return last ? [product] : [product, { opType: 'Relu', input: [`p${l}`], output: [`h${l}`] }];
    });
  });
}
