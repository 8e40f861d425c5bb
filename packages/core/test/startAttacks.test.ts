import { checkExpectations, orderText, readExpectations } from '@proof-of-training/verifier';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { parseBundle } from '@proof-of-training/verifier/files';
import type { Run } from '@proof-of-training/verifier/run';
import {
  type SeedStart,
  scheduleOf,
  seededWeights,
  settingsDigest,
  settingsOf,
} from '@proof-of-training/verifier/run';
import { describe, expect, it } from 'vitest';
import { bundleFixture } from './fixtures/bundle.js';

const code = (c: string) => expect.objectContaining({ code: c });
const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const value = hex(0xbeac);
const beacon: Run['beacon'] = { kind: 'value', value, source: 'drand round 4711' };
const dense: SeedStart['layers'][number] = {
  kernel: { kind: 'varianceScaling', scale: 1, mode: 'fanAvg', distribution: 'normal' },
  bias: { kind: 'constant', value: 0 },
};

/** An honest run's description: root and settings were public before the beacon was. */
function published(): RunBundle {
  const bundle = bundleFixture();
  bundle.run.shards = Array.from({ length: 6 }, (_, i) => hex(20 + i));
  bundle.run.beacon = beacon;
  return bundle;
}
const settings = ({ run }: RunBundle) => settingsDigest(settingsOf(run, run.shards.length));
const orderOf = ({ run }: RunBundle) => scheduleOf(run, run.shards.length).order(0).join();

describe('whoever tries until he likes the order', () => {
  const honest = published();
  const known = { datasetRoot: honest.run.datasetRoot, settings: settings(honest), beacon: value };

  it('is believed where the verifier knows all that was public before the beacon, and it is so', () => {
    expect(checkExpectations(honest, known)).toContain('3 expectations');
    expect(orderText(honest.run, 6)).toContain(known.settings);
  });

  // Everything that a trainer can vary after the beacon is known, each a new try at the order.
  it.each<[string, (bundle: RunBundle, n: number) => void, string]>([
    ['the nonce', ({ run }, n) => Object.assign(run, { nonce: hex(1000 + n) }), 'settings'],
    ['the learning rate', ({ run }, n) => Object.assign(run, { eta: `${1000 + n}` }), 'settings'],
    ['given first weights', ({ run }, n) => Object.assign(run, { genesis: hex(1000 + n) }), 'settings'],
    [
      'where first weights come from',
      ({ run }, n) => {
        run.start = { kind: 'seed', layers: [{ kernel: { kind: 'constant', value: n / 1024 } }] };
      },
      'settings',
    ],
    [
      'the initialisers of a seed',
      ({ run }, n) => {
        run.start = { kind: 'seed', layers: [{ ...dense, bias: { kind: 'constant', value: n / 1024 } }] };
      },
      'settings',
    ],
    ['the frozen base', ({ run }, n) => Object.assign(run, { base: hex(1000 + n) }), 'settings'],
    [
      'the circuit',
      ({ run }, n) => Object.assign(run, { spec: { ...run.spec, xOffset: n + 1 } }),
      'settings',
    ],
    [
      'the keys',
      ({ run }, n) => Object.assign(run, { keys: { window: hex(n), genesis: hex(n) } }),
      'settings',
    ],
    [
      'the reference string',
      ({ run }, n) => Object.assign(run, { srs: { ...run.srs, hash: hex(1000 + n).slice(2) } }),
      'settings',
    ],
    ['the hash of the proofs', ({ run }) => Object.assign(run, { transcript: 'poseidon' }), 'settings'],
    [
      'the salts of the data',
      ({ run }, n) => Object.assign(run, { datasetRoot: hex(1000 + n) }),
      'datasetRoot',
    ],
    [
      'the beacon itself',
      ({ run }, n) => Object.assign(run, { beacon: { ...beacon, value: hex(1000 + n) } }),
      'beacon',
    ],
    [
      'a block of his choice',
      ({ run }, n) => {
        run.beacon = { kind: 'block', chainId: 1, registry: `0x${'0'.repeat(40)}`, block: n, hash: hex(n) };
      },
      'beacon',
    ],
    ['the number of shards', ({ run }, n) => void run.shards.push(hex(1000 + n)), 'settings'],
  ])('by %s gets another order, and is found out by what was public', (_, vary, name) => {
    const orders = Array.from({ length: 6 }, (__, n) => {
      const bundle = published();
      vary(bundle, n);
      expect(() => checkExpectations(bundle, known)).toThrow(
        expect.objectContaining({ code: 'EXPECTED_MISMATCH', details: expect.objectContaining({ name }) }),
      );
      return orderOf(bundle);
    });
    expect(new Set([...orders, orderOf(honest)]).size).toBeGreaterThan(1);
  });

  it.each<[string, (bundle: RunBundle) => void]>([
    ['the text of a source', ({ run }) => Object.assign(run, { beacon: { ...beacon, source: 'another' } })],
    [
      "the beacon's kind: the same 32 bytes as a block's hash",
      ({ run }) => {
        run.beacon = { kind: 'block', chainId: 1, registry: `0x${'0'.repeat(40)}`, block: 7, hash: value };
      },
    ],
    [
      'first weights of a seed, which are no choice',
      ({ run }) => {
        run.start = { kind: 'seed', layers: [dense] };
        run.genesis = hex(4711);
      },
    ],
    [
      'the order of names in a file',
      ({ run }) => {
        run.spec = Object.fromEntries(Object.entries(run.spec).reverse()) as Run['spec'];
      },
    ],
  ])('by %s gets no other order', (_, vary) => {
    const [one, other] = [published(), published()];
    if (/seed/.test(_)) one.run.start = { kind: 'seed', layers: [dense] };
    vary(other);
    expect(orderOf(other)).toBe(orderOf(one));
  });

  it('without a beacon is not found out, and the report says so', () => {
    const { run } = bundleFixture();
    expect(orderText(run, run.shards.length)).toContain('could have been chosen');
    expect(() => checkExpectations(bundleFixture(), { beacon: value })).toThrow(code('EXPECTED_MISMATCH'));
  });
});

