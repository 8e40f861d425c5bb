/** Weights behind a commitment: what is compared with a run, and that the report says what is not. */
import { type Halo2, loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { dequantiseAdapters } from '@proof-of-training/lora-circuit';
import {
  checkpointCount,
  planSpec,
  profiles,
  type SgdSpec,
  type UnplannedSpec,
} from '@proof-of-training/sgd-circuit';
import { beforeAll, describe, expect, it } from 'vitest';
import { toBase64url } from '../src/bundle/base64url.js';
import { encodeWeights } from '../src/bundle/opening.js';
import { poseidonPair } from '../src/hash/poseidon.js';
import { baseDigest, type NetworkWeights, verifyWeights } from '../src/node.js';
import { ColumnDigests } from '../src/run/columnDigests.js';

const base = { inputs: 3, outputs: 2, activation: 'linear', bias: false } as const;
const unplanned: UnplannedSpec = {
  kind: 'window',
  mode: 'exact',
  layers: [base],
  loss: 'meanSquaredError',
  batch: 2,
  steps: 1,
  scales: profiles.compact,
  xOffset: 0,
  yOffset: 0,
  toleranceLimbs: 0,
  lora: { adapters: [{ rank: 1, alpha: 1 }], baseBits: 16, local: false },
};
const accept = {
  allowDevelopmentSrs: true,
  engine: 'wasm',
  minPrecision: { weights: 4, activations: 4, base: 4 },
} as const;

let halo2: Halo2;
beforeAll(async () => {
  halo2 = await loadProver({ engine: 'wasm' });
});

/** A checkpoint of adapters, its commitment and opening, and the network that holds it. */
async function committed(local: boolean) {
  const lora = { ...unplanned.lora!, local, baseBits: local ? 0 : 16 };
  const { spec } = planSpec(halo2, { ...unplanned, lora });
  const srs = await developmentSrs(halo2, spec.shape.k);
  const integers = BigInt64Array.from({ length: checkpointCount(spec) }, (_, i) => BigInt(i + 1));
  const salt = new Uint8Array(32).fill(7);
  const prover = halo2.prover(srs.bytes);
  const points = prover.commitWeights(JSON.stringify(spec), integers, salt);
  prover.free();
  const named = { hash: srs.hash, k: spec.shape.k, development: true };
  const opening = {
    format: 'proof-of-training/opening',
    version: 2,
    spec,
    srs: named,
    commitment: new ColumnDigests(poseidonPair).weights(spec, points),
    weights: encodeWeights(integers),
    salt: toBase64url(salt),
  };
  return { spec, named, opening, network: networkWith(spec, integers, 0.5) };
}

function networkWith(spec: SgdSpec, integers: BigInt64Array, frozen: number): NetworkWeights {
  const { A, B } = dequantiseAdapters(spec, integers)[0]!;
  const kernel = new Float32Array(6).fill(frozen);
  return {
    layers: [{ ...base, name: 'dense', kernel, adapter: { rank: 1, alpha: 1, A, B } }],
    loss: 'meanSquaredError',
  };
}

describe('the frozen base', () => {
  it('is compared with that of the run, and a report about one that the run does not name says so', async () => {
    const { spec, named, opening, network } = await committed(false);
    const check = (run?: object) =>
      verifyWeights(network, opening.commitment, opening, { ...accept, ...(run && { run: run as never }) });
    const run = { spec, srs: named };
    const compared = await check({ ...run, base: await baseDigest(network, run, accept) });
    expect(compared.failure).toBeUndefined();
    expect(compared.notCompared).toBeUndefined();
    expect((await check({ ...run, base: `0x${'1'.repeat(64)}` })).failure?.code).toBe('MODEL_DIFFERENT');
    const unnamed = await check(run);
    expect(unnamed).toMatchObject({ ok: true, notCompared: [expect.stringContaining('does not name it')] });
    expect((await check()).notCompared).toEqual([
      expect.stringContaining('proven run'),
      expect.stringContaining('give run'),
    ]);
  });

  it('of layer-local proofs is never compared, with a run or without', async () => {
    const { spec, named, opening, network } = await committed(true);
    for (const more of [{}, { run: { spec, srs: named } }]) {
      const report = await verifyWeights(network, opening.commitment, opening, { ...accept, ...more });
      expect(report.failure).toBeUndefined();
      expect(report.notCompared).toContainEqual(expect.stringContaining('layer-local'));
    }
  });
});

it.each<[string, unknown]>([
  ['an empty run', {}],
  ['a run without a specification', { srs: { hash: '00' } }],
  ['a base that is no digest', { base: 'mine' }],
])('refuses %s before anything is opened', async (_, part) => {
  const { spec, named, opening, network } = await committed(false);
  const run = 'base' in (part as object) ? { spec, srs: named, ...(part as object) } : part;
  const options = { ...accept, run: run as never };
  await expect(verifyWeights(network, opening.commitment, opening, options)).rejects.toMatchObject({
    code: 'OPTION_INVALID',
  });
});
