/** The API reference is what the declarations say; what is exported has an example, which holds by its types. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { unknownCodesIn, unknownIn } from '../../docs/exported.mjs';
import { inOneOrder } from '../ordered.mjs';
import { withoutExample } from '../symbols.mjs';

const piece = (code: string, strict = false) => ({ where: 'here', dir: 'core', code, strict });

/** Code beside the repository's own: each with the beginning of what is wrong with it. */
const PIECES: [{ code: string }, string | undefined][] = [
  [piece('await verifyTrainingRun(bundle, { gone: 1 });'), "'gone' does not exist in type"],
  [piece('console.log((await verifyTrainingRun(bundle)).okay);'), "Property 'okay' does not exist"],
  [piece('const x = gone();'), "Cannot find name 'gone'."],
  [piece("import { gone } from '@proof-of-training/core';"), "no exported member 'gone'"],
  [piece('console.log(bundle);', true), "Cannot find name 'bundle'."],
  [piece('let x = ;'), 'Expression expected'],
  [piece('console.log((await verifyTrainingRun(bundle)).ok);'), undefined],
];

interface Facts {
  stale: string[];
  withoutExample: Record<string, string[]>;
  unknownExports: string[];
  unknownCodes: string[];
  examples: number;
  blocks: number;
  typeErrors: string[];
}
let facts: Facts;

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'pot-pieces-'));
  const file = join(dir, 'pieces.json');
  writeFileSync(file, JSON.stringify(PIECES.map(([made]) => made)));
  const program = fileURLToPath(new URL('../facts.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, file], { maxBuffer: 2 ** 24 });
  rmSync(dir, { recursive: true });
  facts = JSON.parse(stdout);
});

it('the API reference is what `node scripts/api/main.mjs` writes', () => {
  expect(facts.stale).toEqual([]);
});

it('what the checker prints in the order of its own reading is put in one order', () => {
  const printed = [
    "type A = { b?: 'y' | undefined | 'x'; a: (1 | { d: 1; c: 2 })[] };",
    "type A = { a: ({ c: 2; d: 1 } | 1)[]; b?: 'x' | 'y' | undefined };",
  ];
  const [one, other] = printed.map(inOneOrder);
  expect(one).toBe(other);
  expect(one).toBe("type A = { a: (1 | { c: 2; d: 1; })[]; b?: 'x' | 'y' | undefined; };");
});

describe('exported functions and classes', () => {
  it.each([
    'errors',
    'core',
    'verifier',
    'blockchain',
    'aggregator',
    'halo2-wasm',
    'inference',
    'zkml',
    'cluster',
    'ledger',
    'lora-circuit',
    'sgd-circuit',
  ])('of %s have an example', (dir) => {
    expect(facts.withoutExample[dir]).toEqual([]);
  });

  it('without one are found', () => {
    const named = (name: string, kind: string, ...tags: { name: string; text: string }[]) => {
      return { name, kind, tags, home: 'x', file: '', text: '', memberExamples: [], declarations: [] };
    };
    const exports = [
      named('a', 'function'),
      named('b', 'type'),
      named('c', 'class', { name: 'example', text: 'c();' }),
    ];
    expect(withoutExample([{ entry: 'x', name: 'x', dir: 'x', exports }], 'x')).toEqual(['a']);
  });
});

it('documents name exports that there are', () => {
  expect(facts.unknownExports).toEqual([]);
  const api = [{ entry: '@proof-of-training/x/y', exports: [{ name: 'a' }] }];
  const text =
    '`a()` of `@proof-of-training/x/y`\n`b` of\n`@proof-of-training/x/y`, `a` from `@proof-of-training/z`';
  expect(unknownIn(api, 'a.md', text)).toEqual([
    'a.md:2: @proof-of-training/x/y exports no b',
    'a.md:3: @proof-of-training/z exports no a',
  ]);
});

it('documents name error codes that there are', () => {
  expect(facts.unknownCodes).toEqual([]);
  const api = [{ entry: 'x', exports: [{ name: 'SRS_LIMIT' }] }];
  const text = '`SRS_NEEDED`, `SRS_LIMIT`, `SRS_*`, `POT_CACHE_DIR`\n`SRS_GONE`';
  expect(unknownCodesIn(api, ['SRS_NEEDED'], 'a.md', text)).toEqual([
    'a.md:2: no error has the code SRS_GONE',
  ]);
});

describe('code', () => {
  it('in examples and documents has the right types', () => {
    expect(facts.examples).toBeGreaterThan(100);
    expect(facts.blocks).toBeGreaterThan(8);
    expect(facts.typeErrors.filter((line) => !line.startsWith('here'))).toEqual([]);
  });

  it('with a mistake is found, and values of the reader are not mistaken for one', () => {
    const found = facts.typeErrors.filter((line) => line.startsWith('here'));
    const wrong = PIECES.flatMap(([, what]) => (what === undefined ? [] : [expect.stringContaining(what)]));
    expect(found).toEqual(wrong);
  });
});
