#!/usr/bin/env node
/**
 * Writes the engine's two Rust faces, packages/halo2-wasm/bindings/src/engine and packages/halo2-wasm/native/src/engine,
 * from what packages/halo2-wasm/src/exports.ts describes. scripts/engine/test/engine.test.ts compares.
 *   node scripts/engine/main.mjs
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { engineApi } from './description.mjs';
import { nativeFiles } from './native.mjs';
import { wasmFiles } from './wasm.mjs';

const PACKAGE = fileURLToPath(new URL('../../packages/halo2-wasm/', import.meta.url));

/** Texts by folder (in the package) and file name. */
export function faces(api = engineApi()) {
  return new Map([
    ['bindings/src/engine', wasmFiles(api)],
    ['native/src/engine', nativeFiles(api)],
  ]);
}

/** Files that are not as they would be made, or should not be there. */
export function staleFaces(made = faces(), root = PACKAGE) {
  return [...made].flatMap(([folder, files]) => {
    const there = existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : [];
    const names = [...new Set([...there, ...files.keys()])].sort();
    const same = (name) =>
      there.includes(name) && readFileSync(join(root, folder, name), 'utf8') === files.get(name);
    return names.filter((name) => !same(name)).map((name) => join(folder, name));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.length > 2) throw new Error(`engine takes no ${process.argv[2]}`);
  for (const [folder, files] of faces()) {
    rmSync(join(PACKAGE, folder), { recursive: true, force: true });
    mkdirSync(join(PACKAGE, folder), { recursive: true });
    for (const [name, text] of files) writeFileSync(join(PACKAGE, folder, name), text);
  }
}
