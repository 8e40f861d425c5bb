#!/usr/bin/env node
/** Codes of errors that the sources throw, and where. As a program: prints each code with its files; with arguments, those codes alone. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cratesOf, sourcesOf } from '../arrows/rust.mjs';
import { packagesOf } from '../arrows/typescript.mjs';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Names in capitals that are no codes: variables of the environment and of this repository; what ethers and Node call their failures; a setting of S3. */
const OTHER =
  /^(?:POT|ZK|ERR)_|^(?:CALL_EXCEPTION|INSUFFICIENT_FUNDS|(?:NETWORK|SERVER)_ERROR|NONCE_EXPIRED|REPLACEMENT_UNDERPRICED|WHEN_REQUIRED)$/;

const LITERAL = /['"]([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)['"]/g;

/**
 * Codes that a TypeScript source throws: names in capitals between quotes, but not where they are compared with.
 *
 * @param {string} text
 * @returns {string[]}
 *
 * @example codesInTypeScript("if (isPotError(e, 'A_B')) throw new PotError('C_D', '');"); // ['C_D']
 */
export function codesInTypeScript(text) {
  const thrown = text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\bisPotError\([^()]*\)/g, '')
    .replace(/\[(?:\s*'[A-Z0-9_]+'\s*,?)+\s*\]/g, '');
  const parts = [...thrown.matchAll(/\bunsupported\(\s*'([A-Z]+)'/g)].map(
    ([, what]) => `UNSUPPORTED_${what}`,
  );
  const direct = [...thrown.matchAll(/\bnew PotError\(\s*'([^']+)'/g)].map(([, code]) => code);
  return unique([...direct, ...literalsIn(thrown), ...parts]);
}

/**
 * Codes that a Rust source throws. Comments and unit tests are taken out before.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function codesInRust(text) {
  const direct = [...text.matchAll(/\bPotError::new\(\s*"([^"]+)"/g)].map(([, code]) => code);
  return unique([...direct, ...literalsIn(text.replace(/\bcode == "[^"]*"/g, ''))]);
}

/** What codes of a contract's reverts begin with, where it is not the registry's: packages/blockchain/src/contracts/errors.ts. */
const PREFIXES = { 'EvaluationDraws.sol': 'DRAW_' };

/**
 * Codes that a contract's reverts become.
 *
 * @param {string} text a Solidity source
 * @param {string} prefix what they begin with
 * @returns {string[]}
 *
 * @example codesInSolidity('error RunUnknown(bytes32 runId);'); // ['REGISTRY_RUN_UNKNOWN']
 */
export function codesInSolidity(text, prefix = 'REGISTRY_') {
  return [...text.matchAll(/^ *error (\w+)\(/gm)].map(
    ([, name]) => `${prefix}${name.replace(/(?!^)([A-Z])/g, '_$1').toUpperCase()}`,
  );
}

/**
 * Every code that something in this repository throws, with the files that do.
 *
 * @param {string} root
 * @returns {Map<string, string[]>}
 */
export function thrownCodes(root = ROOT) {
  const found = new Map();
  const note = (file, codes) => {
    for (const code of codes) found.set(code, [...(found.get(code) ?? []), file]);
  };
  for (const { dir } of packagesOf(root, ['packages'])) {
    for (const file of filesIn(root, join(dir, 'src'), '.ts')) {
      if (!file.startsWith(join('packages', 'errors', 'src', 'codes')))
        note(file, codesInTypeScript(read(root, file)));
    }
    for (const file of filesIn(root, join(dir, 'contracts'), '.sol'))
      note(file, codesInSolidity(read(root, file), PREFIXES[basename(file)]));
  }
  for (const crate of cratesOf(root)) {
    for (const [file, text] of sourcesOf(root, crate)) note(join(crate.dir, 'src', file), codesInRust(text));
  }
  return found;
}

function literalsIn(text) {
  return [...text.matchAll(LITERAL)].map(([, name]) => name).filter((name) => !OTHER.test(name));
}

function filesIn(root, dir, end) {
  if (!existsSync(join(root, dir))) return [];
  return readdirSync(join(root, dir), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(end))
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

function read(root, file) {
  return readFileSync(join(root, file), 'utf8');
}

function unique(values) {
  return [...new Set(values)];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const asked = process.argv.slice(2);
  for (const [code, files] of [...thrownCodes()].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (asked.length === 0 || asked.includes(code))
      console.log(`${code}\n${files.map((f) => `    ${f}`).join('\n')}`);
  }
}
