/** References to documents, their sections and files, in Markdown and in sources; as a program: prints those that lead nowhere. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commentsOf, documents, lineOf, listFiles, ROOT, read, sources, withoutMarks } from './files.mjs';
import { sectionsOf, withoutBlocks } from './sections.mjs';

const DOCUMENT = String.raw`(?<path>(?:\.\.?\/|[\w-]+\/)*[A-Za-z][\w-]*\.md)`;
/** Behind a path: `, section 2`, ` section 2`, `, sections 2 and 3`, `, "Title"`. */
const NUMBERS = String.raw`,?\s+sections?\s+(?<numbers>\d+(?:(?:,\s+|\s+and\s+|\s+to\s+)\d+)*)`;
const TITLE = String.raw`,\s+"(?<title>[^"]{2,80})"`;
const POINTER = new RegExp(`${DOCUMENT}[\`)]?(?:${NUMBERS}|${TITLE})?`, 'g');
/** `section 2 of` before a path. */
const BEFORE = new RegExp(`sections?\\s+(?<numbers>\\d+)\\s+of\\s+${DOCUMENT}`, 'g');
const LINK = /\]\((?<target>[^()\s]+)\)/g;
/** Paths of this repository's own folders. */
const FILE =
  /(?<![\w./@-])(?:packages|scripts|benchmarks|examples|patches|environments|docs|\.ci)\/[\w./*{},-]*[\w*}/]/g;
/** A file that is named without its folder, in backticks. */
const NAME = /`([\w.-]+\/)*[\w-]+(\.slow|\.native|\.browser|\.python)?(\.test)?\.(rs|ts|mjs|sol|py|sh)`/g;
/** `section 2` alone: of the document that says it, if that counts its sections. Not that of a paper, `(2015, section 2`. */
const OWN = /(?<!\d{4},\s+)(?<!\.md[`)]?,?\s+)\b[Ss]ections?\s+(?<numbers>\d+)\b(?!\.\d)(?!\s+of\s)/g;
/** A document that is called by its name alone. */
const BARE = /\b(?:protocol|gadgets|lora|optimizers),?\s+section\s+\d+/g;

/** Where files of these kinds come from by building or running, so that a clone does not have them. */
const MADE = /^(packages\/[\w-]+\/(dist|addon|wasm|wasm-threads|target)(\/|$)|benchmarks\/results)/;

/**
 * References below `root` that lead nowhere, a line each: `file:line: what`.
 *
 * @returns {string[]}
 */
export function danglingReferences(root = ROOT) {
  const files = listFiles(root);
  const house = { root, files: [...files, ...patchedFiles(root, files)], sections: new Map() };
  const inDocuments = documents(root).flatMap((file) => {
    const text = read(file, root);
    const prose = withoutBlocks(text);
    return [
      ...pointers(house, file, text),
      ...links(house, file, prose),
      ...paths(house, file, text),
      ...names(house, file, prose),
      ...ownSections(house, file, prose),
    ];
  });
  const inSources = sources(root).flatMap((file) => {
    const source = read(file, root);
    const text = withoutMarks(source);
    const comments = /\.test\.ts$/.test(file) ? '' : withoutMarks(commentsOf(source));
    return [...pointers(house, file, text), ...bare(file, text), ...paths(house, file, comments)];
  });
  return [...inDocuments, ...inSources];
}

/** Files of other people's crates that patches/ changes or adds. */
function patchedFiles(root, files) {
  const patches = files.filter((path) => path.endsWith('.patch'));
  return patches.flatMap((path) =>
    [...read(path, root).matchAll(/^\+\+\+ (\S+)/gm)].map((match) => match[1]),
  );
}

function at(file, text, offset, what) {
  return `${file}:${lineOf(text, offset)}: ${what}`;
}

/** The document that a path means: from the root, from the file's own folder, or in one of the folders above it. */
function resolve({ root }, file, path) {
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    const found = normalize(join(dir, path));
    if (!found.startsWith('..') && existsSync(join(root, found))) return found;
    if (dir === '.') return undefined;
  }
}

function sectionsIn(house, document) {
  if (!house.sections.has(document)) house.sections.set(document, sectionsOf(read(document, house.root)));
  return house.sections.get(document);
}

function pointers(house, file, text) {
  return [...text.matchAll(POINTER), ...text.matchAll(BEFORE)].flatMap((match) => {
    const { path, numbers, title } = match.groups;
    if (isElsewhere(file, text, match)) return [];
    const document = resolve(house, file, path);
    if (!document) return isOurs(path) ? [at(file, text, match.index, `${path} is not there`)] : [];
    const sections = sectionsIn(house, document);
    const missing = (numbers?.match(/\d+/g) ?? []).filter((n) => !sections.numbers.has(Number(n)));
    const wrong = missing.map((n) => at(file, text, match.index, `${path} has no section ${n}`));
    const plain = title?.replace(/\s+/g, ' ').replaceAll('`', '');
    if (plain && !sections.titles.has(plain))
      wrong.push(at(file, text, match.index, `${path} has no "${plain}"`));
    return wrong;
  });
}

