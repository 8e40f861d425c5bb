/** How often a model is right on a test set: proven in parts, added up, and what must be refused. */
import { beforeAll, expect, it } from 'vitest';
import { type SharedRun, sharedRun } from '../../core/test/helpers/sharedRun.js';
import { TOY, toyData } from '../../core/test/helpers/toy.js';
import {
  memoryUses,
  type ProvenEvaluationFile,
  proveEvaluation,
  proveInference,
  verifyEvaluation,
  verifyInference,
} from '../src/node.js';

const accept = { allowDevelopmentSrs: true } as const;
const { x } = toyData(7, 6);
/** Of each sample some label, right or wrong. */
const LABELS = [0, 1, 2, 2, 0, 0];

let run: SharedRun;
let parts: ProvenEvaluationFile[];
let largest: number[];
const part = (from: number, to: number, labels = LABELS.slice(from, to)) =>
  proveEvaluation({
    ...accept,
    opening: run.opening,
    inputs: x.slice(from * TOY.inputs, to * TOY.inputs),
    labels,
    uses: memoryUses(),
  });
beforeAll(async () => {
  run = await sharedRun('dense');
  parts = [await part(0, 4), await part(4, 6)];
  const { outputs } = await proveInference({
    ...accept,
    opening: run.opening,
    inputs: x,
    uses: memoryUses(),
  });
  largest = outputs.map((row) => row.indexOf(Math.max(...row)));
}, 240_000);

it('adds up what each part counts, of the weights that a run ended with', async () => {
  const files = parts.map(({ proof }) => JSON.stringify(proof));
  const testSet = parts.map(({ proof }) => (proof.public.inputs as { committed: string }).committed);
  const report = await verifyEvaluation(files, { ...accept, run: run.bundle, testSet });
  expect(report.failure).toBeUndefined();
  const counts = [0, 1, 2].map((label) =>
    [0, 1, 2].map((output) => LABELS.filter((l, i) => l === label && largest[i] === output).length),
  );
  const right = LABELS.filter((label, i) => label === largest[i]).length;
  expect(report.evaluation).toEqual({
    counts,
    right,
    samples: LABELS.length,
    weights: run.opening.commitment,
    testSet,
    run: run.bundle.run.runId,
  });
  expect(report.conditional).toBeUndefined();
  expect(parts.map((p) => p.samples)).toEqual([4, 2]);
  expect(parts[0]!.right + parts[1]!.right).toBe(right);
  // Not even a digest of an output is in the file: nine counts are.
  expect(parts[0]!.proof.public.outputs).toEqual({ public: [parts[0]!.counts.flat()] });
});

it('refuses a part that is there twice, left out or another, and counts that are not the proof’s', async () => {
  const [first, second] = parts.map(({ proof }) => proof) as [object, object];
  const code = async (files: object[], options: object = {}) =>
    (await verifyEvaluation(files, { ...accept, ...options })).failure?.code;
  expect(await code([first, first])).toBe('EVALUATION_PARTS');
  expect(await code([first, second], { testSet: ['0x'] })).toBe('EVALUATION_PARTS');
  expect(await code([first], { testSet: [`0x${'1'.repeat(64)}`] })).toBe('EVALUATION_PARTS');
  const known = (parts[0]!.proof.public.inputs as { committed: string }).committed;
  expect(await code([first, second], { testSet: [known, known] })).toBe('EVALUATION_PARTS');
  const better = structuredClone(parts[0]!.proof);
  const { public: shown } = better.public.outputs as { public: number[][] };
  [shown[0]![0], shown[0]![1]] = [shown[0]![0]! + 1, shown[0]![1]! - 1];
  expect(['VERIFY_DIGEST', 'PUBLIC_INVALID']).toContain(await code([better]));
  // Labels that fit the answers are another test set.
  const flattering = await part(0, 4, largest.slice(0, 4));
  expect(flattering.right).toBe(4);
  const { inputs } = parts[0]!.secrets;
  const report = await verifyInference(flattering.proof, { ...accept, inputs: inputs! });
  expect(report.failure?.code).toBe('EXPECTED_MISMATCH');
  // A proof of outputs counts nothing, and another model's weights are others.
  const plain = await proveInference({ ...accept, opening: run.opening, inputs: x, uses: memoryUses() });
  expect(await code([plain.proof])).toBe('EXPECTED_MISMATCH');
  const again = await sharedRun('denseAgain');
  const inputsOfOther = x.slice(0, TOY.inputs);
  const other = await proveEvaluation({
    ...accept,
    opening: again.opening,
    inputs: inputsOfOther,
    labels: [0],
    uses: memoryUses(),
  });
  expect(await code([first, other.proof])).toBe('EXPECTED_MISMATCH');
  expect(await code([first], { run: again.bundle })).toBe('INFERENCE_WEIGHTS');
});

it('refuses labels that are none, before anything is counted', async () => {
  const uses = { take: () => Promise.reject(new Error('counted')) };
  const proving = (labels: unknown) =>
    proveEvaluation({
      ...accept,
      opening: run.opening,
      inputs: x.slice(0, 2 * TOY.inputs),
      labels: labels as number[],
      uses,
    });
  await expect(proving([0])).rejects.toMatchObject({ code: 'DATA_SHAPE' });
  await expect(proving([0, 3])).rejects.toMatchObject({ code: 'DATA_LABELS' });
  for (const labels of [[0, -1], [0, 0.5], ['0', '1'], 3]) {
    await expect(proving(labels)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  }
  await expect(verifyEvaluation([], accept)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
