/** ONNX models as exporters write them, read, committed to and proven; and files that must be refused. */
import { readFileSync } from 'node:fs';
import type { CheckpointOpening, InferenceProof } from '@proof-of-training/verifier/files';
import { describe, expect, it } from 'vitest';
import { outputOf, scoresOf } from '../src/check/reference.js';
import {
  commitModel,
  memoryUses,
  proveInference,
  proveRange,
  readOnnx,
  verifyInference,
} from '../src/node.js';
import { dims, ending, file, floats, type Graph, type Init, type Nodes } from './helpers/file.js';

const at = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(at(`${name}.onnx`)));
const said = (name: string) =>
  JSON.parse(readFileSync(at(`${name}.json`), 'utf8')) as { inputs: number[][]; outputs: number[][] };
const accept = { allowDevelopmentSrs: true } as const;
const code = (call: () => unknown) => {
  try {
    call();
    return 'accepted';
  } catch (e) {
    return (e as { code?: string }).code ?? e;
  }
};

describe('models of exporters', () => {
  it.each([
    ['digits', 64, [12, 10], true],
    ['iris', 4, [3], true],
    ['cancer', 30, [8, 2], false],
    ['diabetes', 10, [6, 1], false],
    ['linear', 10, [1], false],
    ['torch', 4, [5, 3], false],
  ])('%s is read, and gives what onnxruntime gives', (name, inputs, widths, softmax) => {
    const model = readOnnx(bytesOf(name));
    expect(model).toMatchObject({ inputs, softmax });
    expect(model.layers.map(({ outputs }) => outputs)).toEqual(widths);
    const { inputs: samples, outputs } = said(name);
    samples.forEach((sample, i) => {
      const found = outputOf(scoresOf(model, sample), model.last);
      for (const [j, v] of outputs[i]!.entries()) expect(found[j]!).toBeCloseTo(v, 4);
    });
  });

  it('are proven: the decisions of onnxruntime, within what the format rounds', async () => {
    for (const [name, options] of [
      ['digits', { inputRange: [0, 1] }],
      ['torch', { inputRange: [0, 1], profile: 'compact' }],
      // Up to 8 wide: scaled, and given scaled.
      ['iris', { inputScale: 2 }],
    ] as const) {
      const model = readOnnx(bytesOf(name));
      const { inputs, outputs } = said(name);
      const opening = await commitModel({ model, srs: 'development', samples: 8, ...options });
      const scale = 'inputScale' in options ? options.inputScale : 1;
      const flat = inputs.flat().map((v) => v / scale);
      const proven = await proveInference({ ...accept, opening, inputs: flat, uses: memoryUses(0) });
      const report = await verifyInference(proven.proof, {
        ...accept,
        expected: { weights: opening.commitment },
      });
      expect(report.failure).toBeUndefined();
      expect(report.conditional).toHaveLength(1);
      if (name === 'torch') await inRange(proven.proof, opening);
      outputs.forEach((row, i) => {
        const mine = [...outputOf(proven.outputs[i]!, model.last)];
        for (const [j, v] of row.entries()) expect(Math.abs(mine[j]! - v)).toBeLessThan(0.03);
        expect(mine.indexOf(Math.max(...mine))).toBe(row.indexOf(Math.max(...row)));
      });
    }
  }, 120_000);

  it('of several outputs the one that is named', () => {
    expect(readOnnx(bytesOf('digits'), { output: 'probabilities' }).output).toBe('probabilities');
    expect(code(() => readOnnx(bytesOf('digits'), { output: 'label' }))).toBe('ONNX_UNSUPPORTED');
    expect(code(() => readOnnx(bytesOf('digits'), { output: 'scores' }))).toBe('ONNX_UNSUPPORTED');
  });
});

/** With the genesis proof of its weights the proof holds without a condition; with another's it is refused. */
async function inRange(proof: InferenceProof, opening: CheckpointOpening): Promise<void> {
  const genesis = await proveRange({ ...accept, opening, uses: memoryUses(1) });
  const holds = await verifyInference(proof, { ...accept, genesis });
  expect(holds.failure).toBeUndefined();
  expect(holds.conditional).toBeUndefined();
  const model = readOnnx(bytesOf('torch'));
  const other = await commitModel({ model, srs: 'development', samples: 8, profile: 'compact' });
  const others = await proveRange({ ...accept, opening: other, uses: memoryUses(0) });
  for (const wrong of [others, { ...genesis, proof: others.proof }, proof, {}]) {
    const refused = await verifyInference(proof, { ...accept, genesis: wrong });
    expect(refused.failure?.code).toBe('INFERENCE_GENESIS');
  }
  await expect(proveRange({ ...accept, opening, uses: memoryUses(21) })).rejects.toMatchObject({
    code: 'SALT_EXHAUSTED',
  });
}

