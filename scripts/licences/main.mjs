#!/usr/bin/env node
/**
 * THIRD-PARTY-LICENSES of the packages that have compiled Rust: what is linked into it, and the licences' texts.
 *   node scripts/licences/main.mjs            writes both files
 *   node scripts/licences/main.mjs --check    compares with the committed ones; exit code 1 where one differs
 * Needs cargo, which fetches what is not there, and third_party/ (scripts/vendor.sh). Nothing is compiled.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linkedCrates, ROOT } from './crates.mjs';
import { licencePage } from './page.mjs';
import { stdCrates } from './stdCrates.mjs';

/** What is compiled and published. Features and targets are those of scripts/build-wasm.sh and build-addon.sh. */
export const PRODUCTS = [
  {
    path: 'packages/halo2-wasm/THIRD-PARTY-LICENSES',
    files:
      'The WebAssembly modules (wasm/pot_wasm_bg.wasm, wasm-threads/pot_wasm_bg.wasm; embedded/plain.js is the first of them again) have',
    more: [
      'The pot_wasm.js beside each module is what wasm-bindgen generates, under the licences of wasm-bindgen.',
    ],
    package: 'pot-wasm',
    features: 'threads',
    target: 'wasm32-unknown-unknown',
  },
  {
    path: 'packages/halo2-wasm-linux-x64-gnu/THIRD-PARTY-LICENSES',
    files: 'The Node addon (pot_native.node) has',
    more: [],
    package: 'pot-native',
    features: 'asm',
    target: 'x86_64-unknown-linux-gnu',
  },
];

/**
 * The text of one product's file.
 *
 * @param {(typeof PRODUCTS)[number]} product
 * @returns {string}
 */
export function licencesOf(product) {
  const crates = [...linkedCrates(product), ...stdCrates(product.target)];
  return licencePage(aboutOf(product), crates);
}

function aboutOf({ files, more }) {
  return [
    `${files} compiled code of the crates below, besides this project's own (LICENSE-MIT, LICENSE-APACHE).`,
    'Where a licence offers others ("OR", "/"), the recipient chooses.',
    "Where a crate came without a licence's text, it is that of the MIT licence with the authors whom the crate names.",
    'What this project changed in a crate is in its repository (patches/).',
    ...more,
  ].join(' ');
}

function main(words) {
  if (words.some((word) => word !== '--check'))
    throw new Error(`unknown arguments ${words.join(' ')}: there is none but --check`);
  for (const product of PRODUCTS) {
    const file = join(ROOT, product.path);
    const text = licencesOf(product);
    if (words.length === 0) writeFileSync(file, text);
    else if (!existsSync(file) || readFileSync(file, 'utf8') !== text) {
      console.error(`${product.path} is not what is linked: run node scripts/licences/main.mjs`);
      process.exitCode = 1;
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
