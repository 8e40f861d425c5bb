import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import * as everywhere from '../src/index.js';
import * as node from '../src/node.js';

it('exports exactly what is documented', () => {
  expect(Object.keys(everywhere).sort()).toEqual([
    'MAX_PLACES',
    'aggregatePublicSchema',
    'aggregateSchema',
    'beginningOf',
    'checkNext',
    'checkTranscript',
    'checkWindows',
    'factsOf',
    'formOf',
    'scheduleBeginning',
    'scheduleHash',
    'scheduleStart',
    'statementOf',
    'windowParts',
  ]);
  expect(Object.keys(node).sort()).toEqual(['AggregationThread', 'IntermediateStore', 'ProofAggregator']);
});

it('uses Node in its Node part only', () => {
  const src = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((f) => f.endsWith('.ts'));
  const users = files.filter((f) =>
    /from '(node:|halo2-wasm\/node)|\bBuffer\b/.test(readFileSync(join(src, f), 'utf8')),
  );
  expect(users.length).toBeGreaterThan(0);
  expect(users.filter((f) => !/(^|\/)node\//.test(f))).toEqual([]);
});
