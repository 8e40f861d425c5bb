/** THIRD-PARTY-LICENSES, as text. */
import { textsOf } from './texts.mjs';

/** @typedef {import('./crates.mjs').Crate} Crate */

const WIDTH = 110;
const RULE = '-'.repeat(WIDTH);

/**
 * The crates in the order of their names and versions, and each text once, with who has it. Texts whose words are the
 * same are one, however their lines are broken.
 *
 * @param {string} about first paragraph
 * @param {readonly Crate[]} crates
 * @returns {string}
 */
export function licencePage(about, crates) {
  const texts = new Map();
  const list = [...crates]
    .sort((a, b) => order(titleOf(a), titleOf(b)))
    .map((crate) => {
      const own = new Set(textsOf(crate).map((text) => entryOf(texts, text)));
      for (const entry of own) entry.holders.push(titleOf(crate));
      const numbers = [...own].map(({ number }) => number).sort((a, b) => a - b);
      const changed = crate.changed ? ', changed by this project' : '';
      const from = crate.repository ? `\n  ${crate.repository}` : '';
      return `${titleOf(crate)}: ${crate.license}${changed}; text ${numbers.join(', ')}${from}`;
    });
  const parts = [...texts.values()].map(
    ({ number, text, holders }) =>
      `${RULE}\n${filled(`Text ${number}, of ${holders.join(', ')}`, /(?<=,) /)}\n${RULE}\n\n${text}`,
  );
  return `${['Third-party licences', filled(about, / /), list.join('\n'), ...parts].join('\n\n')}\n`;
}

/** What is known of a text: made where it is new. */
function entryOf(texts, text) {
  const words = text.replace(/\s+/g, ' ').trim();
  const entry = texts.get(words) ?? { number: texts.size + 1, text, holders: [] };
  texts.set(words, entry);
  return entry;
}

function titleOf({ name, version }) {
  return `${name} ${version}`;
}

/** In lines that are no longer than WIDTH, broken at `gaps` alone. */
function filled(text, gaps) {
  const lines = [''];
  for (const word of text.split(gaps)) {
    const line = lines.at(-1);
    if (line !== '' && line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.join('\n');
}

/** By code units: the same on every machine. */
function order(a, b) {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
