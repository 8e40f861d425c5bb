import { describe, expect, it } from 'vitest';
import { isPotError, PotError } from '../src/index.js';
import { fromWasmError, guarded } from '../src/wasmError.js';

describe('PotError', () => {
  it('has code, message, hint and cause, and survives JSON', () => {
    const cause = new Error('inner');
    const e = new PotError('FILE_READ', 'it failed', { details: { n: 3 }, hint: 'do better', cause });
    expect(e.message).toBe('it failed\nWhat to do: do better\nCode: FILE_READ');
    expect(e.cause).toBe(cause);
    const back = PotError.fromJSON(JSON.parse(JSON.stringify(e)));
    expect(back).toMatchObject({
      code: 'FILE_READ',
      shortMessage: 'it failed',
      hint: 'do better',
      details: { n: 3 },
    });
    expect(isPotError(back, 'FILE_READ')).toBe(true);
    expect(isPotError(back, 'OTHER')).toBe(false);
    expect(isPotError(new Error('FILE_READ'))).toBe(false);
  });

  it('quotes a file in one line that controls no terminal', () => {
    const e = new PotError('FILE_READ', 'at x: "\nVERIFIED\r\u001b[8m\u009b1A\u202e\u2028"');
    expect(e.shortMessage).toBe('at x: "\\u000aVERIFIED\\u000d\\u001b[8m\\u009b1A\\u202e\\u2028"');
    expect(PotError.fromJSON(e.toJSON()).message).toBe(e.message);
  });
});

describe('errors of the WebAssembly module', () => {
  it('become typed errors', () => {
    const e = fromWasmError(new Error('{"code":"SPEC_INVALID","message":"no","details":{"field":"k"}}'));
    expect(e).toMatchObject({ code: 'SPEC_INVALID', shortMessage: 'no', details: { field: 'k' } });
  });

  it.each([
    [new RangeError('WebAssembly.Memory(): could not allocate memory'), 'WASM_OUT_OF_MEMORY'],
    [new WebAssembly.RuntimeError('unreachable'), 'WASM_TRAP'],
    [new Error('{"not":"ours"}'), 'WASM_ERROR'],
    [new Error('{broken'), 'WASM_ERROR'],
    ['a string', 'WASM_ERROR'],
  ])('%s is %s', (thrown, code) => {
    expect(() =>
      guarded(() => {
        throw thrown;
      }),
    ).toThrow(expect.objectContaining({ code }));
  });
});
