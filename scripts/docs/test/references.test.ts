/** Every document, section and file that documents and comments point to is there. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { danglingReferences } from '../references.mjs';

describe('this repository', () => {
  it('points to nothing that is not there', () => {
    expect(danglingReferences()).toEqual([]);
  });
});

const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true });
});

/** What is found in a folder with these files and docs/there.md. */
function found(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'pot-docs-'));
  roots.push(root);
  const there = '# There\n\n## 1. First\n\n## 2. Second thing\n\n## Also\n\n**In bold.** Text.\n';
  for (const [file, text] of Object.entries({ 'docs/there.md': there, 'src/code.rs': '', ...files })) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return danglingReferences(root);
}

describe('what is accepted', () => {
  it.each([
    'docs/there.md',
    'docs/there.md, section 2',
    'docs/there.md,\nsections 1 and 2',
    'docs/there.md, "Also"',
    'docs/there.md, "Second\nthing"',
    'docs/there.md, "In bold"',
    'section 1 of docs/there.md',
    '[there](docs/there.md#2-second-thing)',
    '`code.rs`, `src/code.rs`',
    'docs/*.md',
    'a file.md of somebody',
    'https://example.com/docs/gone.md',
    'docs/gone.md of github.com/some/body',
  ])('%s', (text) => expect(found({ 'README.md': text })).toEqual([]));
});

describe('what is found', () => {
  it.each([
    ['docs/gone.md', 'docs/gone.md is not there'],
    ['docs/there.md, section 3', 'docs/there.md has no section 3'],
    ['docs/there.md, sections 2 and\n4', 'docs/there.md has no section 4'],
    ['section 7 of docs/there.md', 'docs/there.md has no section 7'],
    ['docs/there.md, "Gone"', 'docs/there.md has no "Gone"'],
    ['[there](docs/gone.txt)', 'link to docs/gone.txt: no such file'],
    ['[there](docs/there.md#third)', 'link to docs/there.md#third: no such section'],
    ['`gone.rs`', 'no file is called gone.rs'],
    ['docs/*.txt', 'docs/*.txt is not there'],
    ['## 1. One\n\nsection 2', 'there is no section 2 here'],
  ])('in Markdown: %s', (text, what) => {
    const line = text.startsWith('##') ? 3 : 1;
    expect(found({ 'README.md': text })).toContainEqual(`README.md:${line}: ${what}`);
  });

  it('in comments over two lines, of TypeScript and of Rust', () => {
    expect(found({ 'src/a.ts': '/**\n * See docs/there.md,\n * section 9.\n */\n' })).toEqual([
      'src/a.ts:2: docs/there.md has no section 9',
    ]);
    expect(found({ 'src/a.rs': '//! See docs/there.md,\n//! "Nothing of it".\n' })).toEqual([
      'src/a.rs:1: docs/there.md has no "Nothing of it"',
    ]);
  });

  it('in messages, and where no file is named', () => {
    expect(found({ 'src/a.ts': "const hint = 'docs/gone.md says more';\n// protocol section 9\n" })).toEqual([
      'src/a.ts:1: docs/gone.md is not there',
      expect.stringContaining('src/a.ts:2: "protocol section 9"'),
    ]);
  });
});
