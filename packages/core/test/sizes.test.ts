/** How long functions and files of packages' sources may be: scripts/sizes/sizes.json. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkSizes, exceptions } from '../../../scripts/sizes/check.mjs';
import * as rust from '../../../scripts/sizes/rust.mjs';
import * as typescript from '../../../scripts/sizes/typescript.mjs';

/** Exceptions that are named in sizes.json: the numbers may only fall. */
const NAMED = { typescript: 0, rust: 0 };

describe('this repository', () => {
  it('has no function above 60 lines and no file above 300 but the named ones', () => {
    expect(checkSizes()).toEqual([]);
    const named = exceptions();
    expect(Object.keys(named)).toEqual(Object.keys(NAMED));
    for (const [language, most] of Object.entries(NAMED)) {
      expect(Object.keys(named[language]!)).toHaveLength(most);
      for (const { why } of Object.values(named[language]!)) expect(why).toMatch(/^[A-Z].{20,}\.$/);
    }
  });
});

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

/** What is wrong in a folder with one crate and one package. */
function wrong(files: Record<string, string>, named: object = { typescript: {}, rust: {} }): string[] {
  const root = mkdtempSync(join(tmpdir(), 'pot-sizes-'));
  roots.push(root);
  const workspace = {
    'Cargo.toml': '[workspace]\nmembers = ["packages/a/rust"]\n',
    'packages/a/rust/Cargo.toml': '[package]\nname = "pot-a"\n',
  };
  for (const [file, text] of Object.entries({ ...workspace, ...files })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return checkSizes(named as ReturnType<typeof exceptions>, root);
}

/** A body of so many lines with its braces. */
const body = (lines: number) => `{\n${'  work();\n'.repeat(lines - 2)}}`;
const rows = (lines: number) => Array.from({ length: lines }, (_, n) => `// ${n}`).join('\n');

describe('lengths', () => {
  const TS = 'packages/a/src/a.ts';
  const RS = 'packages/a/rust/src/lib.rs';

  it.each([
    [TS, `function f() ${body(61)}`, `${TS} f has 61 lines: cut it`],
    [RS, `pub fn f(a: [u8; 2]) -> u8 ${body(61)}`, `${RS} f has 61 lines: cut it`],
    [TS, rows(301), `${TS} has 301 lines: cut it`],
    [RS, rows(301), `${RS} has 301 lines: cut it`],
  ])('%s: a function may have 60 lines, a file 300', (path, text, line) => {
    expect(wrong({ [path]: text })).toEqual([line]);
    const shorter = text.replace(text.startsWith('//') ? '// 7\n' : '  work();\n', '');
    expect(wrong({ [path]: shorter })).toEqual([]);
  });

  it('of what is named may not grow, and what is not too long any more is struck out', () => {
    const files = { [TS]: `function f() ${body(70)}` };
    const named = (lines: number) => ({ typescript: { [`${TS} f`]: { lines, why: '' } }, rust: {} });
    expect(wrong(files, named(70))).toEqual([]);
    expect(wrong(files, named(69))).toEqual([`${TS} f has 70 lines, and may have 69`]);
    const short = { [TS]: `function f() ${body(60)}` };
    expect(wrong(short, named(70))).toEqual([`${TS} f is not too long any more: strike it out`]);
  });

  it('are those of sources, not of tests', () => {
    const tests = `#[cfg(test)]\nmod tests {\n  fn t() ${body(400)}\n}\n`;
    expect(wrong({ [RS]: `fn f() {}\n${tests}` })).toEqual([]);
    expect(wrong({ [RS]: '#[cfg(test)]\nmod tests;\n', 'packages/a/rust/src/tests.rs': rows(400) })).toEqual(
      [],
    );
    expect(wrong({ 'packages/a/test/a.test.ts': rows(400) })).toEqual([]);
    // What stands behind the tests counts.
    expect(wrong({ [RS]: `${tests}fn f() ${body(61)}` })).toEqual([`${RS} f has 61 lines: cut it`]);
  });
});

describe('functions', () => {
  it.each([
    ['function f() {\n}', [['f', 2]]],
    ['const f = () =>\n  1;', [['f', 2]]],
    [
      'class A {\n  m() {\n  }\n  constructor() {}\n}',
      [
        ['A.m', 2],
        ['A.constructor', 1],
      ],
    ],
    ['const o = { p: function () {\n\n} };', [['p', 3]]],
    [
      'function f() {\n  g(() => {\n  });\n}',
      [
        ['f', 4],
        ['in f', 2],
      ],
    ],
    ['/** What it does. */\nfunction f() {}', [['f', 1]]],
    ['declare function f(): void;', []],
  ])('of TypeScript: %j', (text, found) => {
    expect(typescript.functionsOf(text).map(({ name, lines }) => [name, lines])).toEqual(found);
  });

  it.each([
    ['fn f() {\n}', [['f', 2]]],
    ["fn f<'a>(x: &'a str) -> char {\n  '}'\n}", [['f', 3]]],
    ['fn f() {\n  let s = "}\\"}";\n  // }\n  /* } */\n}', [['f', 5]]],
    ['fn f() -> &str {\n  r#"}"}"#\n}', [['f', 3]]],
    ['fn f() -> &[u8] {\n  br#"}"}"#\n}', [['f', 3]]],
    ["fn f() {\n  let b = b'{';\n  let n = '\\u{7b}';\n}", [['f', 4]]],
    ['trait T {\n  fn f(&self, a: [u8; 3]) -> [u8; 3];\n  fn g() {\n  }\n}', [['g', 2]]],
    [
      'fn f() {\n  fn g() {\n  }\n}',
      [
        ['f', 4],
        ['g', 2],
      ],
    ],
    ['type F = fn(u8) -> u8;', []],
  ])('of Rust: %j', (text, found) => {
    expect(rust.functionsOf(text).map(({ name, lines }) => [name, lines])).toEqual(found);
  });
});
