/** Lines of prose that are too long: tables, code and pages that are made from sources aside. */
import { documents, ROOT, read } from './files.mjs';
import { withoutBlocks } from './sections.mjs';

const LIMIT = 120;
const MADE = /^(docs\/reference\/|benchmarks\/results\/)/;

/** @returns {string[]} a line each: `file:line: length` */
export function longLines(files = documents(), root = ROOT) {
  return files.filter((file) => !MADE.test(file)).flatMap((file) => longIn(file, read(file, root)));
}

/** The same of a text. */
export function longIn(file, text) {
  return withoutBlocks(text)
    .split('\n')
    .flatMap((line, n) => {
      if (line.length < LIMIT || /^(\|| {4})/.test(line)) return [];
      return [`${file}:${n + 1}: ${line.length} characters`];
    });
}