describe('what is read of a graph', () => {
  const [layer] = readOnnx(file()).layers;

  it('a product and a sum', () => {
    expect([...layer!.kernel]).toEqual([1, 3, 2, 4]);
    expect([...layer!.bias]).toEqual([5, 6]);
  });

  it.each<[string, Nodes, number[], number[]]>([
    ['Mul', [{ opType: 'Mul', input: ['p', 'b'], output: ['y'] }], [5, 15, 12, 24], [0, 0]],
    ['Sub', [{ opType: 'Sub', input: ['b', 'p'], output: ['y'] }], [-1, -3, -2, -4], [5, 6]],
    ['Div', [{ opType: 'Div', input: ['p', 'b'], output: ['y'] }], [1 / 5, 3 / 5, 2 / 6, 4 / 6], [0, 0]],
    ['LogSoftmax', [{ opType: 'LogSoftmax', input: ['p'], output: ['y'] }], [1, 3, 2, 4], [0, 0]],
  ])('%s', (_, nodes, kernel, bias) => {
    const [found] = readOnnx(ending(...nodes)).layers;
    for (const [i, v] of found!.kernel.entries()) expect(v).toBeCloseTo(kernel[i]!, 12);
    expect([...found!.bias]).toEqual(bias);
  });

  it('scalings before a product go into it, and two products are two layers', () => {
    const scaled = readOnnx(
      file(({ graph }) => {
        graph.node!.unshift(
          { opType: 'Sub', input: ['x', 'b'], output: ['centred'] } as never,
          { opType: 'Mul', input: ['centred', 'b'], output: ['scaled'] } as never,
        );
        (graph.node![2] as { input: string[] }).input[0] = 'scaled';
      }),
    );
    // ((x - 5) 5, (x - 6) 6) W + b
    expect([...scaled.layers[0]!.kernel]).toEqual([5, 18, 10, 24]);
    expect([...scaled.layers[0]!.bias]).toEqual([-25 - 108 + 5, -50 - 144 + 6]);
    const two = readOnnx(ending({ opType: 'MatMul', input: ['p', 'w'], output: ['y'] }));
    expect(two.layers.map(({ relu }) => relu)).toEqual([false, false]);
  });
});

