/** The API reference in Markdown: a page a package, made from declarations and doc comments. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { anchorOf } from '../docs/sections.mjs';
import { ROOT } from './program.mjs';
import { KINDS } from './symbols.mjs';

const TITLES = { function: 'Functions', class: 'Classes', value: 'Values', type: 'Types' };
const WIDTH = 115;
const MARK = '// ---- next declaration';

/**
 * Pages by file name. `api`: what {@link apiExports} gives.
 *
 * @returns {Map<string, string>}
 */
export function apiPages(api, root = ROOT) {
  const packages = new Map();
  for (const entry of api) packages.set(entry.dir, [...(packages.get(entry.dir) ?? []), entry]);
  const formatted = format(
    api.flatMap(({ exports }) => exports.flatMap(({ declarations }) => declarations)),
    root,
  );
  const pages = new Map();
  for (const [dir, entries] of packages) pages.set(`${dir}.md`, page(entries, homes(api), formatted));
  pages.set('README.md', index(packages));
  return pages;
}

/** The page on which a name is described: its own package's, where that exports it. */
function homes(api) {
  return new Set(
    api.flatMap(({ dir, exports }) => exports.filter((e) => e.home === dir).map((e) => `${dir} ${e.name}`)),
  );
}

function index(packages) {
  const lines = ['# API reference', ''];
  lines.push(
    'Made from the doc comments by `node scripts/api/main.mjs`; a test compares. Of each package, what it exports.',
  );
  lines.push('', '| package | imports from |', '|---|---|');
  for (const [dir, entries] of packages) {
    lines.push(`| [${dir}](${dir}.md) | ${entries.map(({ entry }) => `\`${entry}\``).join(', ')} |`);
  }
  return `${lines.join('\n')}\n`;
}

function page(entries, known, formatted) {
  const lines = [`# ${entries[0].name}`, ''];
  for (const { entry, dir, exports } of entries) {
    if (entries.length > 1) lines.push(`From \`${entry}\`:`, '');
    const own = exports.filter((e) => e.home === dir || !known.has(`${e.home} ${e.name}`));
    const others = exports.filter((e) => !own.includes(e));
    for (const kind of KINDS) {
      const some = own.filter((e) => e.kind === kind);
      if (some.length === 0) continue;
      lines.push(`## ${titleOf(kind, entry, entries)}`, '', ...some.flatMap((e) => section(e, formatted)));
    }
    if (others.length > 0) lines.push(...elsewhere(others, entry, entries));
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function titleOf(kind, entry, entries) {
  return entry === entries[0].entry ? TITLES[kind] : `${TITLES[kind]} of ${entry}`;
}

function elsewhere(exports, entry, entries) {
  const title = entry === entries[0].entry ? 'From other packages' : `From other packages, in ${entry}`;
  const links = exports.map((e) => `- [\`${e.name}\`](${e.home}.md#${anchorOf(e.name)})`);
  return [`## ${title}`, '', ...links, ''];
}

function section({ name, text, tags, declarations }, formatted) {
  const lines = [`### ${name}`, ''];
  if (text) lines.push(prose(text), '');
  lines.push('```ts', ...declarations.map((declaration) => formatted.get(declaration)), '```', '');
  for (const { name: tag, text: said } of tags) lines.push(...tagLines(tag, said));
  return lines;
}

function tagLines(tag, text) {
  if (tag === 'example') return ['Example:', '', '```ts', text.trim(), '```', ''];
  if (tag === 'param') {
    const [, name, rest] = /^(\S+)\s*-?\s*([\s\S]*)$/.exec(text) ?? [null, text, ''];
    return [`- \`${name}\`: ${prose(rest, '  ')}`, ''];
  }
  return [`- ${tag}: ${prose(text, '  ')}`, ''];
}

/**
 * A comment's text: its paragraphs in lines of one width, lists as they are. Generics outside code would be read as HTML.
 * `indent`: of the lines after the first.
 */
function prose(text, indent = '') {
  const paragraphs = text.split(/\n\s*\n/).map((paragraph) => {
    if (/^\s*([-*|]|\d+\.) /m.test(paragraph) || paragraph.includes('```')) return paragraph;
    return fill(paragraph.split(/\s+/).filter(Boolean), indent);
  });
  return escaped(paragraphs.join('\n\n'));
}

function fill(words, indent) {
  const lines = [''];
  for (const word of words) {
    const last = lines[lines.length - 1];
    if (last.trim() === '') lines[lines.length - 1] += word;
    else if (last.length + word.length < WIDTH) lines[lines.length - 1] += ` ${word}`;
    else lines.push(indent + word);
  }
  return lines.join('\n');
}

function escaped(text) {
  return text
    .split(/(`[^`]*`)/)
    .map((part, n) => (n % 2 ? part : part.replace(/</g, '&lt;')))
    .join('');
}

/** Declarations as the repository's formatter writes them: one call for all. */
function format(declarations, root) {
  const all = [...new Set(declarations)];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'format', '--stdin-file-path=api.d.ts'],
    {
      cwd: root,
      input: all.map((text) => `declare ${text}\n`).join(`${MARK}\n`),
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    },
  );
  if (status !== 0) throw new Error(`biome cannot format the declarations: ${stderr}`);
  const texts = stdout.split(`${MARK}\n`).map((text) => text.trim().replace(/^declare /, ''));
  if (texts.length !== all.length)
    throw new Error(`${all.length} declarations, ${texts.length} after formatting`);
  return new Map(all.map((text, n) => [text, texts[n]]));
}
