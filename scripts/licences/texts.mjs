/** The texts of a crate's licences: of its sources, or the usual text where they have none. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './crates.mjs';

/** @typedef {import('./crates.mjs').Crate} Crate */

const NAME = /^(?:licen[cs]e|unlicense|copying|copyright|notice|patents)(?:[-_.].*)?$/i;
const SOURCE = /\.(?:rs|toml|html?)$/i;

/**
 * The texts of all its licence files, in the order of their paths. Throws where it has none, and none is known of what
 * its Cargo.toml names.
 *
 * @param {Crate} crate
 * @returns {string[]}
 */
export function textsOf(crate) {
  const texts =
    crate.folder === undefined
      ? []
      : licenceFiles(crate.folder).map((file) => tidy(readFileSync(file, 'utf8')));
  const some = texts.filter((text) => text !== '');
  return some.length > 0 ? some : [usualText(crate)];
}

/** Paths of licence files, wherever they are among its sources. */
function licenceFiles(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && NAME.test(entry.name) && !SOURCE.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort((a, b) => (relative(folder, a) < relative(folder, b) ? -1 : 1));
}

/** The text of the MIT licence, where that is offered, with the authors whom Cargo.toml names: no other notice is there. */
function usualText({ name, version, license, authors, repository }) {
  if (!license.split(/\s+OR\s+|\//).includes('MIT')) {
    throw new Error(
      `${name} ${version} (${license || 'no licence named'}) has no licence file, and its licence no text here: add it to ` +
        'scripts/licences/texts.mjs, or do without the crate',
    );
  }
  const people = authors.map((author) => author.replace(/\s*<.*>/, '')).join(', ');
  const who = people || `the authors of ${name}${repository ? ` (${repository})` : ''}`;
  const ours = readFileSync(join(ROOT, 'LICENSE-MIT'), 'utf8');
  const text = ours.replace(/^Copyright .*$/m, `Copyright (c) ${who}`);
  return tidy(text);
}

/** Texts that differ in line ends, or in blanks at the end of lines, are one text. */
function tidy(text) {
  return text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[ \t\f]+$/gm, '')
    .replace(/^\n+|\n+$/g, '');
}