describe('first weights that are declared', () => {
  it('as given are refused by whoever expects those of the seed, and the other way round', () => {
    const given = published();
    expect(() => checkExpectations(given, { start: 'seed' })).toThrow(code('EXPECTED_MISMATCH'));
    expect(checkExpectations(given, { start: 'given' })).toContain('1 expectation');
    given.run.start = { kind: 'seed', layers: [dense] };
    expect(() => checkExpectations(given, { start: 'given' })).toThrow(code('EXPECTED_MISMATCH'));
    expect(() => readExpectations({ start: 'sead' })).toThrow(code('OPTION_INVALID'));
    expect(() => readExpectations({ start: undefined })).toThrow(code('OPTION_INVALID'));
    expect(() => readExpectations({ settings: '' })).toThrow(code('PIN_INVALID'));
  });

  const spec = {
    ...bundleFixture().run.spec,
    layers: [{ inputs: 3, outputs: 2, activation: 'linear' as const, bias: true }],
  };
  const seed = new Uint8Array(32);
  const start = (...layers: SeedStart['layers']): SeedStart => ({ kind: 'seed', layers });

  it('of the seed with initialisers of another network are refused', () => {
    expect(seededWeights(spec, start(dense), seed)).toHaveLength(8);
    expect(() => seededWeights(spec, start(dense, dense), seed)).toThrow(code('START_SEED'));
    expect(() => seededWeights(spec, start({ kernel: dense.kernel }), seed)).toThrow(code('START_SEED'));
    const bare = { ...spec, layers: [{ ...spec.layers[0]!, bias: false }] };
    expect(() => seededWeights(bare, start(dense), seed)).toThrow(code('START_SEED'));
  });

  it('of the seed that no number format holds are refused', () => {
    const huge = start({ ...dense, kernel: { kind: 'constant', value: 2 ** 40 } });
    expect(() => seededWeights(spec, huge, seed)).toThrow(code('VALUE_OUT_OF_RANGE'));
  });
});

describe('a hostile file', () => {
  const block = { kind: 'block', chainId: 1, registry: `0x${'ab'.repeat(20)}`, block: 7, hash: value };
  const seedOf = (kernel: unknown, more: object = {}) => ({ kind: 'seed', layers: [{ kernel, ...more }] });
  it.each<[string, object]>([
    ['no start', { start: undefined }],
    ['a start of another kind', { start: { kind: 'chosen' } }],
    ['a given start with more', { start: { kind: 'given', layers: [] } }],
    ['a seed without initialisers', { start: { kind: 'seed' } }],
    ['a seed of no layers', { start: { kind: 'seed', layers: [] } }],
    ['a seed in the file', { start: { ...seedOf(dense.kernel), seed: value } }],
    ['an initialiser that is not known', { start: seedOf({ kind: 'orthogonal', gain: 1 }) }],
    ['an initialiser with a seed', { start: seedOf({ ...dense.kernel, seed: 7 }) }],
    ['an initialiser with half of its numbers', { start: seedOf({ kind: 'uniform', min: 0 }) }],
    ['an initialiser with a number that is text', { start: seedOf({ kind: 'constant', value: '0' }) }],
    ['an initialiser beyond all numbers', { start: seedOf({ kind: 'constant', value: 1e300 }) }],
    ['a layer with more', { start: seedOf(dense.kernel, { values: [0] }) }],
    ['a beacon of another kind', { beacon: { kind: 'promise', value, source: 'me' } }],
    ['several beacons', { beacon: [beacon, beacon] }],
    ['a beacon that is null', { beacon: null }],
    ['a value without a source', { beacon: { kind: 'value', value } }],
    ['a value with an empty source', { beacon: { ...beacon, source: '' } }],
    ['a source that moves the cursor of a terminal', { beacon: { ...beacon, source: 'drand\u009b1A' } }],
    ['a value with more', { beacon: { ...beacon, salt: value } }],
    ['a value in upper case', { beacon: { ...beacon, value: value.toUpperCase().replace('X', 'x') } }],
    ['a short value', { beacon: { ...beacon, value: '0x00' } }],
    ['a block without a chain', { beacon: { ...block, chainId: undefined } }],
    ['a block with a fraction', { beacon: { ...block, block: 7.5 } }],
    ['a block with a value beside its hash', { beacon: { ...block, value } }],
  ])('with %s is refused', (_, change) => {
    const text = JSON.stringify({ ...published(), run: { ...published().run, ...change } });
    expect(() => parseBundle(text)).toThrow(code('FORMAT_INVALID'));
  });

  it('without such a change is read', () => {
    const { run, ...rest } = published();
    expect(
      parseBundle(JSON.stringify({ ...rest, run: { ...run, start: seedOf(dense.kernel), beacon: block } }))
        .run.beacon,
    ).toEqual(block);
  });
});
