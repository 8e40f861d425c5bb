/** What TypeScript sources import, as the compiler's own parser reads it: types, re-exports and `import()` too. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, posix, relative, sep } from 'node:path';
import ts from 'typescript';
import { addArrow } from './graph.mjs';

/** @typedef {Map<string, Set<string>>} Graph what each node points to */
/** @typedef {{ name: string, short: string, dir: string }} Package its name in package.json, the same without scope, its folder from the root */

/**
 * The packages below `parents`, each with its sources in src/.
 *
 * @param {string} root
 * @param {readonly string[]} parents folders of packages, from the root
 * @returns {Package[]}
 */
export function packagesOf(root, parents = ['packages', 'examples']) {
  return parents.flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((folder) => join(parent, folder))
      .filter((dir) => existsSync(join(root, dir, 'src')) && existsSync(join(root, dir, 'package.json')))
      .map((dir) => described(root, dir)),
  );
}

function described(root, dir) {
  const { name } = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8'));
  return { name, short: name.replace(/^@[^/]*\//, ''), dir };
}

/**
 * The names that a source imports, as they are written.
 *
 * @param {string} text
 * @returns {string[]}
 *
 * @example importsOf("import type { A } from './a.js'; export * from 'b';"); // ['./a.js', 'b']
 */
export function importsOf(text) {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}

/**
 * Arrows between files (paths from the root) and between packages (short names). An import by path that leads into another package is
 * an arrow between packages as well.
 *
 * @param {string} root
 * @param {readonly Package[]} packages
 * @returns {{ files: Graph, packages: Graph }}
 */
export function importGraphs(root, packages) {
  const files = new Map();
  const between = new Map(packages.map(({ short }) => [short, new Set()]));
  for (const { short, dir } of packages) {
    const inner = innerNames(root, dir);
    for (const file of sourcesIn(root, join(dir, 'src'))) {
      files.set(file, new Set());
      for (const specifier of importsOf(readFileSync(join(root, file), 'utf8'))) {
        const targets = targetsOf(file, specifier, inner);
        for (const target of targets) addArrow(files, file, target);
        const owner = packages.find(({ name, dir }) =>
          targets.length === 0 ? isIn(specifier, name, '/') : isIn(targets[0], dir, sep),
        );
        if (owner && owner.short !== short) addArrow(between, short, owner.short);
      }
    }
  }
  return { files, packages: between };
}

/**
 * What a package's inner names (`#name`, and its own name) lead to under any condition, as sources; by how they are written.
 *
 * @returns {Map<string, string[]>}
 */
function innerNames(root, dir) {
  const {
    name,
    exports = {},
    imports = {},
  } = JSON.parse(readFileSync(join(root, dir, 'package.json'), 'utf8'));
  const own = Object.entries(exports).map(([path, target]) => [posix.join(name, path), target]);
  const built = (target) => (typeof target === 'string' ? [target] : Object.values(target).flatMap(built));
  return new Map(
    [...own, ...Object.entries(imports)].map(([specifier, target]) => [
      specifier,
      built(target)
        .filter((path) => /\.js$/.test(path))
        .map((path) => join(dir, path.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts'))),
    ]),
  );
}

/**
 * Arrows between the parts of a package: the folders in its src/, and the files beside them, which are parts of their own.
 *
 * @param {Graph} files of {@link importGraphs}
 * @param {string} dir the package's folder, from the root
 * @returns {Graph}
 */
export function partsOf(files, dir) {
  const src = join(dir, 'src');
  const parts = new Map();
  for (const [file, targets] of files) {
    if (!isIn(file, src, sep)) continue;
    const part = partOf(src, file);
    if (!parts.has(part)) parts.set(part, new Set());
    for (const target of targets) {
      if (isIn(target, src, sep) && partOf(src, target) !== part) parts.get(part).add(partOf(src, target));
    }
  }
  return parts;
}

function partOf(src, file) {
  return relative(src, file).split(sep)[0];
}

function isIn(path, folder, separator) {
  return path === folder || path.startsWith(folder + separator);
}

/** The sources that a path or an inner name leads to; TypeScript's are named by what they are compiled to. */
function targetsOf(file, specifier, inner) {
  if (!specifier.startsWith('.')) return inner.get(specifier) ?? [];
  return [normalize(join(dirname(file), specifier)).replace(/\.(m?)js$/, '.$1ts')];
}

function sourcesIn(root, dir) {
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.m?ts$/.test(entry.name) && !/\.d\.m?ts$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}
