/** Functions and files of packages' sources that are too long, against sizes.json. As a program: prints what is wrong; exit code 1 where something is. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cratesOf, sourcesOf } from '../arrows/rust.mjs';
import * as rust from './rust.mjs';
import * as typescript from './typescript.mjs';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Lines that a function, or a file, may have. */
export const MOST = { function: 60, file: 300 };

/** @typedef {{ lines: number, why: string }} Exception what is longer, how long it may be, and why it is not cut */

/**
 * The exceptions by language and name (`path`, `path function`): sizes.json.
 *
 * @returns {Record<string, Record<string, Exception>>}
 */
export function exceptions() {
  const { about: _, ...named } = JSON.parse(readFileSync(new URL('sizes.json', import.meta.url), 'utf8'));
  return named;
}

/**
 * What is wrong, a line each: what is too long and not named, longer than it was named with, or named and no longer too long.
 *
 * @param {Record<string, Record<string, Exception>>} named
 * @param {string} root
 * @returns {string[]}
 */
export function checkSizes(named = exceptions(), root = ROOT) {
  return [
    ...compare(tooLong(typescriptSources(root), typescript), named.typescript),
    ...compare(tooLong(rustSources(root), rust), named.rust),
  ];
}

/** The lengths that are too long, by name. */
function tooLong(sources, { functionsOf, lengthOf = (text) => text.trimEnd().split('\n').length }) {
  const found = new Map();
  for (const [path, text] of sources) {
    const lines = lengthOf(text);
    if (lines > MOST.file) found.set(path, lines);
    for (const { name, lines } of functionsOf(text)) {
      const key = `${path} ${name}`;
      if (lines > MOST.function) found.set(key, Math.max(lines, found.get(key) ?? 0));
    }
  }
  return found;
}

function compare(found, named) {
  const wrong = [...found].flatMap(([name, lines]) => {
    const most = named[name]?.lines;
    if (most === undefined) return [`${name} has ${lines} lines: cut it`];
    return lines > most ? [`${name} has ${lines} lines, and may have ${most}`] : [];
  });
  const gone = Object.keys(named).filter((name) => !found.has(name));
  return [...wrong, ...gone.map((name) => `${name} is not too long any more: strike it out`)];
}

/** Texts of the packages' TypeScript sources, by path. */
function typescriptSources(root) {
  return readdirSync(join(root, 'packages')).flatMap((name) => {
    const src = join(root, 'packages', name, 'src');
    return existsSync(src) ? textsOf(root, src, '.ts') : [];
  });
}

function textsOf(root, folder, end) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort()
    .map((file) => [relative(root, file).split(sep).join('/'), readFileSync(file, 'utf8')]);
}

/** Texts of the crates' sources in packages/, by path, without files that hold unit tests alone. */
function rustSources(root) {
  return cratesOf(root)
    .filter(({ dir }) => dir.startsWith('packages/'))
    .flatMap((crate) =>
      [...sourcesOf(root, crate).keys()]
        .sort()
        .map((file) => `${crate.dir}/src/${file}`)
        .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
    );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = checkSizes();
  for (const line of wrong) console.error(line);
  if (wrong.length === 0) console.log('no function and no file is too long but the named ones');
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
