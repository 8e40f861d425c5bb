/** A network of plain numbers may be a stranger's: what is no network is refused before it is compared with anything. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { expect, it } from 'vitest';
import { verifyTrainingProof } from '../src/index.js';
import * as inNode from '../src/node.js';
import { type NetworkWeights, networkOf } from '../src/verify/network.js';

const layer = {
  name: 'dense',
  inputs: 2,
  outputs: 3,
  bias: true,
  activation: 'softmax',
  kernel: new Float32Array(6),
  biases: [0, 0, 0],
} as const;
const network = { layers: [layer], loss: 'softmaxCrossEntropy' } as const;
const withLayer = (change: object) => ({ ...network, layers: [{ ...layer, ...change }] });

it('takes arrays and typed arrays, from a value or a function', async () => {
  expect(await networkOf(network)).toBe(network);
  expect(await networkOf(async () => network)).toBe(network);
  const adapter = { rank: 1, alpha: 2, A: [1, 2], B: new Float64Array(3) };
  expect((await networkOf(withLayer({ adapter }))).layers[0]!.adapter).toBe(adapter);
});

it.each<[string, unknown]>([
  ['nothing', undefined],
  ['an empty object', {}],
  ['no layers', { ...network, layers: [] }],
  ['layers that are none', { ...network, layers: null }],
  ['a layer that is null', { ...network, layers: [null] }],
  ['layers that are holes', { ...network, layers: new Array(1) }],
  ['no loss', { layers: [layer] }],
  ['a kernel that is too short', withLayer({ kernel: new Float32Array(5) })],
  ['a kernel that is a text', withLayer({ kernel: '123456' })],
  ['a bias without numbers', withLayer({ biases: undefined })],
  ['numbers without a bias', withLayer({ bias: false })],
  ['an activation of its own', withLayer({ activation: 'mish' })],
  ['half an adapter', withLayer({ adapter: { rank: 1, alpha: 2, A: [1, 2], B: [] } })],
])('refuses %s', async (_, value) => {
  await expect(networkOf(value as NetworkWeights)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});

const proof = readFileSync(new URL('../../core/test/fixtures/step.proof.json', import.meta.url), 'utf8');
const minPrecision = { weights: 4, activations: 4, base: 4 };
const accept = { allowDevelopmentSrs: true, engine: 'wasm', maxTolerance: 1, minPrecision } as const;

it('verifies with as many threads as there are, and throws where the number is none', async () => {
  expect((await verifyTrainingProof(proof, { ...accept, threads: 0 })).failure).toBeUndefined();
  for (const threads of [65, -1, 1.5]) {
    await expect(verifyTrainingProof(proof, { ...accept, threads })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    });
  }
});

it('verifies with one thread where as many as cores cannot be had: nobody asked for a number', async () => {
  const { engine } = accept;
  await (await loadProver({ engine, threads: Math.max(2, Math.min(availableParallelism(), 64)) })).close();
  const other = await loadProver({ engine, threads: availableParallelism() === 3 ? 4 : 3 });
  try {
    for (const entry of [verifyTrainingProof, inNode.verifyTrainingProof]) {
      expect((await entry(proof, { ...accept, threads: 0 })).failure).toBeUndefined();
    }
    // A number that was asked for is never made less.
    await expect(inNode.verifyTrainingProof(proof, { ...accept, threads: 2 })).rejects.toMatchObject({
      code: 'THREADS_UNAVAILABLE',
    });
  } finally {
    await other.close();
  }
});
