/** Trained weights as ONNX files: the same integers when they are read again, and the same answers. */
import { developmentSrs, loadProver } from '@proof-of-training/halo2-wasm';
import { quantiseInputs, quantiseWeights } from '@proof-of-training/sgd-circuit';
import { type CheckpointOpening, decodeOpening, encodeWeights } from '@proof-of-training/verifier/files';
import { ColumnDigests, poseidonPair } from '@proof-of-training/verifier/run';
import { beforeAll, describe, expect, it } from 'vitest';
import { sharedRun } from '../../core/test/helpers/sharedRun.js';
import { TOY, toyData } from '../../core/test/helpers/toy.js';
import { outputOf, scoresOf } from '../src/check/reference.js';
import { runtimeOutputs } from '../src/check/runtime.js';
import { specOf, tensorsOf } from '../src/model/spec.js';
import { commitModel, exportOnnx, readOnnx } from '../src/node.js';
import { openOnnx } from '../src/onnx/file.js';
import { layered } from './helpers/file.js';
import { runtime } from './helpers/runtime.js';

const accept = { allowDevelopmentSrs: true } as const;
let opening: CheckpointOpening;
let imported: CheckpointOpening;
beforeAll(async () => {
  ({ opening } = await sharedRun('dense'));
  const model = readOnnx(layered(2, [1, -2.5, 3, 4], [0.5, -0.25]));
  imported = await commitModel({ model, srs: 'development', profile: 'compact' });
}, 240_000);

const rows = () =>
  Array.from({ length: 4 }, (_, i) => [...toyData(5).x.slice(i * TOY.inputs, (i + 1) * TOY.inputs)]);

describe('a file', () => {
  it('has the integers of the run, and of a model that was imported', async () => {
    for (const [from, profile] of [
      [opening, undefined],
      [imported, 'compact'],
    ] as const) {
      const model = readOnnx(await exportOnnx({ ...accept, opening: from }));
      expect(model.layers.map(({ relu }) => relu)).toEqual(
        from.spec.layers.map(({ activation }) => activation === 'relu'),
      );
      expect(model.softmax).toBe(from.spec.loss === 'softmaxCrossEntropy');
      const scales = { ...(profile && { profile }) };
      const spec = specOf({ model, ...scales });
      const integers = quantiseWeights({ ...spec, scales: from.spec.scales }, tensorsOf({ model }));
      expect(integers).toEqual(decodeOpening(from).weights);
    }
  });

  it('gives what the executor that trained gives, within what rounding can do', async () => {
    const halo2 = await loadProver();
    const { spec } = opening;
    const executor = halo2.executor(JSON.stringify(spec), decodeOpening(opening).weights);
    const unit = 2 ** -spec.scales.a;
    for (const constants of ['double', 'float'] as const) {
      const model = readOnnx(await exportOnnx({ ...accept, opening, constants }));
      for (const row of rows()) {
        const x = quantiseInputs(spec, row);
        const [own, found] = [
          executor.predict(x),
          scoresOf(
            model,
            Float64Array.from(x, (v) => v * unit),
          ),
        ];
        // Each layer rounds to half a unit, which the next one's weights, below 1, enlarge.
        own.forEach((v, i) => {
          expect(Math.abs(Number(v) * unit - found[i]!)).toBeLessThan(2 * unit);
        });
      }
    }
    executor.free();
  });

  it('has floats where they are asked for, half as large', async () => {
    const [double, float] = await Promise.all(
      (['double', 'float'] as const).map((constants) => exportOnnx({ ...accept, opening, constants })),
    );
    expect(openOnnx(double!).graph.node.map((n) => n.opType)[0]).toBe('Cast');
    expect(openOnnx(float!).graph.node.map((n) => n.opType)).not.toContain('Cast');
    const [exact, rounded] = [readOnnx(double!), readOnnx(float!)];
    expect(rounded.layers.map((l) => [...l.kernel])).toEqual(
      exact.layers.map((l) => Array.from(l.kernel, Math.fround)),
    );
    expect(float!.length).toBeLessThan(double!.length);
  });
});

it.runIf(runtime)('is read by onnxruntime, with the same answers', async () => {
  for (const constants of ['double', 'float'] as const) {
    const bytes = await exportOnnx({ ...accept, opening, constants });
    const model = readOnnx(bytes);
    const given = await runtimeOutputs(runtime!, openOnnx(bytes), 'output', rows());
    rows().forEach((row, i) => {
      const own = outputOf(scoresOf(model, row), model.softmax ? 'softmax' : undefined);
      own.forEach((v, j) => {
        expect(given[i]![j]!).toBeCloseTo(v, 5);
      });
    });
    // As it was written, too, without what is taken away for a stranger's file.
    const session = await runtime!.InferenceSession.create(bytes);
    const flat = Float32Array.from(rows().flat());
    const tensor = new runtime!.Tensor('float32' as never, flat as never, [4, TOY.inputs]);
    const { output } = await session.run({ input: tensor as never }, ['output']);
    expect(output!.data).toHaveLength(4 * TOY.outputs);
  }
});

describe('refused', () => {
  const code = (more: object) =>
    exportOnnx({ ...accept, opening, ...more }).then(
      () => 'accepted',
      (e) => e.code,
    );

  it('weights that are not behind the commitment, or not the expected ones', async () => {
    const { weights } = decodeOpening(opening);
    const other = weights.map((v, i) => (i === 0 ? v + 1n : v));
    expect(await code({ opening: { ...opening, weights: encodeWeights(other) } })).toBe('OPENING_COMMITMENT');
    expect(await code({ expectedWeights: imported.commitment })).toBe('EXPECTED_MISMATCH');
    expect(await code({ expectedWeights: opening.commitment })).toBe('accepted');
    expect(await code({ expectedWeights: '' })).toBe('PIN_INVALID');
  });

  it('adapters, and what is no opening', async () => {
    const lora = await sharedRun('lora');
    expect(await code({ opening: lora.opening })).toBe('INFERENCE_MODEL');
    expect(await code({ opening: {} })).toBe('OPENING_INVALID');
    expect(await code({ opening: { ...opening, weights: 'AAAA' } })).toBe('OPENING_INVALID');
  });

  it('the development SRS unasked, and options that it does not know', async () => {
    expect(await code({ allowDevelopmentSrs: false })).toBe('SRS_DEVELOPMENT_REFUSED');
    expect(await code({ constants: 'half' })).toBe('OPTION_INVALID');
    expect(await code({ softmax: true })).toBe('OPTION_UNKNOWN');
  });

  it('a weight that double precision would round, but for floats', async () => {
    const { spec } = imported;
    const { weights, salt } = decodeOpening(imported);
    weights[0] = 2n ** 54n + 1n;
    const halo2 = await loadProver();
    const prover = halo2.prover((await developmentSrs(halo2, spec.shape.k)).bytes);
    const points = prover.commitWeights(JSON.stringify(spec), weights, salt);
    prover.free();
    const commitment = new ColumnDigests(poseidonPair).weights(spec, points);
    const long = { ...imported, commitment, weights: encodeWeights(weights) };
    expect(await code({ opening: long })).toBe('WEIGHT_RANGE');
    expect(await code({ opening: long, constants: 'float' })).toBe('accepted');
  });
});
