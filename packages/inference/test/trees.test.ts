/** Decision trees as converters write them: read, proven, verified; and files that must be refused. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { outputOf } from '../src/check/reference.js';
import { forestGraph, forestNumbers, placesOf } from '../src/model/forestGraph.js';
import { proveForest, readOnnx, verifyForest } from '../src/node.js';
import { type Forest, forestScores } from '../src/onnx/forest.js';
import { dims, file, type Nodes } from './helpers/file.js';

const at = (name: string) => new URL(`fixtures/${name}`, import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(at(`${name}.onnx`)));
const said = (name: string) =>
  JSON.parse(readFileSync(at(`${name}.json`), 'utf8')) as { inputs: number[][]; outputs: number[][] };
const forestOf = (bytes: Uint8Array): { inputs: number; forest: Forest; last?: string } => {
  const { inputs, forest, last } = readOnnx(bytes);
  return { inputs, forest: forest!, ...(last && { last }) };
};
const code = (call: () => unknown) => {
  try {
    call();
    return 'accepted';
  } catch (e) {
    return (e as { code?: string }).code ?? e;
  }
};

/** What a sample's places give, by the numbers that are proven. */
function proven(forest: Forest, inputs: number, sample: readonly number[]): number[] {
  const numbers = forestNumbers(forest, inputs);
  const places = Array.from(placesOf(numbers, sample), Number);
  const thresholds = Float64Array.from(numbers.thresholds);
  const whole = {
    ...forest,
    thresholds,
    strict: forest.strict.map(() => false),
    leaves: Float64Array.from(numbers.leaves),
  };
  return Array.from(forestScores(whole, places), (v) => v * 2 ** -numbers.bits);
}

describe('trees of converters', () => {
  it.each([
    ['forestRegressor', 10, 8, 1],
    ['forestClassifier', 4, 6, 3],
    ['treeClassifier', 30, 1, 1],
    ['boostedRegressor', 10, 8, 1],
    ['xgboostRegressor', 10, 6, 1],
    ['xgboostClassifier', 4, 12, 3],
    ['xgboostBinary', 30, 6, 1],
    ['lightgbmClassifier', 4, 12, 3],
  ])('%s is read, and gives what onnxruntime gives', (name, inputs, trees, outputs) => {
    const model = readOnnx(bytesOf(name));
    expect(model).toMatchObject({ inputs, layers: [] });
    const forest = model.forest!;
    expect([forest.roots.length, forest.outputs]).toEqual([trees, outputs]);
    const { inputs: samples, outputs: values } = said(name);
    samples.forEach((sample, i) => {
      const scores = forestScores(forest, sample);
      const found = Array.from(outputOf(scores, model.last));
      // Of two classes with one score the file makes both.
      const all = values[i]!.length === 2 && outputs === 1 ? [1 - found[0]!, found[0]!] : found;
      all.forEach((v, j) => {
        expect(Math.abs(v - values[i]![j]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(v)));
      });
      // The same leaves: what is proven is apart by roundings alone.
      const { bits } = forestNumbers(forest, inputs);
      proven(forest, inputs, sample).forEach((v, j) => {
        expect(Math.abs(v - scores[j]!)).toBeLessThanOrEqual(trees * 2 ** -(bits + 1));
      });
    });
  });
});

/** A tree of two questions: x0 at most 1, then x1 less than 2. */
type Attributes = Record<
  string,
  { type: number; ints?: bigint[]; floats?: number[]; strings?: Uint8Array[]; s?: Uint8Array }
>;
const text = (v: string) => new TextEncoder().encode(v);
const ints = (...v: number[]) => ({ type: 7, ints: v.map(BigInt) });
const reals = (...v: number[]) => ({ type: 6, floats: v });
const texts = (...v: string[]) => ({ type: 8, strings: v.map(text) });

function tree(
  change: (attributes: Attributes) => void = () => {},
  opType = 'TreeEnsembleRegressor',
): Uint8Array {
  const attributes: Attributes = {
    nodes_treeids: ints(0, 0, 0, 0, 0),
    nodes_nodeids: ints(0, 1, 2, 3, 4),
    nodes_featureids: ints(0, 1, 0, 0, 0),
    nodes_modes: texts('BRANCH_LEQ', 'BRANCH_LT', 'LEAF', 'LEAF', 'LEAF'),
    nodes_values: reals(1, 2, 0, 0, 0),
    nodes_truenodeids: ints(1, 2, 0, 0, 0),
    nodes_falsenodeids: ints(4, 3, 0, 0, 0),
    target_treeids: ints(0, 0, 0),
    target_nodeids: ints(2, 3, 4),
    target_ids: ints(0, 0, 0),
    target_weights: reals(1, 2, 4),
  };
  change(attributes);
  const attribute = Object.entries(attributes).map(([name, value]) => ({ name, ...value }));
  return file(({ graph }) => {
    graph.node = [{ domain: 'ai.onnx.ml', opType, input: ['x'], output: ['y'], attribute }] as Nodes;
    graph.initializer = [];
    graph.input = [{ name: 'x', type: dims(2n) }];
  });
}

