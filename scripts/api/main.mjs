#!/usr/bin/env node
/**
 * Writes the API reference, docs/reference/api: a page a package, from the declarations in dist (build first: tsc -b).
 *   node scripts/api/main.mjs [--check]
 * --check compares with the pages in git, and fails where they differ.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiPages } from './pages.mjs';
import { ROOT } from './program.mjs';
import { apiExports } from './symbols.mjs';

const FOLDER = join(ROOT, 'docs/reference/api');

/**
 * Pages that are not as the declarations have them.
 *
 * @returns {string[]}
 */
export function stalePages(pages = apiPages(apiExports())) {
  const there = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  const gone = there.filter((name) => !pages.has(name));
  const other = [...pages].filter(
    ([name, text]) => !there.includes(name) || readFileSync(join(FOLDER, name), 'utf8') !== text,
  );
  return [...gone, ...other.map(([name]) => name)].sort();
}

function write(pages) {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const [name, text] of pages) writeFileSync(join(FOLDER, name), text);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const pages = apiPages(apiExports());
  if (process.argv.includes('--check')) {
    const stale = stalePages(pages);
    for (const name of stale)
      console.error(`docs/reference/api/${name} is not what the declarations say: node scripts/api/main.mjs`);
    process.exitCode = stale.length === 0 ? 0 : 1;
  } else {
    write(pages);
  }
}
