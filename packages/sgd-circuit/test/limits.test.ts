/** Limits stand in Rust alone: what TypeScript reads is what the engine says, and the schema of specifications keeps to it. */
import { readFileSync } from 'node:fs';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { expect, it } from 'vitest';
import { limitsText } from '../../../scripts/limits.mjs';
import { LIMITS, planSpec, specSchema, type UnplannedSpec } from '../src/index.js';

const halo2 = await loadProver();

it('are those of the engine', () => {
  const limits = JSON.parse(halo2.limits());
  expect(LIMITS).toEqual(limits);
  // As scripts/limits.mjs would write it.
  expect(limitsText(limits)).toBe(readFileSync(new URL('../src/limits.ts', import.meta.url), 'utf8'));
  expect(Object.values(LIMITS).every((v) => Number.isSafeInteger(v - 1) && v > 0)).toBe(true);
});

const SPEC: UnplannedSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [
    { inputs: 6, outputs: 5, activation: 'relu', bias: true },
    { inputs: 5, outputs: 3, activation: 'softmax', bias: true },
  ],
  loss: 'softmaxCrossEntropy',
  batch: 2,
  steps: 1,
  scales: { a: 8, d: 14, e: 14, b: 9, p: 9 },
  xOffset: 256,
  yOffset: 0,
  toleranceLimbs: 0,
};

it.each([
  ['k', LIMITS.minK - 1],
  ['k', LIMITS.maxK + 1],
  ['weightColumns', LIMITS.maxColumns + 1],
  ['dataColumns', 0],
  ['dataColumns', LIMITS.maxColumns + 1],
  ['lanes', 0],
  ['lanes', LIMITS.maxLanes + 1],
  ['laneColumns', 0],
  ['laneColumns', LIMITS.maxLaneColumns + 1],
])('a shape with %s = %i is one that the engine refuses too', (name, value) => {
  const { shape } = planSpec(halo2, SPEC).spec;
  const other = { ...shape, [name]: value };
  expect(specSchema.safeParse({ ...SPEC, shape }).success).toBe(true);
  expect(specSchema.safeParse({ ...SPEC, shape: other }).success).toBe(false);
  const prover = halo2.prover(halo2.srsDevelopment(10));
  expect(() => prover.vkDigest(JSON.stringify({ ...SPEC, shape: other }))).toThrow(/shape: /);
  prover.free();
});
