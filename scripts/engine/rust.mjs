/** What both Rust faces are written with. */
import { snake } from './description.mjs';

/** The longest line that the formatter leaves whole. */
const WIDTH = 150;

/** A doc comment. */
export const docLines = (doc, indent) =>
  doc.some((line) => line !== '') ? doc.map((line) => `${indent}/// ${line}`.trimEnd()) : [];

/** `head(parameters) -> result {`, on one line where it fits. */
export function signature(indent, head, parameters, result) {
  const tail = `) -> ${result} {`;
  const whole = `${indent}${head}(${parameters.join(', ')}${tail}`;
  if (whole.length <= WIDTH) return [whole];
  return [`${indent}${head}(`, ...parameters.map((p) => `${indent}    ${p},`), `${indent}${tail}`];
}

/** The file of a class or of named arguments: `WindowSecrets` stands in `window_secrets`. */
export const moduleOf = (name) => snake(name).replace(/^_/, '');

/** The first lines of a made file. */
export const made = (what) => [
  `//! ${what}`,
  '//!',
  '//! Made by `node scripts/engine/main.mjs` from packages/halo2-wasm/src/exports.ts; a test compares.',
  '',
];

/** `mod.rs` of made files. */
export const modules = (names) => [
  ...made("The engine's API as packages/halo2-wasm/src/exports.ts describes it."),
  ...names.sort().map((name) => `pub mod ${name};`),
];

export const fileText = (lines) => `${lines.join('\n')}\n`;
