/** The arrows of this repository, against arrows.json. As a program: prints what is wrong; exit code 1 where something is. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { compareArrows, crateCircles, fileCircles } from './compare.mjs';
import { cratesOf, moduleCircles, sourcesOf } from './rust.mjs';
import { importGraphs, packagesOf, partsOf } from './typescript.mjs';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What may point to what: arrows.json. */
export function allowedArrows() {
  return JSON.parse(readFileSync(new URL('arrows.json', import.meta.url), 'utf8'));
}

/**
 * What is wrong with the imports of the TypeScript packages, a line each.
 *
 * @returns {string[]}
 */
export function checkTypeScript(allowed = allowedArrows(), root = ROOT) {
  const packages = packagesOf(root);
  const graphs = importGraphs(root, packages);
  const parts = Object.entries(allowed.parts).flatMap(([name, arrows]) => {
    const { dir } = packages.find(({ short }) => short === name);
    return compareArrows(name, partsOf(graphs.files, dir), arrows);
  });
  return [
    ...fileCircles(graphs.files),
    ...compareArrows('packages', graphs.packages, allowed.packages),
    ...parts,
  ];
}

/**
 * What is wrong with the dependencies of the crates and the modules inside them, a line each.
 *
 * @returns {string[]}
 */
export function checkRust(allowed = allowedArrows(), root = ROOT) {
  const crates = cratesOf(root);
  const found = new Map(crates.map(({ name, dependencies }) => [name, new Set(dependencies)]));
  return [
    ...compareArrows('crates', found, allowed.crates),
    ...crates.flatMap((crate) => crateCircles(crate.name, moduleCircles(sourcesOf(root, crate)))),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const wrong = [...checkTypeScript(), ...checkRust()];
  for (const line of wrong) console.error(line);
  if (wrong.length === 0) console.log('all arrows are listed and run downwards; no circles');
  process.exitCode = wrong.length === 0 ? 0 : 1;
}
