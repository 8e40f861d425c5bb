/** Safetensors files of unknown origin, and those that the reference implementation writes (fixtures/make.py). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_HEADER_BYTES, parseSafetensors, serialiseSafetensors } from '../../src/index.js';
import { entry, fixture, rawFile, thrown } from './helpers/files.js';

const one = { a: entry([2], 0, 8) };
const utf8 = (text: string) => new TextEncoder().encode(text);

describe('a file that lies', () => {
  const cases: [string, Uint8Array, string][] = [
    ['no bytes', new Uint8Array(), 'SAFETENSORS_TRUNCATED'],
    ['7 bytes', new Uint8Array(7), 'SAFETENSORS_TRUNCATED'],
    ['no header', rawFile(''), 'SAFETENSORS_HEADER_NOT_JSON'],
    ['a header that goes beyond the file', rawFile(one, 0, 1000n), 'SAFETENSORS_TRUNCATED'],
    [
      'a header length just above the limit',
      rawFile(one, 8, BigInt(MAX_HEADER_BYTES + 1)),
      'SAFETENSORS_HEADER_TOO_LARGE',
    ],
    ['a header length of 2^64 - 1', rawFile(one, 8, 2n ** 64n - 1n), 'SAFETENSORS_HEADER_TOO_LARGE'],
    [
      'a length of 2^53 + 8, which a double rounds',
      rawFile(one, 8, 2n ** 53n + 8n),
      'SAFETENSORS_HEADER_TOO_LARGE',
    ],
    [
      'a header that is not UTF-8',
      rawFile(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)),
      'SAFETENSORS_HEADER_NOT_UTF8',
    ],
    ['a byte order mark', rawFile(utf8(`\ufeff${JSON.stringify(one)}`), 8), 'SAFETENSORS_HEADER_NOT_JSON'],
    ['a header that is not JSON', rawFile('{"a":'), 'SAFETENSORS_HEADER_NOT_JSON'],
    ['a list', rawFile('[]'), 'SAFETENSORS_HEADER_NOT_JSON'],
    ['null', rawFile('null'), 'SAFETENSORS_HEADER_NOT_JSON'],
    ['white space before the header', rawFile(` ${JSON.stringify(one)}`, 8), 'SAFETENSORS_HEADER_NOT_JSON'],
    [
      'a header 100,000 lists deep',
      rawFile(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`),
      'SAFETENSORS_HEADER_NOT_JSON',
    ],
    [
      'a name twice',
      rawFile(`{"a":${JSON.stringify(one.a)},"a":${JSON.stringify(one.a)}}`, 8),
      'SAFETENSORS_HEADER_DUPLICATE_KEY',
    ],
    [
      'a name twice, spelled in two ways',
      rawFile(`{"a":${JSON.stringify(one.a)},"\\u0061" :${JSON.stringify(one.a)}}`, 8),
      'SAFETENSORS_HEADER_DUPLICATE_KEY',
    ],
    [
      'a field twice',
      rawFile('{"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,8]}}', 8),
      'SAFETENSORS_HEADER_DUPLICATE_KEY',
    ],
    ...['8.5', '8.0', '8e0', '-0', '9007199254740993', '1e999'].map((n): [string, Uint8Array, string] => [
      `the number ${n}`,
      rawFile(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,${n}]}}`, 8),
      'SAFETENSORS_HEADER_NOT_INTEGER',
    ]),
    ['a negative offset', rawFile({ a: entry([2], -8, 0) }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['a negative size', rawFile({ a: entry([-2], 0, 8) }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['an offset that is a text', rawFile({ a: entry([2], 0, '8') }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['a shape that is no list', rawFile({ a: entry(2, 0, 8) }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['three offsets', rawFile({ a: { ...one.a, data_offsets: [0, 8, 8] } }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['a field too many', rawFile({ a: { ...one.a, more: 1 } }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['a shape of 65 sizes', rawFile({ a: entry(Array(65).fill(1), 0, 4) }, 4), 'SAFETENSORS_HEADER_INVALID'],
    ['no dtype', rawFile({ a: { shape: [2], data_offsets: [0, 8] } }, 8), 'SAFETENSORS_HEADER_INVALID'],
    ['an entry that is null', rawFile({ a: null }), 'SAFETENSORS_HEADER_INVALID'],
    [
      'metadata that are no texts',
      rawFile({ __metadata__: { n: 1 }, ...one }, 8),
      'SAFETENSORS_HEADER_INVALID',
    ],
    ['metadata that are a list', rawFile({ __metadata__: [], ...one }, 8), 'SAFETENSORS_HEADER_INVALID'],
    [
      'half a surrogate pair as name',
      rawFile(`{"\\ud800":${JSON.stringify(one.a)}}`, 8),
      'SAFETENSORS_HEADER_INVALID',
    ],
    ['64-bit floats', rawFile({ a: entry([1], 0, 8, 'F64') }, 8), 'SAFETENSORS_DTYPE'],
    ['an inherited property as dtype', rawFile({ a: entry([1], 0, 8, 'toString') }, 8), 'SAFETENSORS_DTYPE'],
    ['an end before the beginning', rawFile({ a: entry([2], 8, 0) }, 8), 'SAFETENSORS_OFFSETS'],
    ['fewer bytes than the shape', rawFile({ a: entry([3], 0, 8) }, 8), 'SAFETENSORS_SIZE'],
    ['more bytes than the shape', rawFile({ a: entry([1], 0, 8) }, 8), 'SAFETENSORS_SIZE'],
    ['bytes of another dtype', rawFile({ a: entry([2], 0, 8, 'F16') }, 8), 'SAFETENSORS_SIZE'],
    [
      'a shape whose product is not exact',
      rawFile({ a: entry([2 ** 27, 2 ** 27], 0, 8) }, 8),
      'SAFETENSORS_SIZE',
    ],
    [
      'a shape whose product would wrap to 2 in 64 bits',
      rawFile({ a: entry([2 ** 32, 2 ** 32, 2], 0, 8) }, 8),
      'SAFETENSORS_SIZE',
    ],
    ['equal bytes for two tensors', rawFile({ a: one.a, b: one.a }, 8), 'SAFETENSORS_OVERLAP'],
    ['bytes of another tensor', rawFile({ a: one.a, b: entry([2], 4, 12) }, 12), 'SAFETENSORS_OVERLAP'],
    [
      'a tensor inside another one',
      rawFile({ a: entry([4], 0, 16), b: entry([1], 4, 8) }, 16),
      'SAFETENSORS_OVERLAP',
    ],
    ['a hole in front', rawFile({ a: entry([1], 4, 8) }, 8), 'SAFETENSORS_HOLE'],
    ['a hole', rawFile({ a: one.a, b: entry([1], 12, 16) }, 16), 'SAFETENSORS_HOLE'],
    [
      'an offset far beyond the file',
      rawFile({ a: entry([2], 2 ** 40, 2 ** 40 + 8) }, 8),
      'SAFETENSORS_HOLE',
    ],
    [
      'a tensor larger than the file',
      rawFile({ a: entry([2 ** 38], 0, 2 ** 40) }, 8),
      'SAFETENSORS_TRUNCATED',
    ],
    ['a byte too few', rawFile(one, 7), 'SAFETENSORS_TRUNCATED'],
    ['a byte too many', rawFile(one, 9), 'SAFETENSORS_TRAILING_BYTES'],
    ['data without a tensor', rawFile({}, 1), 'SAFETENSORS_TRAILING_BYTES'],
    ['the dtype int64, from Python', fixture('safetensors/int64.safetensors'), 'SAFETENSORS_DTYPE'],
  ];
  it.each(cases)('%s', (_, bytes, code) => {
    expect(thrown(() => parseSafetensors(bytes)).code).toBe(code);
  });

  it('is refused wherever it is cut off', () => {
    const whole = fixture('safetensors/mixed.safetensors');
    parseSafetensors(whole);
    for (let n = 0; n < whole.length; n++) {
      expect(thrown(() => parseSafetensors(whole.subarray(0, n))).code).toBe('SAFETENSORS_TRUNCATED');
    }
  });

  it('keeps to typed errors, whichever bytes are changed', () => {
    const whole = fixture('safetensors/mixed.safetensors');
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = whole.slice();
        for (const { at, to } of changes) bytes[at] = to;
        let numbers = 0;
        try {
          for (const { values } of parseSafetensors(bytes).tensors.values()) numbers += values.length;
        } catch (e) {
          expect((e as { code?: string }).code).toMatch(/^SAFETENSORS_/);
        }
        expect(numbers).toBeLessThan(whole.length);
      }),
      { numRuns: 3000, seed: 1 },
    );
  });

  it('shows names of any length and kind in one short line', () => {
    const name = `\u001b[31m${'x'.repeat(10_000)}`;
    const { shortMessage } = thrown(() => parseSafetensors(rawFile({ [name]: entry([2], 8, 0) }, 8)));
    expect(shortMessage.length).toBeLessThan(200);
    expect(shortMessage).not.toContain('\u001b');
  });
});

describe('a file from Python', () => {
  it.each(['f16', 'bf16'])('has its %s numbers read exactly', (name) => {
    const { tensors } = parseSafetensors(fixture(`safetensors/${name}.safetensors`));
    const half = tensors.get('half')!;
    expect(half.dtype).toBe(name.toUpperCase());
    expect(half.values.length).toBeGreaterThan(1000);
    expect(new Uint8Array(half.values.buffer)).toEqual(new Uint8Array(tensors.get('full')!.values.buffer));
  });

  it('has tensors of all types and shapes', () => {
    const { tensors, metadata } = parseSafetensors(fixture('safetensors/mixed.safetensors'));
    expect(metadata).toEqual({ format: 'pt', note: 'quote " and ☂' });
    expect(Object.fromEntries(tensors)).toEqual({
      z: { dtype: 'F32', shape: [2], values: Float32Array.of(1.5, -2) },
      a: { dtype: 'F16', shape: [2, 1], values: Float32Array.of(0.25, 3) },
      scalar: { dtype: 'F32', shape: [], values: Float32Array.of(7) },
      empty: { dtype: 'F32', shape: [0, 3], values: new Float32Array() },
      'Ünï ☂': { dtype: 'BF16', shape: [3], values: Float32Array.of(1, 2, 4) },
    });
  });

  it('may have no tensors', () => {
    expect(parseSafetensors(fixture('safetensors/empty.safetensors')).tensors.size).toBe(0);
  });

  it.each(['safetensors/names', 'mlp-f32/adapter_model', 'gpt2/adapter_model'])(
    'is what we write, byte by byte: %s',
    (name) => {
      const bytes = fixture(`${name}.safetensors`);
      const { tensors, metadata } = parseSafetensors(bytes);
      // In another order, which must not matter.
      expect(serialiseSafetensors([...tensors].reverse(), metadata)).toEqual(bytes);
    },
  );

  it('may lie anywhere in a larger buffer', () => {
    const bytes = fixture('safetensors/mixed.safetensors');
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    expect(parseSafetensors(shifted)).toEqual(parseSafetensors(bytes));
  });
});

describe('writing', () => {
  const tensor = fc.array(fc.nat(4), { maxLength: 3 }).chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      values: fc.float32Array({
        minLength: shape.reduce((a, b) => a * b, 1),
        maxLength: shape.reduce((a, b) => a * b, 1),
      }),
    }),
  );
  // Names of any Unicode characters, among them the ones that objects treat in a special way.
  const name = fc
    .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '1', ''))
    .filter((n) => n !== '__metadata__' && !/\p{Surrogate}/u.test(n));

  it('gives what is read back', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, tensor), { selector: ([n]) => n, maxLength: 6 }),
        fc.dictionary(fc.string(), fc.string()),
        (tensors, metadata) => {
          const bytes = serialiseSafetensors(tensors, metadata);
          const read = parseSafetensors(bytes);
          expect(Object.entries(read.metadata)).toEqual(Object.entries(metadata));
          expect([...read.tensors.keys()].sort()).toEqual(tensors.map(([n]) => n).sort());
          for (const [n, { shape, values }] of tensors) {
            expect(read.tensors.get(n)).toEqual({ dtype: 'F32', shape, values });
          }
          expect(serialiseSafetensors(read.tensors, read.metadata)).toEqual(bytes);
        },
      ),
      { numRuns: 500, seed: 1 },
    );
  });

  const values = Float32Array.of(1, 2);
  it.each([
    ['a shape of other sizes', [['a', { shape: [3], values }]]],
    ['a size that is no integer', [['a', { shape: [0.5, 4], values }]]],
    ['negative sizes', [['a', { shape: [-1, -2], values }]]],
    [
      'a name twice',
      [
        ['a', { shape: [2], values }],
        ['b', { shape: [2], values }],
        ['a', { shape: [2], values }],
      ],
    ],
    ["the format's own name", [['__metadata__', { shape: [2], values }]]],
    ['half a surrogate pair', [['\ud800', { shape: [2], values }]]],
  ] as [string, [string, { shape: number[]; values: Float32Array }][]][])('refuses %s', (_, tensors) => {
    expect(thrown(() => serialiseSafetensors(tensors)).code).toBe('SAFETENSORS_TENSOR');
  });

  it('refuses a header that it would not read', () => {
    const tensors: [string, { shape: number[]; values: Float32Array }][] = [
      ['x'.repeat(MAX_HEADER_BYTES), { shape: [2], values }],
    ];
    expect(thrown(() => serialiseSafetensors(tensors)).code).toBe('SAFETENSORS_HEADER_TOO_LARGE');
  });
});
