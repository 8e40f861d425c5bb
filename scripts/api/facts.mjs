#!/usr/bin/env node
/**
 * What the API test compares, as JSON: pages of the reference that are stale, exports without an example by package,
 * names in documents that no package exports, and type errors of all examples and documents. A program of its own, since TypeScript would hold up a test's thread.
 *   node scripts/api/facts.mjs [PIECES]     PIECES: a JSON file of further code whose types are checked
 */
import { readFileSync } from 'node:fs';
import { errorCodes } from '../../packages/errors/dist/index.js';
import { codeBlocks } from '../docs/blocks.mjs';
import { unknownCodes, unknownExports } from '../docs/exported.mjs';
import { typeErrors } from '../docs/typecheck.mjs';
import { stalePages } from './main.mjs';
import { apiPages } from './pages.mjs';
import { apiExamples, apiExports, withoutExample } from './symbols.mjs';

/** Documents whose code must be whole: names that it does not define are wrong. */
const WHOLE = /^(README\.md|docs\/learn\/)/;

const api = apiExports();
const examples = apiExamples(api);
const blocks = codeBlocks(['js', 'ts'])
  .filter(({ file }) => !file.startsWith('docs/reference/api/'))
  .map(({ file, line, code, given }) => ({
    where: `${file}:${line}`,
    dir: 'blockchain',
    code,
    given,
    strict: WHOLE.test(file),
  }));
const more = process.argv[2] ? JSON.parse(readFileSync(process.argv[2], 'utf8')) : [];

console.log(
  JSON.stringify({
    stale: stalePages(apiPages(api)),
    withoutExample: Object.fromEntries(api.map(({ dir }) => [dir, withoutExample(api, dir)])),
    unknownExports: unknownExports(api),
    unknownCodes: unknownCodes(api, Object.keys(errorCodes)),
    examples: examples.length,
    blocks: blocks.length,
    typeErrors: typeErrors([...examples, ...blocks, ...more], api),
  }),
);
