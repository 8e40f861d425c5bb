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
