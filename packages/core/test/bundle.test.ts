import { parseSpec } from '@proof-of-training/sgd-circuit';
import { decodeProof, encodeProof, parseBundle, parseTrainingProof } from '@proof-of-training/verifier/files';
import { readBeacon } from '@proof-of-training/verifier/run';
import { describe, expect, it } from 'vitest';
import { parseTrainConfig } from '../src/trainConfig/config.js';
import { bundleFixture } from './fixtures/bundle.js';

/** Settings of `pot train` that are whole. */
const SETTINGS = {
  data: { digits: {} },
  layers: [{ units: 10, activation: 'softmax' }],
  loss: 'categoricalCrossentropy',
  learningRate: 0.1,
};

const good = () => JSON.stringify(bundleFixture());
const code = (c: string) => expect.objectContaining({ code: c });

/** A copy with one field replaced. */
function changed(path: string, value: unknown): string {
  const bundle = bundleFixture() as unknown as Record<string, unknown>;
  const keys = path.split('.');
  const last = keys.pop()!;
  const at = keys.reduce((o, k) => o[k] as Record<string, unknown>, bundle);
  at[last] = value;
  return JSON.stringify(bundle);
}

describe('reading a bundle', () => {
  it('accepts text, bytes and values', () => {
    expect(parseBundle(good())).toEqual(bundleFixture());
    expect(parseBundle(new TextEncoder().encode(good()))).toEqual(bundleFixture());
    expect(parseBundle(bundleFixture())).toEqual(bundleFixture());
  });

  it('refuses what is cut off, at any place', () => {
    const text = good();
    for (let n = 0; n < text.length; n += 97) {
      expect(() => parseBundle(text.slice(0, n))).toThrow(
        expect.objectContaining({ code: expect.stringMatching(/^FORMAT_/) }),
      );
    }
    expect(() => parseBundle(text.slice(0, 500))).toThrow(code('FORMAT_TRUNCATED'));
  });

  it('refuses other files, other versions and large files', () => {
    expect(() => parseBundle('not JSON')).toThrow(code('FORMAT_NOT_JSON'));
    expect(() => parseBundle('[]')).toThrow(code('FORMAT_FOREIGN'));
    expect(() => parseBundle('{"format":"something else"}')).toThrow(code('FORMAT_FOREIGN'));
    expect(() => parseTrainingProof(good())).toThrow(code('FORMAT_FOREIGN'));
    expect(() => parseBundle(changed('version', 1))).toThrow(code('FORMAT_VERSION'));
    expect(() => parseBundle(good(), 100)).toThrow(code('FORMAT_TOO_LARGE'));
  });

  it.each([
    ['run.eta', '0'],
    ['run.eta', '01'],
    ['run.eta', 5],
    ['run.runId', `0x${'A'.repeat(64)}`],
    ['run.datasetRoot', '0x12'],
    ['run.nonce', '0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001'],
    ['run.shards', []],
    ['run.extra', 1],
    ['run.spec.batch', 0],
    ['run.spec.batch', 1.5],
    ['run.spec.mode', 'other'],
    ['run.spec.shape.k', 99],
    ['windows', []],
    ['windows.0.proof', 'a+b/'],
    ['windows.0.proof', 'A'.repeat(200_000)],
    ['windows.0.public.firstStep', -1],
    ['windows.0.public.epoch', 2 ** 40],
    ['genesis', null],
    ['declared', { metrics: 'x' }],
    ['surprise', true],
  ])('refuses %s = %j and says where', (path, value) => {
    const where = /^(run|windows|genesis|declared)/.exec(path)?.[0] ?? 'top';
    expect(() => parseBundle(changed(path, value))).toThrow(code('FORMAT_INVALID'));
    expect(() => parseBundle(changed(path, value))).toThrow(where);
  });
});

describe('proof bytes', () => {
  it('have one encoding', () => {
    const bytes = Uint8Array.from({ length: 100 }, (_, i) => 255 - i);
    const text = encodeProof(bytes);
    expect(decodeProof(text)).toEqual(bytes);
    // 100 bytes leave 4 unused bits in the last character.
    const sloppy = text.slice(0, -1) + String.fromCharCode(text.charCodeAt(text.length - 1) + 1);
    expect(() => decodeProof(sloppy)).toThrow(code('FORMAT_INVALID'));
  });
});

describe("a name in a stranger's file", () => {
  const name = '\u001b[2J\u001b[Hbundle verified\n';
  it.each([
    ['a bundle', () => parseBundle(JSON.stringify({ ...bundleFixture(), [name]: 1 }))],
    ['a specification', () => parseSpec({ ...bundleFixture().run.spec, [name]: 1 })],
    ["training's settings", () => parseTrainConfig({ ...SETTINGS, [name]: 1 })],
    ['a beacon', () => readBeacon({ kind: 'value', value: `0x${'0'.repeat(64)}`, source: 'a', [name]: 1 })],
  ])('steers no terminal from the error of %s', (_, read) => {
    expect(read).toThrow('"\\u001b[2J\\u001b[Hbundle verified\\u000a"');
  });
});
