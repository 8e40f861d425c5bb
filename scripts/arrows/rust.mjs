/** Crates that depend on each other, and modules of a crate that use each other, read from the text of manifests and sources. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { addArrow, circlesOf } from './graph.mjs';

/** @typedef {Map<string, Set<string>>} Graph what each node points to */
/** @typedef {{ name: string, dir: string, dependencies: string[] }} Crate a member of the workspace, with its dependencies that are members too */

/**
 * The workspace's crates. Dependencies of tests are left out: tests may use what is above.
 *
 * @param {string} root
 * @returns {Crate[]}
 */
export function cratesOf(root) {
  const members = /^members = \[([^\]]*)\]/m.exec(readFileSync(join(root, 'Cargo.toml'), 'utf8'))?.[1] ?? '';
  const crates = [...members.matchAll(/"([^"]+)"/g)].map(([, dir]) => {
    const manifest = readFileSync(join(root, dir, 'Cargo.toml'), 'utf8');
    const name = /^name = "([^"]+)"/m.exec(manifest)?.[1];
    return { name, dir, dependencies: dependenciesIn(manifest) };
  });
  const names = new Set(crates.map(({ name }) => name));
  return crates.map((crate) => ({ ...crate, dependencies: crate.dependencies.filter((d) => names.has(d)) }));
}

/**
 * Names in the sections `dependencies` and `build-dependencies`, also those of one target alone.
 *
 * @param {string} manifest the text of a Cargo.toml
 */
export function dependenciesIn(manifest) {
  const sections = manifest
    .split(/^\[/m)
    .filter((s) => /^(?:target\..*\.)?(?:build-)?dependencies\]/.test(s));
  return sections.flatMap((s) => [...s.matchAll(/^([\w-]+)(?:\.workspace)? *=/gm)].map(([, name]) => name));
}

/**
 * Circles of a crate's modules, each as `parent: a, b`: children of one parent, with all that is below them, that use each other
 * in a circle. A module and its own parent are one thing and no circle.
 *
 * @param {ReadonlyMap<string, string>} sources text of each file, by its path from the crate's src/
 * @returns {string[]}
 */
export function moduleCircles(sources) {
  const modules = new Map([...sources].map(([file, text]) => [moduleOf(file), usesOf(moduleOf(file), text)]));
  /** @type {Map<string, Graph>} arrows between the children of each module */
  const below = new Map();
  for (const [module, uses] of modules) {
    for (const used of uses) addSiblings(below, module.split('::'), resolve(modules, used).split('::'));
  }
  return [...below]
    .flatMap(([parent, graph]) => circlesOf(graph).map((c) => `${parent}: ${c.join(', ')}`))
    .sort();
}

/**
 * The sources of a crate without those of its unit tests, which may use anything.
 *
 * @param {string} root
 * @param {Crate} crate
 * @returns {Map<string, string>}
 */
export function sourcesOf(root, { dir }) {
  const src = join(root, dir, 'src');
  if (!existsSync(src)) return new Map();
  const files = readdirSync(src, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rs'))
    .map((entry) =>
      relative(src, join(entry.parentPath ?? entry.path, entry.name))
        .split(sep)
        .join('/'),
    );
  const texts = new Map(files.map((file) => [file, withoutComments(readFileSync(join(src, file), 'utf8'))]));
  const tests = [...texts].flatMap(([file, text]) => testModules(moduleOf(file), text));
  const isTest = (file) => tests.some((t) => moduleOf(file) === t || moduleOf(file).startsWith(`${t}::`));
  return new Map(
    [...texts].filter(([file]) => !isTest(file)).map(([file, text]) => [file, withoutTests(text)]),
  );
}

/** `crate` for lib.rs, `crate::a` for a.rs and a/mod.rs, `crate::a::b` for a/b.rs. */
function moduleOf(file) {
  const path = file.replace(/\.rs$/, '').split('/');
  if (path.at(-1) === 'mod' || (path.length === 1 && ['lib', 'main'].includes(path[0]))) path.pop();
  return ['crate', ...path].join('::');
}

/** Paths that a module's text names from `crate` or `super`, absolute; groups in braces one by one. */
function usesOf(module, text) {
  const found = [];
  for (const [, start, rest] of text.matchAll(/\b(crate|(?:super::)*super)::((?:\w+::)*(?:\w+|\{))/g)) {
    const ups = start === 'crate' ? 0 : start.split('::').length;
    const base = start === 'crate' ? ['crate'] : module.split('::').slice(0, -ups || undefined);
    if (base.length === 0) continue;
    const path = rest.split('::');
    if (path.at(-1) !== '{') found.push([...base, ...path].join('::'));
    else
      found.push(
        ...groupAt(text, `${start}::${rest}`).map((n) => [...base, ...path.slice(0, -1), n].join('::')),
      );
  }
  return found;
}

/** First names of the entries of the group that begins with `opening`: those that may be modules. */
function groupAt(text, opening) {
  const names = [];
  for (let at = text.indexOf(opening); at >= 0; at = text.indexOf(opening, at + 1)) {
    const body = text.slice(at + opening.length, text.indexOf(';', at));
    let depth = 0;
    for (const [token] of body.matchAll(/[{},]|\w+(?:::\w+)*/g)) {
      if (token === '{') depth++;
      else if (token === '}') depth--;
      else if (token !== ',' && depth === 0) names.push(token);
      if (depth < 0) break;
    }
  }
  return names;
}

/** The module that a path leads into: its longest part that is a module. */
function resolve(modules, path) {
  const parts = path.split('::');
  while (parts.length > 1 && !modules.has(parts.join('::'))) parts.pop();
  return parts.join('::');
}

/** Adds an arrow between the two children of the nearest module that both are below. */
function addSiblings(below, from, to) {
  let depth = 0;
  while (from[depth] !== undefined && from[depth] === to[depth]) depth++;
  if (from[depth] === undefined || to[depth] === undefined) return;
  const parent = from.slice(0, depth).join('::');
  if (!below.has(parent)) below.set(parent, new Map());
  addArrow(below.get(parent), from[depth], to[depth]);
}

function testModules(module, text) {
  return [...text.matchAll(/#\[cfg\(test\)\]\s*(?:pub )?mod (\w+);/g)].map(
    ([, name]) => `${module}::${name}`,
  );
}

/** Unit tests stand at the end of their file. */
function withoutTests(text) {
  return text.replace(/#\[cfg\(test\)\]\s*mod \w+ \{[\s\S]*$/, '');
}

function withoutComments(text) {
  return text.replace(/\/\/.*$/gm, '').replace(/\/\*[\s\S]*?\*\//g, '');
}
