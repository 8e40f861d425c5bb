/** An aggregation key's digest is derived in a thread of its own: what goes wrong there is said, and breaks nothing here. */
import { aggregationDigest, type Halo2, inspectSrs, loadProver } from '@proof-of-training/halo2-wasm';
import { planSpec, profiles, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { beforeAll, expect, it } from 'vitest';
import { deriveHere } from '../src/index.js';

let halo2: Halo2;
let spec: SgdSpec;
let before: number;
let srs: Uint8Array;

beforeAll(async () => {
  halo2 = await loadProver({ engine: 'wasm' });
  srs = halo2.srsDevelopment(8);
  const layer = { inputs: 4, outputs: 3, activation: 'softmax', bias: true } as const;
  ({ spec } = planSpec(
    halo2,
    {
      kind: 'window',
      mode: 'exact',
      layers: [layer],
      loss: 'softmaxCrossEntropy',
      batch: 2,
      steps: 2,
      scales: profiles.default,
      xOffset: 0,
      yOffset: 0,
      toleranceLimbs: 0,
    },
    { aggregated: true },
  ));
  before = halo2.memoryBytes;
});

const request = (more: object = {}) => ({ srs, specJson: JSON.stringify(spec), places: 2, ...more });

it.each<[string, () => object, RegExp]>([
  ['a specification that is none', () => ({ specJson: '{}' }), /^SPEC_INVALID$/],
  ['a string with too few points', () => ({}), /^SRS_TOO_SMALL$/],
  ['a string that is none', () => ({ srs: new Uint8Array(9) }), /^SRS_/],
  ['no bytes', () => ({ srs: 'a text' }), /^OPTION_INVALID$/],
])('gives the error of %s, and the shared instance takes no part', async (_, more, code) => {
  await expect(aggregationDigest(request(more()))).rejects.toMatchObject({
    code: expect.stringMatching(code),
  });
  expect(halo2.memoryBytes).toBe(before);
  expect(halo2.srsInspect(srs).k).toBe(8);
});

it('is what verifiers derive with, and a derivation that failed is tried again', async () => {
  const own = inspectSrs(halo2, srs);
  for (const _ of [1, 2]) {
    await expect(deriveHere(spec, own, 2, 'wasm')).rejects.toMatchObject({ code: 'SRS_TOO_SMALL' });
  }
  expect(halo2.memoryBytes).toBe(before);
  expect(halo2.srsInspect(srs).k).toBe(8);
});
