/** The list of codes is what the sources throw, no more and no less, and docs/reference/errors.md is the list. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { errorPage, PAGE } from '../../../scripts/errors/page.mjs';
import {
  codesInRust,
  codesInSolidity,
  codesInTypeScript,
  thrownCodes,
} from '../../../scripts/errors/thrown.mjs';
import { errorCodes, errorSections, PotError } from '../src/index.js';

const listed = new Set(Object.keys(errorCodes));
const thrown = thrownCodes();

it('finds codes in each language, and not where they are compared with', () => {
  const text = `/** 'OF_COMMENT' */
    if (isPotError(e, 'A_B')) throw new PotError(
      'C_D', '');
    const known = ['E_F', 'G_H'];
    refuse(x ? 'I_J' : 'K_L', process.env['POT_CACHE']);
    throw unsupported('LAYER', 'x');
    throw new PotError('PLAIN', '')`;
  expect(codesInTypeScript(text).sort()).toEqual(['C_D', 'I_J', 'K_L', 'PLAIN', 'UNSUPPORTED_LAYER']);
  const rust =
    'Err(PotError::new("A_B", m)); if e.code == "C_D" { refuse(\n"E_F") }; PotError::new("PLAIN", m)';
  expect(codesInRust(rust).sort()).toEqual(['A_B', 'E_F', 'PLAIN']);
  expect(codesInSolidity('    error CommitmentTooYoung(bytes32 c);\n    error TermsOutOfRange();')).toEqual([
    'REGISTRY_COMMITMENT_TOO_YOUNG',
    'REGISTRY_TERMS_OUT_OF_RANGE',
  ]);
  expect(thrown.get('SRS_SECRET_KNOWN')?.some((file) => file.endsWith('.rs'))).toBe(true);
  expect(thrown.get('REGISTRY_RUN_UNKNOWN')?.some((file) => file.endsWith('.sol'))).toBe(true);
  expect(thrown.size).toBeGreaterThan(300);
});

it('lists every code that is thrown', () => {
  const missing = [...thrown].filter(([code]) => !listed.has(code));
  expect(missing).toEqual([]);
});

it('lists no code that nothing throws', () => {
  expect([...listed].filter((code) => !thrown.has(code))).toEqual([]);
});

it('lists each code once, with a sentence for what is wrong and one for what to do', () => {
  const all = errorSections.flatMap(({ codes }) => Object.keys(codes));
  expect(all.length).toBe(listed.size);
  for (const [code, { text, hint }] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/);
    for (const sentence of [text, hint]) expect(sentence, code).toMatch(/^\S.{9,}\.$/);
  }
});

it('is docs/reference/errors.md (node scripts/errors/page.mjs writes it)', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(errorPage(errorSections));
});

it('is checked where TypeScript compiles, and takes what other versions say at run time', () => {
  // @ts-expect-error: this code is not in the list.
  expect(new PotError('NO_SUCH_CODE', 'x').code).toBe('NO_SUCH_CODE');
  const cause = new Error('inner');
  const other = PotError.fromJSON({ code: 'OF_ANOTHER_VERSION', message: 'x' }, cause);
  expect(other).toMatchObject({ code: 'OF_ANOTHER_VERSION', shortMessage: 'x', cause });
});
