/** What `checkModel` says of models before there is a key, and whether it is true. */
import { readFileSync } from 'node:fs';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { profiles, quantiseWeights } from '@proof-of-training/sgd-circuit';
import { describe, expect, it } from 'vitest';
import { nodeBounds } from '../src/check/bounds.js';
import { graphOf } from '../src/check/circuit.js';
import type { OnnxRuntime } from '../src/check/runtime.js';
import { specOf, tensorsOf } from '../src/model/spec.js';
import { type CheckModelOptions, checkModel, commitModel, readOnnx } from '../src/node.js';
import { ending, file, floats, layered, type Nodes } from './helpers/file.js';
import { runtime } from './helpers/runtime.js';

const at = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const onnxOf = (name: string) => new Uint8Array(readFileSync(at(`${name}.onnx`)));
const said = (name: string) =>
  JSON.parse(readFileSync(at(`${name}.json`), 'utf8')) as { inputs: number[][]; outputs: number[][] };
/** Without proofs of small networks. */
const check = (options: CheckModelOptions) => checkModel({ calibrate: false, ...options });
const code = (options: object) =>
  check({ onnx: file(), ...options } as CheckModelOptions).then(
    ({ problems }) => problems.map((p) => p.code).join(),
    (e: { code?: string }) => e.code ?? e,
  );
