import { parsePin } from '@proof-of-training/halo2-wasm';
import fc from 'fast-check';
import { expect, it } from 'vitest';

const digits = '0123456789abcdef'.repeat(4);

it('reads a digest in either case, with or without 0x, into one form', () => {
  for (const text of [digits, digits.toUpperCase(), `0x${digits}`, `0X${digits.toUpperCase()}`]) {
    expect(parsePin('--run-id', text)).toBe(`0x${digits}`);
  }
});

it('refuses everything else, and names the option', () => {
  const bad = [
    '',
    ' ',
    '0x',
    undefined,
    null,
    0,
    1n,
    {},
    [`0x${digits}`],
    digits.slice(1),
    `${digits}0`,
    ` ${digits}`,
  ];
  for (const text of [...bad, `${digits}\n`, `0x0x${digits}`, digits.replace('a', 'g')]) {
    expect(() => parsePin('--run-id', text)).toThrow(
      expect.objectContaining({ code: 'PIN_INVALID', message: expect.stringContaining('--run-id') }),
    );
  }
  fc.assert(
    fc.property(fc.string({ maxLength: 80 }), (text) => {
      if (/^(0x)?[0-9a-f]{64}$/i.test(text)) return;
      expect(() => parsePin('x', text)).toThrow(expect.objectContaining({ code: 'PIN_INVALID' }));
    }),
  );
});
