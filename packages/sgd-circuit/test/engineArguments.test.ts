/** What the engine would cut or take for something else is refused before it gets there, and leaves it usable. */
import { type Halo2, loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import { beforeAll, describe, expect, it } from 'vitest';
import { planSpec, profiles } from '../src/index.js';

let halo2: Halo2;
let specJson: string;
let prover: Prover;
const weights = BigInt64Array.from([1n, 2n, 3n, 4n, 5n, 6n]);
const [x, y] = [Int32Array.from([1, 2]), Int32Array.from([1, 0])];

beforeAll(async () => {
  halo2 = await loadProver();
  const { spec } = planSpec(halo2, {
    kind: 'window',
    mode: 'exact',
    layers: [{ inputs: 2, outputs: 2, activation: 'softmax', bias: true }],
    loss: 'softmaxCrossEntropy',
    batch: 1,
    steps: 1,
    scales: profiles.compact,
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: 0,
  });
  specJson = JSON.stringify(spec);
  prover = halo2.prover(halo2.srsDevelopment(spec.shape.k));
});

describe('a step', () => {
  it.each([
    [2n ** 63n, undefined, 'ETA_RANGE'],
    [-(2n ** 63n) - 1n, undefined, 'ETA_RANGE'],
    [2n ** 64n + 8n, undefined, 'ETA_RANGE'],
    [8n, 2n ** 64n, 'STEP_NUMBER'],
    [8n, -1n, 'STEP_NUMBER'],
  ])('at the rate %s, of the number %s, is refused', (eta, number, code) => {
    const executor = halo2.executor(specJson, weights);
    expect(() => executor.step(x, y, eta, number)).toThrow(expect.objectContaining({ code }));
    expect(executor.weights()).toEqual(weights);
    expect(executor.step(x, y, 8n, 3n).loss).toBeGreaterThan(0);
    executor.free();
  });
});

it.each([5, '8', null])('a step at the rate %s, no bigint, is refused', (eta) => {
  const executor = halo2.executor(specJson, weights);
  const thrown = expect.objectContaining({ code: 'OPTION_INVALID' });
  expect(() => executor.step(x, y, eta as never)).toThrow(thrown);
  expect(() => executor.step(x, y, 8n, eta as never)).toThrow(thrown);
  executor.free();
});

describe('a witness', () => {
  const salt = new Uint8Array(32);
  const whole = { w0: weights, salt0: salt, wK: new BigInt64Array(0), saltK: salt, x, y, dataSalt: salt };

  it.each([
    ['w0', undefined],
    ['w0', [1n, 2n]],
    ['wK', undefined],
    ['x', Float32Array.from(x)],
    ['saltK', 'secret text'],
    ['base', Int32Array.from([1])],
    ['baseSalt', null],
  ])('of a window whose %s is %s is refused, without its values', (name, value) => {
    const witness = { ...whole, [name]: value };
    const thrown = expect.objectContaining({
      code: 'OPTION_INVALID',
      shortMessage: expect.stringMatching(new RegExp(`^proveWindow: witness\\.${name} must be a `)),
    });
    expect(() => prover.proveWindow(specJson, '{}', witness)).toThrow(thrown);
    expect(() => prover.proveWindow(specJson, '{}', witness)).not.toThrow(/secret text/);
    // The engine still answers.
    expect(prover.vkDigest(specJson)).toMatch(/^(0x)?[0-9a-f]{64}$/);
  });

  it.each([
    ['points', { before: 5 }],
    ['points', { data: Int32Array.from([1]) }],
    ['points', 'a text'],
  ])('with %s of another kind is refused: %j', (_, points) => {
    expect(() => prover.proveWindow(specJson, '{}', { ...whole, points: points as never })).toThrow(
      expect.objectContaining({
        code: 'OPTION_INVALID',
        shortMessage: expect.stringContaining('witness.points'),
      }),
    );
  });

  it('may have its arrays from a prototype, each is read once', () => {
    const reads: string[] = [];
    const above = {};
    for (const [name, value] of Object.entries(whole)) {
      const get = () => {
        reads.push(name);
        return value;
      };
      Object.defineProperty(above, name, { get });
    }
    const counted = Object.create(above) as typeof whole;
    // It comes as far as the statement, which is empty.
    const thrown = expect.objectContaining({ code: 'PUBLIC_INVALID' });
    expect(() => prover.proveWindow(specJson, '{}', counted)).toThrow(thrown);
    expect(reads.sort()).toEqual(Object.keys(whole).sort());
  });

  it('that is none is refused', () => {
    for (const none of [undefined, null, 7]) {
      const thrown = expect.objectContaining({ code: 'OPTION_INVALID' });
      expect(() => prover.proveWindow(specJson, '{}', none as never)).toThrow(thrown);
      expect(() => prover.proveGenesis(specJson, '{}', none as never)).toThrow(thrown);
    }
  });

  it('of salts of another length is refused by the engine', () => {
    const short = { ...whole, salt0: new Uint8Array(31) };
    expect(() => prover.proveWindow(specJson, '{}', short)).toThrow(
      expect.objectContaining({ code: 'INPUT_SHAPE' }),
    );
  });
});