/** Numbers from -1 to 1, the same in each run. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 2 ** 30 - 1;
  };
}

describe('a report', () => {
  it('says operators, rows and columns, ranges and errors, and that all fits', async () => {
    const { inputs } = said('digits');
    const onnx = onnxOf('digits');
    const done: string[] = [];
    const report = await check({
      onnx,
      inputs,
      inputRange: [0, 1],
      profile: 'compact',
      onProgress: (what) => done.push(what),
    });
    expect(report).toMatchObject({
      ok: true,
      problems: [],
      model: {
        network: [64, 12, 10],
        softmax: true,
        output: 'probabilities',
        parameters: 910,
        operators: { MatMul: 2, Add: 2, Relu: 1, Softmax: 1, Cast: 1, Identity: 1 },
      },
      circuit: { samples: 16, ceremony: true },
      bounds: {
        range: [0, 1],
        fits: true,
        nodes: [
          { node: 'h0', mostBits: 18 },
          { node: 'h1', mostBits: 17 },
        ],
      },
      accuracy: {
        rows: inputs.length,
        values: 'softmax',
        changed: { rows: 0, share: 0, first: [] },
        refused: 0,
      },
    });
    expect(report.accuracy!.largestError).toBeGreaterThan(0);
    expect(report.accuracy!.largestError).toBeLessThan(0.01);
    expect(report.cost).toMatchObject({ how: 'not calibrated' });
    expect(report.cost).not.toHaveProperty('seconds');
    expect(done).toContain('comparing rows');
    // What is committed has the shape that was said.
    const opening = await commitModel({
      model: readOnnx(onnx),
      srs: 'development',
      profile: 'compact',
      inputRange: [0, 1],
    });
    const { k, weightColumns } = opening.spec.shape;
    expect(report.circuit).toMatchObject({ k, rows: 2 ** k, shape: { k, weightColumns } });
  });

  it('estimates the time of a proof from proofs on this machine', async () => {
    const { cost } = await checkModel({ onnx: onnxOf('torch'), profile: 'compact' });
    expect(cost!.seconds).toBeGreaterThan(0);
    expect(cost!.memoryBytes).toBeGreaterThan(2 ** 20);
  });

  it('has the errors that rounding makes, and the decisions that it changes', async () => {
    // Scores of 1 and a little more: both become 1 at 8 bits, and the first of equals is the largest.
    const little = 2 ** -10;
    const onnx = layered(1, [1, 1 + little]);
    const { accuracy } = await check({ onnx, inputs: [[1], [0.5], [little]] });
    expect(accuracy!.changed).toEqual({ rows: 3, share: 1, first: [0, 1, 2] });
    // The last input is rounded to 0.
    expect(accuracy!.largestError).toBeCloseTo(little * (1 + little), 14);
    expect(accuracy!.meanError).toBeCloseTo((little * (3.5 + little)) / 6, 14);
    expect(accuracy!.against).toBe(accuracy!.note === undefined ? 'onnxruntime' : 'float64');
  });

  it('has no decisions of one output', async () => {
    const { accuracy } = await check({
      onnx: onnxOf('linear'),
      inputs: said('linear').inputs,
      inputScale: 2,
    });
    expect(accuracy).not.toHaveProperty('changed');
  });

  it('has the side of a half where a sigmoid stands behind one output', async () => {
    const onnx = file(({ graph }) => {
      graph.initializer = [floats('w', [2, 1], [1, 1]), floats('b', [1], [0])];
      graph.node!.push({ opType: 'Sigmoid', input: ['y'], output: ['z'] } as never);
      graph.output = [{ name: 'z' }];
    });
    // A little above 0, and rounded to it.
    const { accuracy, model } = await check({
      onnx,
      inputs: [
        [1, 1],
        [-1, 0],
        [2 ** -11, 0],
      ],
    });
    expect(model).toMatchObject({ softmax: false, last: 'sigmoid' });
    expect(accuracy).toMatchObject({ values: 'sigmoid', changed: { rows: 1, first: [2] } });
  });

  it('does not compare with a runtime that fails, and says so', async () => {
    const broken = {
      InferenceSession: { create: () => Promise.reject(new Error('no such opset')) },
      Tensor: Object,
    } as unknown as OnnxRuntime;
    const { accuracy } = await check({
      onnx: onnxOf('torch'),
      inputs: said('torch').inputs,
      onnxruntime: broken,
    });
    expect(accuracy).toMatchObject({ against: 'float64', note: expect.stringContaining('no such opset') });
  });
});

describe.runIf(runtime)('with onnxruntime', () => {
  it.each(['digits', 'torch', 'iris', 'diabetes', 'cancer'])('%s', async (name) => {
    const { inputs } = said(name);
    const { accuracy } = await check({ onnx: onnxOf(name), inputs, onnxruntime: runtime!, inputScale: 2 });
    expect(accuracy).toMatchObject({ against: 'onnxruntime', rows: inputs.length });
    expect(accuracy!.largestError).toBeLessThan(0.03);
  });
  it('a logarithm of a softmax, and a fixed number of samples', async () => {
    const onnx = file(({ graph }) => {
      graph.node!.push({ opType: 'LogSoftmax', input: ['y'], output: ['z'] } as never);
      graph.output = [{ name: 'z', type: { tensorType: { elemType: 1 } } }] as never;
      const [x] = graph.input as { type: { tensorType: { shape: { dim: object[] } } } }[];
      x!.type.tensorType.shape.dim[0] = { dimValue: 2n };
    });
    const { accuracy } = await check({
      onnx,
      inputs: [
        [1, 2],
        [0, 1],
        [2, 0],
      ],
      onnxruntime: runtime!,
    });
    expect(accuracy).toMatchObject({ against: 'onnxruntime', values: 'logSoftmax', rows: 3 });
    expect(accuracy!.largestError).toBeLessThan(0.02);
  });
});

describe('ranges', () => {
  it('hold: no execution leaves a bound, and what leaves its room was said to', async () => {
    const halo2 = await loadProver();
    const next = random(7);
    let [left, stayed] = [0, 0];
    for (let round = 0; round < 60; round++) {
      const widths = [3, 1 + (round % 4), 2];
      // Up to what the compact format has room for, and beyond.
      const size = 2 ** (1 + (round % 7));
      const kernels = [0, 1].map((l) =>
        Array.from({ length: widths[l]! * widths[l + 1]! }, () => size * next()),
      );
      const model = readOnnx(layered(3, ...kernels));
      const spec = { ...specOf({ model, profile: 'compact', samples: 1 }), shape: {} } as never;
      const weights = quantiseWeights(spec, tensorsOf({ model }));
      const limit = 2 ** profiles.compact.b;
      const cells = [-limit / 2, limit / 2 - 1] as const;
      const nodes = nodeBounds(spec, weights, cells);
      const fits = nodes.every(({ bits, mostBits }) => bits <= mostBits);
      const graph = graphOf(halo2, spec, 1);
      for (let corner = 0; corner < 8; corner++) {
        const x = [0, 1, 2].map((i) => BigInt(cells[(corner >> i) & 1]!));
        try {
          const outputs = halo2.runGraph(graph, BigInt64Array.from([...x, ...weights]));
          const most = 2n ** BigInt(nodes[1]!.bits);
          for (const v of outputs) expect(v >= -most && v < most).toBe(true);
          stayed++;
        } catch (e) {
          expect((e as { code?: string }).code).toBe('VALUE_RANGE');
          expect(fits).toBe(false);
          left++;
        }
      }
    }
    expect(left).toBeGreaterThan(10);
    expect(stayed).toBeGreaterThan(100);
  });

  it('are exact for one layer: what is refused has an input that fails', async () => {
    // Cells go to 511 / 256 in this range, outputs to 2^17 - 1 of 256: sums of weights below 256.5, where halves round up.
    const inputRange = [0, 511 / 256] as const;
    for (const [most, ok] of [
      [256, true],
      [256.498, true],
      [256.5, false],
      [300, false],
    ] as const) {
      const onnx = layered(2, [most / 2, most / 2]);
      const row = [511 / 256, 511 / 256];
      const report = await check({ onnx, profile: 'compact', inputRange, inputs: [row] });
      expect([most, report.ok, report.accuracy!.refused]).toEqual([most, ok, ok ? 0 : 1]);
    }
  });

  it('of the node that needs most, and the profile that has room', async () => {
    const onnx = layered(2, [100, 100, 100, 100], [50, 50]);
    const report = await check({ onnx, profile: 'compact', inputRange: [0, 1] });
    expect(report.problems).toMatchObject([
      { code: 'VALUE_RANGE', message: expect.stringMatching(/^h1: output 0 can need 23 bits/) },
    ]);
    expect(report.bounds).toMatchObject({ fits: false, worst: { node: 'h1', bits: 23, mostBits: 17 } });
    expect(report.advice.join()).toContain('default or precise');
    // A narrower range is enough.
    const narrow = await check({ onnx, profile: 'compact', inputRange: [0, 2 ** -7] });
    expect(narrow).toMatchObject({ ok: true, bounds: { fits: true, fitsAnyInput: false } });
    expect(narrow.advice.join()).toContain('VALUE_RANGE');
  });
});

describe('refused', () => {
  it.each<[string, object, string]>([
    ['a text', { onnx: 'model' }, 'OPTION_INVALID'],
    ['bytes that are no model', { onnx: new Uint8Array(100).fill(255) }, 'ONNX_INVALID'],
    ['nothing', { onnx: new Uint8Array() }, 'ONNX_INVALID'],
    ['options that it does not know', { range: [0, 1] }, 'OPTION_UNKNOWN'],
    ['a range that is none', { inputRange: [1, 0] }, 'OPTION_INVALID'],
    ['a runtime that is none', { onnxruntime: {} }, 'OPTION_INVALID'],
    ['rows that are none', { inputs: [1, 2] }, 'OPTION_INVALID'],
    ['no rows', { inputs: [] }, 'OPTION_INVALID'],
    ['rows of another width', { inputs: [[1, 2], [1]] }, 'DATA_SHAPE'],
    ['rows of texts', { inputs: [['1', 'a']] }, 'VALUE_NOT_FINITE'],
    ['rows that are not finite', { inputs: [[Number.NaN, 0]] }, 'VALUE_NOT_FINITE'],
    ['rows beyond the format', { inputs: [[1, 1e9]] }, 'VALUE_OUT_OF_RANGE'],
    ['rows beyond the range', { inputs: [[0.5, 1.5]], inputRange: [0, 1] }, 'VALUE_OUT_OF_RANGE'],
    ['an output that is not there', { output: 'z' }, 'ONNX_UNSUPPORTED'],
    ['a range beyond the format', { inputRange: [0, 1000] }, 'VALUE_OUT_OF_RANGE'],
    ['weights beyond the format', { onnx: layered(1, [1e6]) }, 'VALUE_OUT_OF_RANGE'],
    ['weights that are not finite', { onnx: layered(1, [Number.POSITIVE_INFINITY]) }, 'ONNX_INVALID'],
    [
      'more layers than a circuit has',
      { onnx: layered(1, ...Array.from({ length: 40 }, () => [1])) },
      'SPEC_INVALID',
    ],
  ])('%s', async (_, options, expected) => {
    expect(await code(options)).toBe(expected);
  });

  it('a number of features that is open, as the file has it', async () => {
    const open = file(({ graph }) => {
      const [x] = graph.input as { type: { tensorType: { shape: { dim: object[] } } } }[];
      x!.type.tensorType.shape.dim[1] = { dimParam: 'features' };
    });
    expect(await code({ onnx: open })).toBe('ONNX_UNSUPPORTED');
  });

  it('a factor that is not finite where an attribute has it', async () => {
    const scaler = (scale: number): Nodes => [
      {
        opType: 'Scaler',
        domain: 'ai.onnx.ml',
        input: ['p'],
        output: ['y'],
        attribute: [{ name: 'scale', floats: [scale], type: 6 }],
      },
    ];
    expect(await code({ onnx: ending(...scaler(Number.NaN)) })).toBe('VALUE_NOT_FINITE');
    expect(await code({ onnx: ending(...scaler(1)) })).toBe('');
  });

  it('constants that the output does not need are not what its operators are', async () => {
    const onnx = file(({ graph }) => {
      graph.node!.push({ opType: 'Sigmoid', input: ['p'], output: ['other'] } as never);
      graph.initializer!.push(floats('unused', [1], [1]) as never);
    });
    const { model } = await check({ onnx });
    expect(model.operators).toEqual({ MatMul: 1, Add: 1 });
  });
});
