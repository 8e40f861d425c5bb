import { loadProver } from '@proof-of-training/halo2-wasm';
import { planGenesis, planSpec, profiles, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { expect, it } from 'vitest';

const spec: UnplannedSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [
    { inputs: 20, outputs: 12, activation: 'relu', bias: true },
    { inputs: 12, outputs: 4, activation: 'softmax', bias: true },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 4,
  steps: 2,
  scales: profiles.compact,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
  lora: { adapters: [{ rank: 4, alpha: 8 }, null], baseBits: 16, local: false },
};

it('plans keep the adapters, and the genesis has weights and base in the columns of the window', async () => {
  const halo2 = await loadProver();
  const window = planSpec(halo2, spec);
  expect(window.spec).toMatchObject(spec);
  expect(window.spec.shape.baseColumns).toBeGreaterThan(0);
  const { k, weightColumns, baseColumns } = window.spec.shape;
  const genesis = planGenesis(halo2, window.spec);
  expect(genesis.spec.lora).toEqual(spec.lora);
  expect(genesis.spec.shape).toMatchObject({ k, weightColumns, baseColumns });
  // A base that the planner would lay out otherwise by itself is laid out as it is told.
  const wide = planSpec(halo2, spec, { k, weightColumns, baseColumns: baseColumns! + 1 });
  expect(planGenesis(halo2, wide.spec).spec.shape.baseColumns).toBe(baseColumns! + 1);
});

it('a layer-local plan has no base', async () => {
  const halo2 = await loadProver();
  const { spec: planned } = planSpec(halo2, {
    ...spec,
    layers: [{ inputs: 20, outputs: 12, activation: 'linear', bias: false }],
    loss: 'meanSquaredError',
    lora: { adapters: [{ rank: 4, alpha: 8 }], baseBits: 0, local: true },
  });
  expect(planned.lora?.local).toBe(true);
  expect(planned.shape.baseColumns).toBeUndefined();
  expect(planGenesis(halo2, planned).spec.shape.baseColumns).toBeUndefined();
});
