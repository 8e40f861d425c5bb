/** ONNX operators that become dense layers, against their definitions, and against onnxruntime where it is there. */
import { describe, expect, it } from 'vitest';
import { outputOf, scoresOf } from '../src/check/reference.js';
import { runtimeOutputs } from '../src/check/runtime.js';
import { readOnnx } from '../src/node.js';
import { openOnnx } from '../src/onnx/file.js';
import { modelOf } from '../src/onnx/readOnnx.js';
import { dims, file, floats, type Graph, type Nodes } from './helpers/file.js';
import { runtime } from './helpers/runtime.js';

const ROWS = [
  [0.5, -1.25],
  [-2, 3],
  [0.125, 0.75],
  [0, 0],
];
/** x W + b of the file, which stands before and behind what is tried: W = [[1, 2], [3, 4]], b = [5, 6]. */
const dense = ([x, y]: readonly number[]) => [x! + 3 * y! + 5, 2 * x! + 4 * y! + 6];

type Constants = NonNullable<Graph['initializer']>;
const integers = (name: string, dims: number[], values: number[]) => ({
  name,
  dims: dims.map(BigInt),
  dataType: 7,
  int64Data: values.map(BigInt),
});

/** x W + b, then these nodes from `p` to `q`, then a product again. */
function between(nodes: Nodes, constants: object[] = []): Uint8Array {
  return file(({ graph }) => {
    graph.node = [
      { opType: 'MatMul', input: ['x', 'w'], output: ['raw'] },
      { opType: 'Add', input: ['raw', 'b'], output: ['p'] },
      ...nodes,
      { opType: 'MatMul', input: ['q', 'w'], output: ['y'] },
    ];
    graph.initializer = [...graph.initializer!, ...(constants as never as Constants)] as never;
    graph.output = [{ name: 'y', type: { tensorType: { elemType: 1 } } }];
  });
}
/** The same of the sample itself. */
const before = (nodes: Nodes, constants: object[] = []) =>
  file(({ graph }) => {
    graph.node = [
      ...nodes.map((node) => ({ ...node, input: node.input!.map((name) => (name === 'p' ? 'x' : name)) })),
      { opType: 'MatMul', input: ['q', 'w'], output: ['raw'] },
      { opType: 'Add', input: ['raw', 'b'], output: ['y'] },
    ] as Nodes;
    graph.initializer = [...graph.initializer!, ...(constants as never as Constants)] as never;
    graph.output = [{ name: 'y', type: { tensorType: { elemType: 1 } } }];
  });
/** The last product of {@link between}, which has no bias. */
const product = ([x, y]: readonly number[]) => [x! + 3 * y!, 2 * x! + 4 * y!];

async function expectRows(onnx: Uint8Array, definition: (row: number[]) => number[]): Promise<void> {
  const model = modelOf(openOnnx(onnx));
  const given = runtime && (await runtimeOutputs(runtime, openOnnx(onnx), model.output, ROWS));
  ROWS.forEach((row, i) => {
    const [found, expected] = [outputOf(scoresOf(model, row), model.last), definition(row)];
    expect(found).toHaveLength(expected.length);
    expected.forEach((v, j) => {
      expect(found[j]!).toBeCloseTo(v, 6);
      if (given) expect(given[i]![j]!).toBeCloseTo(v, 3);
    });
  });
}

const attribute = (name: string, value: number | number[]) =>
  Array.isArray(value)
    ? { name, ints: value.map(BigInt), type: 7 }
    : Number.isInteger(value)
      ? { name, i: BigInt(value), type: 2 }
      : { name, f: value, type: 1 };

const NORM = [
  floats('scale', [2], [2, -0.5]),
  floats('shift', [2], [1, 3]),
  floats('mean', [2], [0.5, -1]),
  floats('variance', [2], [4, 0.25]),
];
const norm = (row: readonly number[], epsilon: number) =>
  row.map((v, i) => ((v - [0.5, -1][i]!) / Math.sqrt([4, 0.25][i]! + epsilon)) * [2, -0.5][i]! + [1, 3][i]!);
