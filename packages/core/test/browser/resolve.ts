/** What a bundler does for a page: names of packages in served modules become addresses, by the packages' own `exports`. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

/** The conditions of a browser's module, in `exports`. */
const CONDITIONS = ['browser', 'import', 'module', 'default'];

type Target = string | { [condition: string]: Target } | null | undefined;

/**
 * The text of a module in which each import of a package is an address.
 *
 * @param text of the module
 * @param file its place on disk, from which packages are looked for
 * @param root the repository's folder: an address is a path from it
 */
export function withAddresses(text: string, file: string, root: string): string {
  let result = text;
  // From the end, so that the places of those before stay.
  for (const { fileName, pos } of ts.preProcessFile(text, true, true).importedFiles.reverse()) {
    if (/^[./]|^\w+:/.test(fileName)) continue;
    // `pos` is that of the opening quote.
    const address = addressOf(fileName, file, root);
    result = result.slice(0, pos + 1) + address + result.slice(pos + 1 + fileName.length);
  }
  return result;
}

/**
 * Where a bundler for pages finds a package, or one of its inner names: the path from the root, with a slash before it.
 */
export function addressOf(specifier: string, importer: string, root: string): string {
  const own = packageOf(importer);
  if (specifier.startsWith('#'))
    return inRoot(realpathSync(join(own.dir, chosen(own.imports?.[specifier])!)), root);
  const [, name, subpath] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(specifier)!;
  if (name === own.name) return inRoot(entryOf(own.dir, `.${subpath}`), root);
  for (let dir = dirname(realpathSync(importer)); ; dir = dirname(dir)) {
    const found = join(dir, 'node_modules', name!);
    if (existsSync(join(found, 'package.json'))) return inRoot(entryOf(found, `.${subpath ?? ''}`), root);
    if (dir === dirname(dir)) throw new Error(`${importer}: there is no package ${name}`);
  }
}

/** The manifest of the package that a file belongs to, with its folder. */
function packageOf(file: string): { dir: string; name: string; imports?: Record<string, Target> } {
  let dir = dirname(realpathSync(file));
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir);
  return { dir, ...JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) };
}

function entryOf(dir: string, subpath: string): string {
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const own: Target =
    typeof manifest.exports === 'object' && '.' in manifest.exports
      ? manifest.exports[subpath]
      : manifest.exports;
  const target = chosen(own) ?? (subpath === '.' ? (manifest.module ?? manifest.main) : undefined);
  if (target === undefined) throw new Error(`${dir} exports no ${subpath}`);
  return realpathSync(join(dir, target));
}

function chosen(target: Target): string | undefined {
  if (typeof target !== 'object' || target === null) return target ?? undefined;
  const condition = Object.keys(target).find((c) => CONDITIONS.includes(c));
  return condition === undefined ? undefined : chosen(target[condition]);
}

function inRoot(file: string, root: string): string {
  return `/${relative(realpathSync(root), file).split(sep).join('/')}`;
}
