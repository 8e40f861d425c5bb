import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStrictJson, readStrictJson } from '../src/index.js';

const bytes = (text: string) => new TextEncoder().encode(text);
const refused = (source: string | Uint8Array, options = {}) => {
  try {
    readStrictJson(source, options);
  } catch (e) {
    return (e as { code: string }).code;
  }
  return undefined;
};

describe('strict JSON', () => {
  it('refuses a name that an object has twice, at any depth and however it is written', () => {
    for (const text of [
      '{"a":1,"a":1}',
      '{"a":{"b":[{"c":0,"d":1,"c":2}]}}',
      '{"a":1,"\\u0061":2}',
      '{"a" \n:1,"b":{"a":2}, "a"\t:3}',
    ]) {
      expect(refused(text)).toBe('FORMAT_DUPLICATE_KEY');
      expect(refused(bytes(text))).toBe('FORMAT_DUPLICATE_KEY');
    }
    expect(readStrictJson('{"a":{"a":"a","b":"\\"a\\":"},"b":["a","a"]}')).toEqual({
      a: { a: 'a', b: '"a":' },
      b: ['a', 'a'],
    });
  });

  it('refuses __proto__ as a name, unless names are free; as a value it is text', () => {
    expect(refused('{"a":[{"__proto__":{"ok":true}}]}')).toBe('FORMAT_PROTO_KEY');
    expect(refused('{"\\u005f_proto__":1}')).toBe('FORMAT_PROTO_KEY');
    expect(parseStrictJson('{"__proto__":1}', { allowProto: true })).toHaveProperty('value');
    expect(readStrictJson('["__proto__"]')).toEqual(['__proto__']);
  });

  it('skips one byte order mark at the beginning, in text and in bytes alike', () => {
    for (const source of ['\ufeff{"a":1}', bytes('\ufeff{"a":1}')]) {
      expect(readStrictJson(source)).toEqual({ a: 1 });
    }
    for (const source of ['\ufeff\ufeff{}', bytes('\ufeff\ufeff{}'), '{}\ufeff', bytes('{}\ufeff')]) {
      expect(refused(source)).toMatch(/FORMAT_(NOT_JSON|TRUNCATED)/);
    }
  });

  it('says what is wrong with a file, without quoting it', () => {
    expect(refused('')).toBe('FORMAT_NOT_JSON');
    expect(refused('{"a":1')).toBe('FORMAT_TRUNCATED');
    expect(refused('secret')).toBe('FORMAT_NOT_JSON');
    expect(refused(new Uint8Array([0x7b, 0xff, 0x7d]))).toBe('FORMAT_NOT_JSON');
    expect(refused('['.repeat(33) + ']'.repeat(33))).toBe('FORMAT_TOO_DEEP');
    expect(refused('['.repeat(32) + ']'.repeat(32))).toBeUndefined();
    expect(refused('['.repeat(5_000_000))).toBe('FORMAT_TOO_DEEP');
    expect(refused('{"a":"123456"}', { maxBytes: 13 })).toBe('FORMAT_TOO_LARGE');
    // Counted in bytes of UTF-8, not in characters.
    expect(refused('["\u20ac\u20ac"]', { maxBytes: 9 })).toBe('FORMAT_TOO_LARGE');
    expect(refused('["\u20ac\u20ac"]', { maxBytes: 10 })).toBeUndefined();
    expect(() => readStrictJson('secret')).toThrow(
      expect.objectContaining({ message: expect.not.stringMatching('secret') }),
    );
  });

  it('reads what JSON.parse reads of any value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const text = JSON.stringify(value);
        if (text.includes('__proto__')) return;
        expect(readStrictJson(text)).toEqual(JSON.parse(text));
        expect(readStrictJson(bytes(text))).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });
});