const normalised = (more: object = {}): Nodes => [
  {
    opType: 'BatchNormalization',
    input: ['p', 'scale', 'shift', 'mean', 'variance'],
    output: ['q'],
    attribute: [{ name: 'epsilon', f: 0.5, type: 1 }],
    ...more,
  },
];

describe('gives what its definition says', () => {
  it('BatchNormalization behind a product, and before one', async () => {
    await expectRows(between(normalised(), NORM), (row) => product(norm(dense(row), 0.5)));
    await expectRows(before(normalised(), NORM), (row) => dense(norm(row, 0.5)));
    await expectRows(before(normalised({ attribute: [] }), NORM), (row) => dense(norm(row, 1e-5)));
    // It costs no layer.
    expect(readOnnx(between(normalised(), NORM)).layers).toHaveLength(2);
    expect(readOnnx(before(normalised(), NORM)).layers).toHaveLength(1);
  });

  it('Dropout in inference, Neg', async () => {
    await expectRows(between([{ opType: 'Dropout', input: ['p'], output: ['q', 'mask'] }]), (row) =>
      product(dense(row)),
    );
    const ratio = [floats('ratio', [], [0.5]), { name: 'training', dims: [], dataType: 9, int32Data: [0] }];
    await expectRows(
      between([{ opType: 'Dropout', input: ['p', 'ratio', 'training'], output: ['q'] }], ratio),
      (row) => product(dense(row)),
    );
    await expectRows(between([{ opType: 'Neg', input: ['p'], output: ['q'] }]), (row) =>
      product(dense(row).map((v) => -v)),
    );
  });

  it('activations that are made of ReLUs, behind a product, before one, and twice', async () => {
    const clipped = (least: number, most: number) => (v: number) => Math.min(most, Math.max(least, v));
    const bounds = [floats('least', [], [-1]), floats('most', [1], [6])];
    const slopes = [floats('slopes', [2], [0.25, -2])];
    const cases: [Nodes[number], object[], (v: number, i: number) => number][] = [
      [{ opType: 'Relu', input: ['p'] }, [], (v) => Math.max(0, v)],
      [{ opType: 'Abs', input: ['p'] }, [], Math.abs],
      [{ opType: 'LeakyRelu', input: ['p'] }, [], (v) => (v < 0 ? 0.01 * v : v)],
      [
        { opType: 'LeakyRelu', input: ['p'], attribute: [attribute('alpha', 0.5)] },
        [],
        (v) => (v < 0 ? 0.5 * v : v),
      ],
      [{ opType: 'PRelu', input: ['p', 'slopes'] }, slopes, (v, i) => (v < 0 ? [0.25, -2][i]! * v : v)],
      [{ opType: 'Clip', input: ['p', 'least', 'most'] }, bounds, clipped(-1, 6)],
      [{ opType: 'Clip', input: ['p', 'least'] }, bounds, clipped(-1, Number.POSITIVE_INFINITY)],
      [{ opType: 'Clip', input: ['p', '', 'most'] }, bounds, clipped(Number.NEGATIVE_INFINITY, 6)],
      [{ opType: 'Clip', input: ['p'] }, [], (v) => v],
      [{ opType: 'HardSigmoid', input: ['p'] }, [], (v) => clipped(0, 1)(0.2 * v + 0.5)],
      [
        {
          opType: 'HardSigmoid',
          input: ['p'],
          attribute: [attribute('alpha', 0.25), attribute('beta', 0.75)],
        },
        [],
        (v) => clipped(0, 1)(0.25 * v + 0.75),
      ],
    ];
    for (const [given, constants, bend] of cases) {
      const node = { ...given, output: ['q'] } as Nodes[number];
      await expectRows(between([node], constants), (row) => product(dense(row).map(bend)));
      await expectRows(before([node], constants), (row) => dense(row.map(bend)));
      // Scaled and shifted behind, bent again, and with nothing behind.
      const again: Nodes = [
        { ...given, output: ['q1'] } as Nodes[number],
        { opType: 'Mul', input: ['q1', 'b'], output: ['q2'] },
        { opType: 'Sub', input: ['b', 'q2'], output: ['q3'] },
        { ...given, input: ['q3', ...given.input!.slice(1)], output: ['q'] } as Nodes[number],
      ];
      const twice = (row: number[]) =>
        row
          .map(bend)
          .map((v, i) => [5, 6][i]! * (1 - v))
          .map(bend);
      await expectRows(between(again, constants), (row) => product(twice(dense(row))));
      const ending = file(({ graph }) => {
        graph.node!.splice(1, 1, { opType: 'Add', input: ['p', 'b'], output: ['s'] }, {
          ...given,
          input: ['s', ...given.input!.slice(1)],
          output: ['y'],
        } as Nodes[number]);
        graph.initializer = [...graph.initializer!, ...(constants as never as Constants)] as never;
        graph.output = [{ name: 'y', type: { tensorType: { elemType: 1 } } }];
      });
      await expectRows(ending, (row) => dense(row).map(bend));
    }
  });

  it('a clip as it was before version 11', async () => {
    const clip = (...bounds: object[]) =>
      file(({ graph, opsetImport }) => {
        Object.assign(opsetImport![0]!, { version: 9n });
        graph.node!.push({ opType: 'Clip', input: ['y'], output: ['z'], attribute: bounds } as never);
        graph.output = [{ name: 'z', type: { tensorType: { elemType: 1 } } }];
      });
    await expectRows(clip(attribute('min', 0.5), { name: 'max', f: 6, type: 1 }), (row) =>
      dense(row).map((v) => Math.min(6, Math.max(0.5, v))),
    );
    await expectRows(clip(), dense);
    expect(() => readOnnx(clip({ name: 'max', f: Number.NaN, type: 1 }))).toThrow('no range');
  });

  it('a sigmoid at the end, of one output and of two that are opposite', async () => {
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    const onnx = file(({ graph }) => {
      graph.node!.push({ opType: 'Sigmoid', input: ['y'], output: ['z'] } as never);
      graph.output = [{ name: 'z', type: { tensorType: { elemType: 1 } } }];
    });
    await expectRows(onnx, (row) => dense(row).map(sigmoid));
    expect(readOnnx(onnx)).toMatchObject({ softmax: false, last: 'sigmoid' });
    const classifier = (coefficients: number[]) =>
      file(({ graph }) => {
        graph.node = [
          {
            opType: 'LinearClassifier',
            domain: 'ai.onnx.ml',
            input: ['x'],
            output: ['label', 'scores'],
            attribute: [
              { name: 'coefficients', floats: coefficients, type: 6 },
              { name: 'intercepts', floats: [0.5, -0.5], type: 6 },
              { name: 'classlabels_ints', ints: [0n, 1n], type: 7 },
              { name: 'post_transform', s: new TextEncoder().encode('LOGISTIC'), type: 3 },
            ],
          },
          {
            opType: 'Normalizer',
            domain: 'ai.onnx.ml',
            input: ['scores'],
            output: ['y'],
            attribute: [{ name: 'norm', s: new TextEncoder().encode('L1'), type: 3 }],
          },
        ];
        graph.output = [{ name: 'y', type: { tensorType: { elemType: 1 } } }];
      });
    await expectRows(classifier([1, 2, -1, -2]), ([x, y]) => {
      const score = x! + 2 * y! + 0.5;
      return [sigmoid(score), sigmoid(-score)];
    });
    expect(() => readOnnx(classifier([1, 2, -1, -3]))).toThrow('ONNX_UNSUPPORTED');
  });

  it('products of the same features side by side, and a sigmoid with its complement', async () => {
    const heads: Nodes = [
      { opType: 'MatMul', input: ['p', 'b2'], output: ['one'] },
      { opType: 'MatMul', input: ['p', 'w'], output: ['raw2'] },
      { opType: 'Sub', input: ['b', 'raw2'], output: ['two'] },
      { opType: 'Concat', input: ['two', 'one'], output: ['three'], attribute: [attribute('axis', 1)] },
      { opType: 'MatMul', input: ['three', 'b3'], output: ['q'] },
    ];
    const constants = [floats('b2', [2, 1], [1, -1]), floats('b3', [3, 2], [1, 0, 0, 1, 2, -2])];
    await expectRows(between(heads, constants), (row) => {
      const p = dense(row);
      const [x, y, z] = [...product(p).map((v, i) => [5, 6][i]! - v), p[0]! - p[1]!];
      return product([x! + 2 * z!, y! - 2 * z!]);
    });
    const onnx = file(({ graph }) => {
      graph.initializer!.push(floats('unity', [], [1]) as never);
      graph.node!.push(
        { opType: 'Sigmoid', input: ['y'], output: ['s'] } as never,
        { opType: 'Sub', input: ['unity', 's'], output: ['t'] } as never,
        { opType: 'Concat', input: ['t', 's'], output: ['z'], attribute: [attribute('axis', -1)] } as never,
      );
      graph.output = [{ name: 'z', type: { tensorType: { elemType: 1 } } }];
    });
    const sigmoid = (v: number) => 1 / (1 + Math.exp(-v));
    await expectRows(onnx, (row) => [...dense(row).map((v) => 1 - sigmoid(v)), ...dense(row).map(sigmoid)]);
  });

  it('Imputer of NaN', async () => {
    const floatsOf = { name: 'imputed_value_floats', floats: [1, 2], type: 6 };
    const nan = { name: 'replaced_value_float', f: Number.NaN, type: 1 };
    const node = { opType: 'Imputer', domain: 'ai.onnx.ml', input: ['p'], output: ['q'] };
    await expectRows(before([{ ...node, attribute: [floatsOf, nan] }]), dense);
  });

  it('constants that are made of constants', async () => {
    const add = (constant: string): Nodes[number] => ({
      opType: 'Add',
      input: ['p', constant],
      output: ['q'],
    });
    const cases: [string, Nodes, object[], (p: number[]) => number[]][] = [
      [
        'a value',
        [
          {
            opType: 'Constant',
            input: [],
            output: ['c'],
            attribute: [{ name: 'value', t: floats('', [2], [7, 8]), type: 4 }],
          },
          add('c'),
        ],
        [],
        ([x, y]) => [x! + 7, y! + 8],
      ],
      [
        'one number',
        [
          { opType: 'Constant', input: [], output: ['c'], attribute: [attribute('value_float', 0.5)] },
          add('c'),
        ],
        [],
        ([x, y]) => [x! + 0.5, y! + 0.5],
      ],
      [
        'sums that are repeated, products, roots',
        [
          { opType: 'Mul', input: ['u', 'u'], output: ['squares'] },
          { opType: 'Sqrt', input: ['squares'], output: ['roots'] },
          { opType: 'Sub', input: ['roots', 'one'], output: ['c'] },
          add('c'),
        ],
        [floats('u', [2], [-3, 4]), floats('one', [1], [1])],
        ([x, y]) => [x! + 2, y! + 3],
      ],
      [
        'a column that is squeezed, and a row that is not',
        [
          { opType: 'Squeeze', input: ['column', 'axis'], output: ['flat'] },
          { opType: 'Unsqueeze', input: ['flat', 'first'], output: ['row'] },
          { opType: 'Div', input: ['row', 'two'], output: ['c'] },
          add('c'),
        ],
        [
          floats('column', [2, 1], [6, 8]),
          integers('axis', [1], [-1]),
          integers('first', [1], [0]),
          floats('two', [], [2]),
        ],
        ([x, y]) => [x! + 3, y! + 4],
      ],
      [
        'a matrix that is reshaped and transposed',
        [
          { opType: 'Reshape', input: ['four', 'shape'], output: ['matrix'] },
          {
            opType: 'Transpose',
            input: ['matrix'],
            output: ['turned'],
            attribute: [attribute('perm', [1, 0])],
          },
          { opType: 'MatMul', input: ['p', 'turned'], output: ['q'] },
        ],
        [floats('four', [4], [1, 2, 3, 4]), integers('shape', [2], [2, -1])],
        ([x, y]) => [x! + 2 * y!, 3 * x! + 4 * y!],
      ],
      [
        'an adapter that is added to its matrix',
        [
          { opType: 'MatMul', input: ['a', 'c'], output: ['change'] },
          { opType: 'Add', input: ['w', 'change'], output: ['sum'] },
          { opType: 'MatMul', input: ['p', 'sum'], output: ['q'] },
        ],
        [floats('a', [2, 1], [1, 2]), floats('c', [1, 2], [3, -1])],
        // [[1, 2], [3, 4]] + [[3, -1], [6, -2]]
        ([x, y]) => [4 * x! + 9 * y!, x! + 2 * y!],
      ],
    ];
    for (const [, nodes, constants, definition] of cases) {
      await expectRows(between(nodes, constants), (row) => product(definition(dense(row))));
    }
  });
});

