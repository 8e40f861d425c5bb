/** The repository's files that say something about others: Markdown, and sources with their comments. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Built, fetched or written by somebody else. Reports of the benchmarks say what was there when they were made. */
const SKIPPED =
  /^(\.(?!ci$).*|node_modules|dist|coverage|target|target-wasm|third_party|runs|results|wasm|wasm-threads|addon)$/;
const SOURCES = /\.(ts|mjs|js|rs|sol|sh|py)$/;

/** Paths of all files below `root`, relative to it and sorted, without what is built. */
export function listFiles(root = ROOT, dir = root) {
  return readdirSync(dir, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      if (SKIPPED.test(entry.name)) return [];
      const path = join(dir, entry.name);
      return entry.isDirectory() ? listFiles(root, path) : [relative(root, path)];
    });
}

/** Markdown files, without the record of changes: it names what was. */
export function documents(root = ROOT) {
  return listFiles(root).filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md');
}

/** Sources whose comments and messages may point to documents; not those that make up references to try this with. */
export function sources(root = ROOT) {
  return listFiles(root).filter(
    (path) => SOURCES.test(path) && !/^(patches|scripts\/docs\/test)\//.test(path),
  );
}

/** A file's text. */
export function read(path, root = ROOT) {
  return readFileSync(join(root, path), 'utf8');
}

/**
 * A source's text with the marks that comment lines begin with blanked, so that a sentence over two lines can be
 * searched as one. Offsets and line numbers stay.
 */
export function withoutMarks(text) {
  return text.replace(/^[ \t]*(?:\/\*\*?|\*\/?|\/\/[/!]?|#)/gm, (marks) => ' '.repeat(marks.length));
}

/** A source's comment lines; the others stay, empty, so that line numbers stay. */
export function commentsOf(text) {
  return text.replace(/^(?![ \t]*(?:\/\*|\*|\/\/|#)).*$/gm, '');
}

/** Line number of an offset. */
export function lineOf(text, offset) {
  return text.slice(0, offset).split('\n').length;
}