describe('refused', () => {
  it.each<[string, Nodes, string]>([
    ['an operator that is not proven', [{ opType: 'Tanh', input: ['p'], output: ['y'] }], 'ONNX_UNSUPPORTED'],
    [
      'one of another domain',
      [{ opType: 'Relu', domain: 'com.microsoft', input: ['p'], output: ['y'] }],
      'ONNX_UNSUPPORTED',
    ],
    ['a name of every object', [{ opType: 'constructor', input: ['p'], output: ['y'] }], 'ONNX_UNSUPPORTED'],
    ['a sum of two values', [{ opType: 'Add', input: ['p', 'x'], output: ['y'] }], 'ONNX_UNSUPPORTED'],
    ['a product of two values', [{ opType: 'MatMul', input: ['p', 'x'], output: ['y'] }], 'ONNX_UNSUPPORTED'],
    [
      'a matrix of another size',
      [{ opType: 'MatMul', input: ['p', 'b'], output: ['y'] }],
      'ONNX_UNSUPPORTED',
    ],
    [
      'something behind a softmax',
      [
        { opType: 'Softmax', input: ['p'], output: ['s'] },
        { opType: 'Add', input: ['s', 'b'], output: ['y'] },
      ],
      'ONNX_UNSUPPORTED',
    ],
    [
      'a norm behind the logarithm of a softmax',
      [
        { opType: 'LogSoftmax', input: ['p'], output: ['s'] },
        {
          opType: 'Normalizer',
          domain: 'ai.onnx.ml',
          input: ['s'],
          output: ['y'],
          attribute: [{ name: 'norm', s: new TextEncoder().encode('L1'), type: 3 }],
        },
      ],
      'ONNX_UNSUPPORTED',
    ],
    [
      'a softmax over the samples',
      [{ opType: 'Softmax', input: ['p'], output: ['y'], attribute: [{ name: 'axis', i: 0n, type: 2 }] }],
      'ONNX_UNSUPPORTED',
    ],
    [
      'an attribute that nobody knows',
      [{ opType: 'Add', input: ['p', 'b'], output: ['y'], attribute: [{ name: 'axis', i: 1n, type: 2 }] }],
      'ONNX_UNSUPPORTED',
    ],
    [
      'an attribute of another type',
      [{ opType: 'Softmax', input: ['p'], output: ['y'], attribute: [{ name: 'axis', f: 1, type: 1 }] }],
      'ONNX_INVALID',
    ],
    [
      'transposed samples',
      [{ opType: 'Gemm', input: ['p', 'w'], output: ['y'], attribute: [{ name: 'transA', i: 1n, type: 2 }] }],
      'ONNX_UNSUPPORTED',
    ],
    [
      'a reshape that mixes samples',
      [{ opType: 'Reshape', input: ['p', 'b'], output: ['y'] }],
      'ONNX_UNSUPPORTED',
    ],
    [
      'a cast to integers',
      [{ opType: 'Cast', input: ['p'], output: ['y'], attribute: [{ name: 'to', i: 7n, type: 2 }] }],
      'ONNX_UNSUPPORTED',
    ],
    ['a value that is never there', [{ opType: 'Add', input: ['q', 'b'], output: ['y'] }], 'ONNX_INVALID'],
    ['a circle', [{ opType: 'Add', input: ['y', 'b'], output: ['y'] }], 'ONNX_INVALID'],
    ['a value that is there twice', [{ opType: 'Add', input: ['p', 'b'], output: ['x'] }], 'ONNX_INVALID'],
    ['too few inputs', [{ opType: 'Add', input: ['p'], output: ['y'] }], 'ONNX_INVALID'],
  ])('%s', (_, nodes, expected) => {
    expect(code(() => readOnnx(ending(...nodes)))).toBe(expected);
  });

  it.each<[string, (model: Init & { graph: Graph }) => void, string]>([
    ['no nodes', (m) => Object.assign(m.graph, { node: [] }), 'ONNX_INVALID'],
    [
      'data in another file',
      (m) => Object.assign(m.graph.initializer![0]!, { externalData: [new Uint8Array(1)], dataLocation: 1 }),
      'ONNX_INVALID',
    ],
    [
      'a shape that is not its data',
      (m) => Object.assign(m.graph.initializer![0]!, { dims: [2n, 3n] }),
      'ONNX_INVALID',
    ],
    [
      'a shape of gigabytes',
      (m) => Object.assign(m.graph.initializer![0]!, { dims: [1n << 40n, 1n << 40n] }),
      'ONNX_INVALID',
    ],
    [
      'a negative shape',
      (m) => Object.assign(m.graph.initializer![0]!, { dims: [-2n, -2n] }),
      'ONNX_INVALID',
    ],
    [
      'data that is there twice',
      (m) => Object.assign(m.graph.initializer![0]!, { rawData: new Uint8Array(16) }),
      'ONNX_INVALID',
    ],
    [
      'raw data of another length',
      (m) => Object.assign(m.graph.initializer![0]!, { floatData: [], rawData: new Uint8Array(15) }),
      'ONNX_INVALID',
    ],
    ['another type', (m) => Object.assign(m.graph.initializer![0]!, { dataType: 10 }), 'ONNX_UNSUPPORTED'],
    [
      'NaN',
      (m) => Object.assign(m.graph.initializer![0]!, { floatData: [1, 2, 3, Number.NaN] }),
      'ONNX_INVALID',
    ],
    [
      'sparse constants',
      (m) => Object.assign(m.graph, { sparseInitializer: [new Uint8Array(1)] }),
      'ONNX_INVALID',
    ],
    ['functions of its own', (m) => Object.assign(m, { functions: [new Uint8Array(1)] }), 'ONNX_INVALID'],
    [
      'another version',
      (m) => Object.assign(m, { opsetImport: [{ domain: '', version: 8n }] }),
      'ONNX_INVALID',
    ],
    ['no version', (m) => Object.assign(m, { opsetImport: [] }), 'ONNX_INVALID'],
    ['two inputs', (m) => m.graph.input!.push({ name: 'z', type: dims(2n) } as never), 'ONNX_UNSUPPORTED'],
    [
      'an input without a number of features',
      (m) => Object.assign(m.graph.input![0]!, { type: dims(0n) }),
      'ONNX_UNSUPPORTED',
    ],
    [
      'an output that is a constant',
      (m) => Object.assign(m.graph, { output: [{ name: 'w' }] }),
      'ONNX_INVALID',
    ],
    [
      'two outputs that can be proven',
      (m) => m.graph.output!.push({ name: 'p' } as never),
      'ONNX_UNSUPPORTED',
    ],
  ])('%s', (_, change, expected) => {
    expect(code(() => readOnnx(file(change)))).toBe(expected);
  });

  it('a file that names one large constant for ever, or more features than there are', () => {
    const size = 1 << 12;
    const square = file(({ graph }) => {
      graph.initializer = [floats('w', [size, size], []), floats('b', [1], [2])] as never;
      Object.assign(graph.initializer[0]!, { rawData: new Uint8Array(4 * size * size) });
      graph.input = [{ name: 'x', type: dims(BigInt(size)) }] as never;
      const product = (i: number) => ({ opType: 'MatMul', input: ['x', 'w'], output: [`p${i}`] });
      graph.node = [
        ...Array.from({ length: 4 }, (_, i) => product(i)),
        { opType: 'MatMul', input: ['x', 'w'], output: ['y'] },
      ] as never;
    });
    expect(code(() => readOnnx(square))).toBe('ONNX_INVALID');
    const scaled = file(({ graph }) => {
      graph.input = [{ name: 'x', type: dims(1n << 50n) }] as never;
      graph.initializer!.push(floats('s', [1], [2]) as never);
      graph.node!.unshift({ opType: 'Mul', input: ['x', 's'], output: ['z'] } as never);
    });
    expect(code(() => readOnnx(scaled))).toBe('ONNX_UNSUPPORTED');
  });

  it('options that it does not know', () => {
    expect(code(() => readOnnx(file(), { outputs: 'y' } as object))).toBe('OPTION_UNKNOWN');
    expect(code(() => readOnnx(file(), { output: '' }))).toBe('OPTION_INVALID');
    expect(code(() => readOnnx(file(), { output: 1 } as object))).toBe('OPTION_INVALID');
  });

  it('bytes that are no model, and a model cut anywhere', () => {
    expect(code(() => readOnnx('model' as never))).toBe('OPTION_INVALID');
    expect(code(() => readOnnx(new TextEncoder().encode('{"no": "model"}')))).toBe('ONNX_INVALID');
    const whole = bytesOf('torch');
    const cut = new Set(
      Array.from({ length: whole.length }, (_, n) => code(() => readOnnx(whole.subarray(0, n)))),
    );
    // Its last field is the version of the operators; without that nothing is known of them.
    expect([...cut].sort()).toEqual(['ONNX_INVALID']);
  });

  it('models and options that do not fit', async () => {
    const model = readOnnx(file());
    const refused = async (more: object) =>
      commitModel({ model, srs: 'development', ...more }).then(
        () => 'accepted',
        (e) => e.code,
      );
    expect(await refused({ inputRange: [0, 1000] })).toBe('VALUE_OUT_OF_RANGE');
    expect(await refused({ inputRange: [1, 0] })).toBe('OPTION_INVALID');
    expect(await refused({ inputScale: 0 })).toBe('OPTION_INVALID');
    expect(await refused({ profile: 'fine' })).toBe('OPTION_INVALID');
    expect(await refused({ range: [0, 1] })).toBe('OPTION_UNKNOWN');
    expect(await refused({ model: {} })).toBe('OPTION_INVALID');
    expect(await refused({ inputScale: 1e9 })).toBe('VALUE_OUT_OF_RANGE');
    // The range is that of the model's own inputs.
    expect(await refused({ inputRange: [0, 100] })).toBe('VALUE_OUT_OF_RANGE');
    expect(await refused({ inputRange: [0, 100], inputScale: 100 })).toBe('accepted');
    const [layer] = model.layers;
    for (const wrong of [
      { layers: [] },
      { layers: [{ ...layer, relu: true }] },
      { layers: [{ ...layer, relu: undefined }] },
      { layers: [{ ...layer, bias: [1] }] },
      { layers: [{ ...layer, kernel: undefined }] },
      { layers: model.layers, softmax: undefined },
    ]) {
      expect(await refused({ model: { softmax: false, ...wrong } })).toBe('OPTION_INVALID');
    }
  });
});