describe('refused', () => {
  const code = (nodes: Nodes, constants: object[] = []) => {
    try {
      readOnnx(between(nodes, constants));
      return 'accepted';
    } catch (e) {
      return (e as { code?: string }).code;
    }
  };
  const folded = (node: Nodes[number], constants: object[]) =>
    code(
      [{ ...node, output: ['c'] } as Nodes[number], { opType: 'Add', input: ['p', 'c'], output: ['q'] }],
      constants,
    );

  it('what is joined of different features', () => {
    const concat = (input: string[], axis = 1): Nodes[number] => ({
      opType: 'Concat',
      input,
      output: ['q'],
      attribute: [attribute('axis', axis)],
    });
    expect(code([concat(['p', 'x'])])).toBe('ONNX_UNSUPPORTED');
    expect(code([concat(['p', 'p'], 0)])).toBe('ONNX_UNSUPPORTED');
    const behind = (opType: string, from: string, to: string) => ({ opType, input: [from], output: [to] });
    expect(code([behind('Relu', 'p', 'r'), concat(['p', 'r'])])).toBe('ONNX_UNSUPPORTED');
    // A sum of products of p and of its ReLU would be another function.
    const two: Nodes = [
      behind('Relu', 'p', 'r'),
      { opType: 'MatMul', input: ['p', 'w'], output: ['first'] },
      { opType: 'MatMul', input: ['r', 'w'], output: ['second'] },
      concat(['first', 'second']),
    ];
    expect(code(two)).toBe('ONNX_UNSUPPORTED');
    expect(code([behind('Softmax', 'p', 's'), concat(['s', 's'])])).toBe('ONNX_UNSUPPORTED');
    const half = floats('half', [], [0.5]);
    const other: Nodes = [
      behind('Sigmoid', 'p', 's'),
      { opType: 'Sub', input: ['half', 's'], output: ['q'] },
    ];
    expect(code(other, [half])).toBe('ONNX_UNSUPPORTED');
  });

  it('slopes and bounds that do not fit', () => {
    const three = floats('three', [3], [1, 2, 3]);
    expect(code([{ opType: 'PRelu', input: ['p', 'three'], output: ['q'] }], [three])).toBe(
      'ONNX_UNSUPPORTED',
    );
    expect(code([{ opType: 'Clip', input: ['p', 'b'], output: ['q'] }])).toBe('ONNX_UNSUPPORTED');
    const wrong = [floats('least', [], [1]), floats('most', [], [0])];
    expect(code([{ opType: 'Clip', input: ['p', 'least', 'most'], output: ['q'] }], wrong)).toBe(
      'ONNX_INVALID',
    );
    expect(code([{ opType: 'Sigmoid', input: ['p'], output: ['q'] }])).toBe('ONNX_UNSUPPORTED');
  });

  it('long texts and lists, in a few words', () => {
    const long = 'x'.repeat(100_000);
    const many = integers('many', [100_000], Array(100_000).fill(0));
    const two = floats('two', [2], [1, 2]);
    const axes = (count: number) => [{ name: 'axes', ints: Array(count).fill(0n), type: 7 }];
    const said = (nodes: Nodes, constants: object[] = [two, many]) => {
      try {
        readOnnx(between(nodes, constants));
        return 'accepted';
      } catch (e) {
        const { code, message } = e as { code?: string; message: string };
        expect(message.length).toBeLessThan(1000);
        return code;
      }
    };
    const used: Nodes[number] = { opType: 'Add', input: ['p', 'c'], output: ['q'] };
    for (const nodes of [
      [{ opType: 'Reshape', input: ['p', 'many'], output: ['q'] }],
      [{ opType: 'Reshape', input: ['two', 'many'], output: ['c'] }, used],
      [{ opType: 'Unsqueeze', input: ['two', 'many'], output: ['c'] }, used],
      [{ opType: 'Squeeze', input: ['two', 'many'], output: ['c'] }, used],
      [{ opType: 'Unsqueeze', input: ['two'], output: ['c'], attribute: axes(100_000) }, used],
      [
        {
          opType: 'Transpose',
          input: ['two'],
          output: ['c'],
          attribute: [{ ...axes(100_000)[0]!, name: 'perm' }],
        },
        used,
      ],
      [{ opType: long, input: ['p'], output: ['q'] }],
      [{ opType: long, input: ['p'], output: ['other', 'q'] }],
    ] as Nodes[]) {
      expect(said(nodes)).toMatch(/^ONNX_/);
    }
    expect(
      said([{ opType: 'MatMul', input: ['p', long], output: ['q'] }], [floats(long, [3, 1], [1, 2, 3])]),
    ).toBe('ONNX_UNSUPPORTED');
    expect(said([], [floats(long, [3], [1, 2])])).toBe('ONNX_INVALID');
    const text = { name: 'norm', s: new TextEncoder().encode(long), type: 3 };
    const norm = {
      opType: 'Normalizer',
      domain: 'ai.onnx.ml',
      input: ['p'],
      output: ['q'],
      attribute: [text],
    };
    expect(said([norm])).toBe('ONNX_UNSUPPORTED');
  });

  it('the input itself, and a product of very many features that only hands them on', () => {
    const wide = (nodes: Nodes) =>
      file(({ graph }) => {
        graph.input = [{ name: 'x', type: dims(8192n) }];
        graph.node = nodes;
      });
    const read = (nodes: Nodes) => () => readOnnx(wide(nodes));
    expect(read([{ opType: 'Identity', input: ['x'], output: ['y'] }])).toThrow('the input itself');
    expect(read([{ opType: 'Relu', input: ['x'], output: ['y'] }])).toThrow('8192 features is too large');
  });

  it('a file of activations whose weights grow without an end', () => {
    // Twice 2900^2 are more than 2^24: refused before they are made.
    const size = 2900;
    const onnx = file(({ graph }) => {
      graph.input = [{ name: 'x', type: dims(BigInt(size)) }];
      graph.initializer = [floats('w', [size, size], [])] as never;
      Object.assign(graph.initializer[0]!, { rawData: new Uint8Array(4 * size * size) });
      graph.node = [
        { opType: 'MatMul', input: ['x', 'w'], output: ['p'] },
        { opType: 'Abs', input: ['p'], output: ['y'] },
      ];
    });
    expect(() => readOnnx(onnx)).toThrow('ONNX_INVALID');
  });

  it('a normalisation in training, or of a variance that is none', () => {
    expect(code(normalised({ attribute: [attribute('training_mode', 1)] }), NORM)).toBe('ONNX_UNSUPPORTED');
    expect(code(normalised({ output: ['q', 'running'] }), NORM)).toBe('ONNX_UNSUPPORTED');
    const negative = [...NORM.slice(0, 3), floats('variance', [2], [-4, 1])];
    expect(code(normalised(), negative)).toBe('ONNX_INVALID');
    expect(code(normalised({ attribute: [{ name: 'epsilon', f: Number.NaN, type: 1 }] }), NORM)).toBe(
      'ONNX_INVALID',
    );
    expect(code(normalised(), [floats('scale', [3], [1, 1, 1]), ...NORM.slice(1)])).toBe('ONNX_UNSUPPORTED');
  });

  it('a dropout in training', () => {
    const training = { name: 'training', dims: [], dataType: 9, rawData: new Uint8Array([1]) };
    expect(code([{ opType: 'Dropout', input: ['p', '', 'training'], output: ['q'] }], [training])).toBe(
      'ONNX_UNSUPPORTED',
    );
    expect(code([{ opType: 'Dropout', input: ['p'], output: ['other', 'q'] }])).toBe('ONNX_UNSUPPORTED');
  });

  it('an imputer of a number', () => {
    const node = { opType: 'Imputer', domain: 'ai.onnx.ml', input: ['p'], output: ['q'] };
    expect(code([node])).toBe('ONNX_UNSUPPORTED');
    expect(code([{ ...node, attribute: [{ name: 'replaced_value_float', f: -1, type: 1 }] }])).toBe(
      'ONNX_UNSUPPORTED',
    );
  });

  it('constants that do not fit, or are not numbers', () => {
    const two = floats('two', [2], [1, 2]);
    const three = floats('three', [3], [1, 2, 3]);
    expect(folded({ opType: 'Mul', input: ['two', 'three'] }, [two, three])).toBe('ONNX_INVALID');
    expect(folded({ opType: 'Div', input: ['two', 'zero'] }, [two, floats('zero', [1], [0])])).toBe(
      'ONNX_UNSUPPORTED',
    );
    expect(folded({ opType: 'Sqrt', input: ['minus'] }, [floats('minus', [2], [-1, 1])])).toBe(
      'ONNX_UNSUPPORTED',
    );
    expect(folded({ opType: 'Div', input: ['n', 'n'] }, [integers('n', [2], [3, 2])])).toBe(
      'ONNX_UNSUPPORTED',
    );
    expect(folded({ opType: 'Transpose', input: ['two'], attribute: [attribute('perm', [1])] }, [two])).toBe(
      'ONNX_INVALID',
    );
    expect(folded({ opType: 'Reshape', input: ['two', 'n'] }, [two, integers('n', [2], [-1, 3])])).toBe(
      'ONNX_INVALID',
    );
    expect(folded({ opType: 'Squeeze', input: ['two', 'n'] }, [two, integers('n', [1], [0])])).toBe(
      'ONNX_INVALID',
    );
    expect(folded({ opType: 'Unsqueeze', input: ['two', 'n'] }, [two, integers('n', [2], [1, 1])])).toBe(
      'ONNX_INVALID',
    );
    expect(folded({ opType: 'Constant', input: [] }, [])).toBe('ONNX_INVALID');
    const nan = { name: 'value_floats', floats: [Number.NaN, 1], type: 6 };
    expect(folded({ opType: 'Constant', input: [], attribute: [nan] }, [])).toBe('ONNX_INVALID');
    expect(code([{ opType: 'Sqrt', input: ['p'], output: ['q'] }])).toBe('ONNX_UNSUPPORTED');
    expect(code([{ opType: 'Transpose', input: ['p'], output: ['q'] }])).toBe('ONNX_UNSUPPORTED');
  });

  it('a file whose constants grow without an end', () => {
    // 4097^2 are more than 2^24: refused before they are made.
    const size = 4097;
    const grown = [
      floats('row', [1, size], Array(size).fill(1)),
      floats('column', [size, 1], Array(size).fill(1)),
    ];
    const sums = [{ opType: 'Add', input: ['row', 'column'], output: ['sum'] }];
    expect(folded({ opType: 'Neg', input: ['row'] }, grown)).toBe('ONNX_UNSUPPORTED');
    expect(code([...sums, { opType: 'Neg', input: ['p'], output: ['q'] }], grown)).toBe('ONNX_INVALID');
  });
});
