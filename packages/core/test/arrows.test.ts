/** What may import what, in the whole repository: scripts/arrows/arrows.json. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { checkRust, checkTypeScript } from '../../../scripts/arrows/check.mjs';

describe('this repository', () => {
  it('imports only downwards, as listed and without a circle', () => {
    expect(checkTypeScript()).toEqual([]);
  });

  it('has crates that depend only downwards, and no circles of modules', () => {
    expect(checkRust()).toEqual([]);
  });
});

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

/** A folder with these files. */
function folder(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'pot-arrows-'));
  roots.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

const TYPESCRIPT = {
  'packages/top/package.json': '{ "name": "@proof-of-training/top" }',
  'packages/top/src/index.ts': "export { draw } from './ui/draw.js';",
  'packages/top/src/ui/draw.ts': "import { read } from '../data/read.js';\nexport const draw = read;",
  'packages/top/src/data/read.ts': "export { read } from '@proof-of-training/base/node';",
  'packages/base/package.json': '{ "name": "@proof-of-training/base" }',
  'packages/base/src/node.ts': 'export const read = 1;',
  'examples/README.md': '',
};
const ALLOWED = {
  packages: { top: ['base'], base: [] },
  parts: { top: { 'index.ts': ['ui'], ui: ['data'], data: [] } },
};
const typescript = (files: Record<string, string>, allowed: object = ALLOWED) =>
  checkTypeScript(allowed, folder({ ...TYPESCRIPT, ...files }));

describe('imports of TypeScript', () => {
  it('fit where each is listed', () => {
    expect(typescript({})).toEqual([]);
  });

  it.each([
    ['values', "import { draw } from '../ui/draw.js';"],
    ['types alone', "import type { Draw } from '../ui/draw.js';"],
    ['a type in its place', "export type D = import('../ui/draw.js').Draw;"],
    ['re-exports', "export * from '../ui/draw.js';"],
    ['types that are exported again', "export type { Draw } from '../ui/draw.js';"],
    ['import()', "export const later = () => import('../ui/draw.js');"],
  ])('in a circle are found: %s', (_, text) => {
    const wrong = typescript({ 'packages/top/src/data/read.ts': `${text}\nexport const read = 1;` });
    expect(wrong).toContain('import circle: packages/top/src/data/read.ts, packages/top/src/ui/draw.ts');
    expect(wrong).toContain('top: data -> ui is not listed');
  });

  it.each([
    ['an inner name, under any condition', '#draw'],
    ["the package's own name", '@proof-of-training/top/draw'],
  ])('in a circle by %s are found', (_, specifier) => {
    const draw = { node: './dist/ui/draw.js', default: './dist/ui/other.js' };
    const wrong = typescript({
      'packages/top/package.json': JSON.stringify({
        name: '@proof-of-training/top',
        exports: { './draw': { browser: './dist/ui/other.js', ...draw } },
        imports: { '#draw': draw },
      }),
      'packages/top/src/data/read.ts': `import '${specifier}';\nexport const read = 1;`,
    });
    expect(wrong).toContain('import circle: packages/top/src/data/read.ts, packages/top/src/ui/draw.ts');
  });

  it('upwards are found', () => {
    const file = { 'packages/base/src/up.ts': "export { draw } from '@proof-of-training/top';" };
    expect(typescript(file)).toEqual(['packages: base -> top is not listed']);
    const listed = { ...ALLOWED, packages: { top: ['base'], base: ['top'] } };
    expect(typescript(file, listed)).toEqual([
      'packages: base -> top runs upwards: top does not stand below base',
    ]);
  });

  it("by a path into another package's folder are found", () => {
    const file = { 'packages/base/src/up.ts': "export { draw } from '../../top/src/ui/draw.js';" };
    expect(typescript(file)).toEqual(['packages: base -> top is not listed']);
  });

  it('that are listed and not used are found', () => {
    expect(typescript({ 'packages/top/src/data/read.ts': 'export const read = 1;' })).toEqual([
      'packages: top -> base is listed and not used',
    ]);
  });

  it('of a part without an entry, and entries without a part, are found', () => {
    const parts = { top: { 'index.ts': ['ui'], ui: ['data'], gone: [] } };
    expect(typescript({}, { ...ALLOWED, parts })).toEqual([
      'top: ui -> data runs upwards: data does not stand below ui',
      'top: data has no entry',
      'top: gone has an entry and is not there',
    ]);
  });

  it('in comments and texts are none', () => {
    const text = "// import '../ui/draw.js';\nexport const read = \"import '../ui/draw.js'\";";
    expect(typescript({ 'packages/top/src/data/read.ts': text })).toEqual([
      'packages: top -> base is listed and not used',
    ]);
  });
});

const RUST = {
  'Cargo.toml': '[workspace]\nmembers = ["a", "b"]\n',
  'a/Cargo.toml': '[package]\nname = "pot-a"\n[dependencies]\npot-b = { workspace = true }\nserde = "1"\n',
  'b/Cargo.toml': '[package]\nname = "pot-b"\n[dev-dependencies]\npot-a.workspace = true\n',
  'a/src/lib.rs': 'mod spec;\nmod layout;\npub use spec::Spec;',
  'a/src/spec.rs': 'pub struct Spec;',
  'a/src/layout/mod.rs': 'mod rows;\npub use rows::Rows;\nuse crate::spec::Spec;',
  'a/src/layout/rows.rs': 'use super::Row;\n// use crate::layout::cells;',
};
const CRATES = { crates: { 'pot-a': ['pot-b'], 'pot-b': [] } };
const rust = (files: Record<string, string>, allowed: object = CRATES) =>
  checkRust(allowed, folder({ ...RUST, ...files }));
const SPEC_LAYOUT = 'crate: layout, spec';

describe('crates', () => {
  it('fit where each dependency is listed; tests may depend on what is above', () => {
    expect(rust({})).toEqual([]);
  });

  it('that depend on one above, or no longer on a listed one, are found', () => {
    const manifest =
      '[package]\nname = "pot-b"\n[target.\'cfg(unix)\'.dependencies]\npot-a.workspace = true\n';
    expect(rust({ 'b/Cargo.toml': manifest })).toEqual(['crates: pot-b -> pot-a is not listed']);
    expect(rust({ 'a/Cargo.toml': '[package]\nname = "pot-a"\n' })).toEqual([
      'crates: pot-a -> pot-b is listed and not used',
    ]);
  });

  it.each([
    ['a path', 'use crate::layout::Rows;'],
    ['a path with what is below', 'use crate::layout::rows::Rows;'],
    ['a group', 'use crate::{\n    spec::Spec,\n    layout::{Rows, rows},\n};'],
    ['a path inside a function', 'fn f() { crate::layout::rows::f() }'],
    ['the parent', 'use super::layout::Rows;'],
  ])('have circles of modules found by %s', (_, text) => {
    expect(rust({ 'a/src/spec.rs': text })).toEqual([`pot-a: circle of modules ${SPEC_LAYOUT}`]);
  });

  it('have circles below one module found', () => {
    const files = {
      'a/src/layout/rows.rs': 'use super::cells::Cell;',
      'a/src/layout/cells.rs': 'use crate::layout::rows::Row;',
    };
    expect(rust(files)).toEqual(['pot-a: circle of modules crate::layout: cells, rows']);
  });

  it('may have unit tests that use anything', () => {
    const tests = '#[cfg(test)]\nmod tests {\n    use crate::layout::Rows;\n}\n';
    expect(rust({ 'a/src/spec.rs': tests })).toEqual([]);
  });
});
