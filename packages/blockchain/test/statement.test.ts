import { describe, expect, it } from 'vitest';
import { proofBytesOf, readStatement, SCALAR_MODULUS } from '../src/statement/statement.js';
import { codeOf } from './helpers/errors.js';
import { calldataOf, fixtures, withWord, wordOf } from './helpers/fixtures.js';

const good = calldataOf('main/1');
const code = (calldata: string) => codeOf((async () => readStatement(calldata))());

describe('a statement', () => {
  it('is read from calldata', () => {
    const s = readStatement(good);
    expect(s).toMatchObject({ eta: 1311n, firstStep: 32, endStep: 64, depth: 6 });
    expect(BigInt(s.runId)).toBe(wordOf(good, 12));
    expect(BigInt(s.schedule)).toBe(wordOf(good, 19));
    expect(proofBytesOf(good)).toBe(fixtures.proofBytes);
  });

  it('is refused where it is none, before anything is sent', async () => {
    const bad = [
      '',
      '0x',
      'hello',
      good.slice(2),
      good.slice(0, 2 + 64 * 22),
      `${good}0`,
      `${good.slice(0, -1)}g`,
      withWord(good, 17, SCALAR_MODULUS),
      withWord(good, 3, 1n << 88n),
      withWord(good, 15, 32n),
      withWord(good, 14, 1n << 60n),
      withWord(good, 21, 1n << 60n),
    ];
    for (const calldata of bad)
      expect([calldata.slice(0, 9), await code(calldata)]).toEqual([
        calldata.slice(0, 9),
        'STATEMENT_INVALID',
      ]);
  });
});