describe('decisions', () => {
  const scored = (bytes: Uint8Array, ...sample: number[]) => {
    const { forest, inputs } = forestOf(bytes);
    const [found] = forestScores(forest, sample);
    expect(proven(forest, inputs, sample)).toEqual([found]);
    return found;
  };
  it('are the same of every mode, at ties and beside them', () => {
    expect([scored(tree(), 1, 1.5), scored(tree(), 1, 2), scored(tree(), 1.0000001, 0)]).toEqual([1, 2, 4]);
    const modes = (first: string, second: string) =>
      tree((a) => {
        a.nodes_modes = texts(first, second, 'LEAF', 'LEAF', 'LEAF');
      });
    expect([
      scored(modes('BRANCH_GT', 'BRANCH_GTE'), 1, 0),
      scored(modes('BRANCH_GTE', 'BRANCH_GT'), 1, 2),
    ]).toEqual([4, 2]);
    expect([
      scored(modes('BRANCH_GT', 'BRANCH_GTE'), 1.5, 2),
      scored(modes('BRANCH_LT', 'BRANCH_LEQ'), 0.5, 2),
    ]).toEqual([1, 1]);
    // One feature that is compared with one number in two ways.
    const both = tree((a) => {
      a.nodes_featureids = ints(0, 0, 0, 0, 0);
      a.nodes_values = reals(1, 1, 0, 0, 0);
    });
    expect([0.5, 1, 1.5].map((x) => scored(both, x, 0))).toEqual([1, 2, 4]);
  });

  it('are on what a file holds: single precision', () => {
    // 0.1 in single precision is more than 0.1.
    const at = tree((a) => {
      a.nodes_values = reals(Math.fround(0.1), 2, 0, 0, 0);
    });
    expect(scored(at, 0.1, 0)).toBe(1);
  });

  it('base values and averages go into the leaves', () => {
    const based = tree((a) => {
      a.base_values = reals(0.5);
      a.aggregate_function = { type: 3, s: text('AVERAGE') };
    });
    expect(scored(based, 1, 0)).toBe(1.5);
  });
});

describe('files that are refused', () => {
  const refused = (change: (attributes: Attributes) => void, opType?: string) =>
    code(() => {
      const { inputs, forest } = forestOf(tree(change, opType));
      return forestNumbers(forest, inputs);
    });
  it.each<[string, string, (a: Attributes) => void]>([
    [
      'a child that is not there',
      'ONNX_INVALID',
      (a) => {
        a.nodes_truenodeids = ints(9, 2, 0, 0, 0);
      },
    ],
    [
      'a child twice',
      'ONNX_INVALID',
      (a) => {
        a.nodes_falsenodeids = ints(1, 3, 0, 0, 0);
      },
    ],
    [
      'a circle',
      'ONNX_INVALID',
      (a) => {
        a.nodes_truenodeids = ints(1, 0, 0, 0, 0);
      },
    ],
    [
      'a feature that is not there',
      'ONNX_INVALID',
      (a) => {
        a.nodes_featureids = ints(2, 1, 0, 0, 0);
      },
    ],
    [
      'a feature below 0',
      'ONNX_INVALID',
      (a) => {
        a.nodes_featureids = ints(-1, 1, 0, 0, 0);
      },
    ],
    [
      'a threshold that is none',
      'ONNX_INVALID',
      (a) => {
        a.nodes_values = reals(Number.NaN, 2, 0, 0, 0);
      },
    ],
    [
      'a value that is none',
      'ONNX_INVALID',
      (a) => {
        a.target_weights = reals(1, Number.POSITIVE_INFINITY, 4);
      },
    ],
    [
      'a value of an inner node',
      'ONNX_INVALID',
      (a) => {
        a.target_nodeids = ints(1, 3, 4);
      },
    ],
    [
      'a value of no node',
      'ONNX_INVALID',
      (a) => {
        a.target_nodeids = ints(2, 3, 7);
      },
    ],
    [
      'a target that is not there',
      'ONNX_INVALID',
      (a) => {
        a.target_ids = ints(0, 0, 1);
      },
    ],
    [
      'a list too short',
      'ONNX_INVALID',
      (a) => {
        a.nodes_values = reals(1, 2, 0, 0);
      },
    ],
    [
      'a node twice',
      'ONNX_INVALID',
      (a) => {
        a.nodes_nodeids = ints(0, 1, 2, 3, 3);
      },
    ],
    [
      'another mode',
      'ONNX_UNSUPPORTED',
      (a) => {
        a.nodes_modes = texts('BRANCH_EQ', 'BRANCH_LT', 'LEAF', 'LEAF', 'LEAF');
      },
    ],
    [
      'another sum',
      'ONNX_UNSUPPORTED',
      (a) => {
        a.aggregate_function = { type: 3, s: text('MAX') };
      },
    ],
    [
      'another ending',
      'ONNX_UNSUPPORTED',
      (a) => {
        a.post_transform = { type: 3, s: text('PROBIT') };
      },
    ],
    [
      'an attribute that is not known',
      'ONNX_UNSUPPORTED',
      (a) => {
        a.nodes_secret = ints(1);
      },
    ],
    [
      'base values of another number',
      'ONNX_INVALID',
      (a) => {
        a.base_values = reals(1, 2);
      },
    ],
    [
      'scores beyond all formats',
      'VALUE_OUT_OF_RANGE',
      (a) => {
        a.target_weights = reals(1, 1e9, 4);
      },
    ],
  ])('%s', (_, expected, change) => {
    expect(refused(change)).toBe(expected);
  });

  it('trees behind other operators, and operators behind trees', () => {
    const around = (...nodes: Nodes) =>
      file(({ graph }) => {
        graph.node = nodes;
      });
    const relu = { opType: 'Relu', input: ['x'], output: ['h'] };
    const empty = { domain: 'ai.onnx.ml', opType: 'TreeEnsembleRegressor', input: ['h'], output: ['y'] };
    expect(code(() => readOnnx(around(relu, empty)))).toBe('ONNX_UNSUPPORTED');
  });

  it('inputs that are no rows of numbers', () => {
    const { forest, inputs } = forestOf(tree());
    const numbers = forestNumbers(forest, inputs);
    expect(code(() => placesOf(numbers, [1, 2, 3]))).toBe('DATA_SHAPE');
    expect(code(() => placesOf(numbers, []))).toBe('DATA_SHAPE');
    expect(code(() => placesOf(numbers, [1, Number.NaN]))).toBe('VALUE_NOT_FINITE');
    expect(Array.from(placesOf(numbers, [1, 2, -5, 1e30, 1.5, 1.5]), Number)).toEqual([0, 1, 0, 1, 1, 0]);
  });
});

