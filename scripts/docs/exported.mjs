/** Names that documents say a package has, against what it exports. */
import { documents, lineOf, ROOT, read } from './files.mjs';

/** `name` of `package`, `name(...)` from `package`. */
const NAMED =
  /`(?<name>[A-Za-z]\w*)(?:\([^`]*\))?`,?\s+(?:of|from)\s+`(?<entry>@proof-of-training\/[\w/-]+)`/g;

/**
 * Names in documents that their package does not export, and packages that are none, a line each.
 *
 * @param {{ entry: string, exports: { name: string }[] }[]} api
 * @returns {string[]}
 */
export function unknownExports(api, files = documents(), root = ROOT) {
  return files.flatMap((file) => unknownIn(api, file, read(file, root)));
}

/** The same of a text. */
export function unknownIn(api, file, text) {
  return [...text.matchAll(NAMED)].flatMap((match) => {
    const { name, entry } = match.groups;
    const found = api.find((one) => one.entry === entry);
    if (found?.exports.some((one) => one.name === name)) return [];
    return [`${file}:${lineOf(text, match.index)}: ${entry} exports no ${name}`];
  });
}

/** A word that looks like an error code. `SRS_*` stands for several. */
const CODE = /`(?<code>(?<group>[A-Z][A-Z0-9]*)(?:_[A-Z0-9]+)+)`/g;

/**
 * Error codes in documents that are not listed, a line each: words in capitals that begin like a listed code, and are
 * neither one nor a name that a package exports.
 *
 * @param {readonly string[]} codes
 * @returns {string[]}
 */
export function unknownCodes(api, codes, files = documents(), root = ROOT) {
  return files.flatMap((file) => unknownCodesIn(api, codes, file, read(file, root)));
}

/** The same of a text. */
export function unknownCodesIn(api, codes, file, text) {
  const known = new Set([...codes, ...api.flatMap(({ exports }) => exports.map(({ name }) => name))]);
  const groups = new Set(codes.map((code) => code.split('_')[0]));
  return [...text.matchAll(CODE)].flatMap((match) => {
    const { code, group } = match.groups;
    if (known.has(code) || !groups.has(group)) return [];
    return [`${file}:${lineOf(text, match.index)}: no error has the code ${code}`];
  });
}
