import { loadProver } from '@proof-of-training/halo2-wasm';
import { profiles, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { expect, it } from 'vitest';
import { planWindow } from '../src/session/planning.js';

const spec: UnplannedSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [
    { inputs: 784, outputs: 128, activation: 'relu', bias: true },
    { inputs: 128, outputs: 10, activation: 'softmax', bias: true },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 32,
  steps: 1,
  scales: profiles.default,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
};

it('a window that will be aggregated has fewer columns, in more rows', async () => {
  const halo2 = await loadProver();
  const [fast, narrow] = [false, true].map(
    (aggregated) => planWindow(halo2, spec, { aggregated }).spec.shape,
  );
  expect(narrow!.weightColumns).toBeLessThan(fast!.weightColumns);
  expect(narrow!.k).toBeGreaterThan(fast!.k);
});