it('the graph is canonical text, and follows from file, samples and predicates alone', () => {
  const { forest, inputs } = forestOf(tree());
  const numbers = forestNumbers(forest, inputs);
  expect(forestGraph(forest, numbers, 3, [{ threshold: { output: 0, least: 2 } }])).toBe(
    '{"version":1,"limbBits":12,"tableBits":4,"tensors":[{"name":"x","role":"data","shape":[3,2],"bits":0}],' +
      '"nodes":[{"name":"scores","op":"trees","inputs":["x"],"attributes":{"bits":21,"children":[1,3,0,0,0],' +
      '"features":[0,1,0,0,0],"leaves":[8388608,2097152,4194304],"outputs":1,"roots":[0],"targets":[0],' +
      '"thresholds":[0,0,0,0,0]}},{"name":"score:0","op":"view","inputs":["scores"],' +
      '"attributes":{"kind":"slice","axis":1,"length":1,"start":0}},{"name":"threshold:0","op":"compare",' +
      '"inputs":["score:0"],"attributes":{"least":2}}],"outputs":["threshold:0"]}',
  );
});

describe('proofs of trees', () => {
  it('are what the file says of hidden samples, and of no other file', async () => {
    const model = forestOf(bytesOf('forestClassifier'));
    const { inputs, outputs } = said('forestClassifier');
    const {
      proof,
      outputs: scores,
      revealed,
    } = await proveForest({
      model,
      inputs: inputs.flat(),
      srs: 'development',
      reveal: ['argmax', { output: 1, atLeast: 0.5 }],
    });
    const largest = outputs.map((row) => row.indexOf(Math.max(...row)));
    expect(scores.map((row) => row.indexOf(Math.max(...row)))).toEqual(largest);
    expect(revealed?.[0]?.largest).toEqual(largest);
    const accept = { allowDevelopmentSrs: true, reveal: ['argmax', { output: 1, atLeast: 0.5 }] as const };
    const report = await verifyForest(JSON.stringify(proof), { model, ...accept });
    expect([report.failure?.message, report.ok]).toEqual([undefined, true]);
    expect(report.conditional ?? []).toEqual([]);
    expect(report.inference?.predicates?.[0]?.largest).toEqual(largest);
    // Another leaf, another threshold, other predicates.
    const other = (change: (forest: Forest) => void) => {
      const forest = structuredClone(model.forest);
      change(forest);
      return verifyForest(proof, { model: { ...model, forest }, ...accept });
    };
    const reports = await Promise.all([
      other((f) => {
        f.leaves[0]! += 0.25;
      }),
      other((f) => {
        f.features[0] = (f.features[0]! + 1) % 4;
      }),
      verifyForest(proof, { model, ...accept, reveal: 'argmax' }),
      verifyForest(proof, { model, allowDevelopmentSrs: true }),
    ]);
    expect(reports.map((r) => r.failure?.code)).toEqual(Array(4).fill('EXPECTED_MISMATCH'));
    const broken = { ...proof, proof: `A${proof.proof.slice(1)}` };
    expect((await verifyForest(broken, { model, ...accept })).ok).toBe(false);
    expect((await verifyForest('{}', { model, ...accept })).failure?.code).toBe('FORMAT_FOREIGN');
  });
});