/** Of another repository (an address, `FILE of github.com/...`), or a file that a test makes itself (a quoted path). */
function isElsewhere(file, text, match) {
  const before = text.slice(Math.max(0, match.index - 200), match.index);
  const after = text.slice(match.index + match[0].length);
  if (/https?:\S*$|\b[\w-]+\.(com|org|io)\/\S*$/.test(before) || /^\s+of\s+github\.com\//.test(after))
    return true;
  return file.endsWith('.test.ts') && /['"]$/.test(before);
}

/** A name of one word without a folder may be anybody's file, as in the texts of tests. */
function isOurs(path) {
  return path.includes('/') || /^[A-Z]+\.md$/.test(path);
}

function links(house, file, prose) {
  return [...prose.matchAll(LINK)].flatMap((match) => {
    const { target } = match.groups;
    if (/^[a-z]+:/.test(target)) return [];
    const [path, anchor] = target.split('#');
    const found = path === '' ? file : normalize(join(dirname(file), path));
    if (!existsSync(join(house.root, found)))
      return [at(file, prose, match.index, `link to ${target}: no such file`)];
    if (!anchor || sectionsIn(house, found).anchors.has(anchor)) return [];
    return [at(file, prose, match.index, `link to ${target}: no such section`)];
  });
}

/** Folders and files that a document names; `*` stands for any part of a name, `{a,b}` for one of several. */
function paths(house, file, text) {
  return [...text.matchAll(FILE)].flatMap((match) => {
    const path = match[0].replace(/\/$/, '');
    if (MADE.test(path) || exists(house, file, path) || isElsewhere(file, text, match)) return [];
    return [at(file, text, match.index, `${path} is not there`)];
  });
}

function exists(house, file, path) {
  const { files } = house;
  // Of a patch, its number is enough.
  if (path.startsWith('patches/') && files.some((name) => name.startsWith(`${path}-`))) return true;
  if (!/[*{]/.test(path)) return resolve(house, file, path) !== undefined;
  const choices = path.replace(/[.+]/g, '\\$&').replace(/\*+/g, '[^/]*');
  const pattern = new RegExp(
    `^${choices.replace(/\{([^}]*)\}/g, (_, list) => `(${list.replaceAll(',', '|')})`)}(/|$)`,
  );
  return files.some((name) => pattern.test(name));
}

function names({ files }, file, prose) {
  return [...prose.matchAll(NAME)].flatMap((match) => {
    const name = match[0].slice(1, -1);
    if (files.some((path) => path === name || path.endsWith(`/${name}`))) return [];
    return [at(file, prose, match.index, `no file is called ${name}`)];
  });
}

function ownSections(house, file, prose) {
  const { numbers } = sectionsIn(house, file);
  if (numbers.size === 0) return [];
  return [...prose.matchAll(OWN)]
    .filter((match) => !numbers.has(Number(match.groups.numbers)))
    .map((match) => at(file, prose, match.index, `there is no ${match[0]} here`));
}

function bare(file, text) {
  return [...text.matchAll(BARE)].map((match) =>
    at(file, text, match.index, `"${match[0]}" does not say in which file: give its path`),
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dangling = danglingReferences();
  for (const line of dangling) console.error(line);
  if (dangling.length === 0) console.log('all references lead somewhere');
  process.exitCode = dangling.length === 0 ? 0 : 1;
}
