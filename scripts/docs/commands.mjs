/** Commands that documents show, against the programs that there are. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { documents, lineOf, ROOT, read } from './files.mjs';

/** A fenced shell block, lines indented as code, or code inside a line: text that may be a command. */
const FENCED = /^```(?:sh|bash)\n([\s\S]*?)^```$/gm;
const INDENTED = /^ {4}(.+)$/gm;
const INLINE = /(?<!`)`([^`\n]+)`(?!`)/g;
const COMMAND =
  /(?:^|&& )(?:npx --yes pnpm@[\d.]+|pnpm|npm run) (?:--silent )?(?<script>[\w:-]+)(?<rest>[^&]*)|(?:^|&& )pot (?<args>[^&]*)/g;

/** What pnpm itself can. */
const BUILT_IN = new Set(['install', 'pack', 'exec', 'add', 'run', 'publish']);
/** Scripts that hand their arguments to a test runner or a compiler. */
const OPEN = /^(test|build|lint|typecheck|clean|format)/;

/**
 * Commands in documents that do not exist, and options that they do not have, a line each.
 *
 * @param {{ name: string, options: string[], commands: object[] }} pot  what potTree.mjs prints
 * @param {Record<string, Set<string>>} options  of the other scripts, by name
 * @returns {string[]}
 */
export function wrongCommands(pot, options, files = documents(), root = ROOT) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return files.flatMap((file) => {
    const text = read(file, root);
    return shellLines(text).flatMap(({ offset, line }) =>
      wrongIn(line, pot, { scripts, options }).map((what) => `${file}:${lineOf(text, offset)}: ${what}`),
    );
  });
}

/** Lines of text that may hold commands, without comments. */
export function shellLines(text) {
  const found = [];
  for (const match of text.matchAll(FENCED)) {
    let offset = match.index + match[0].indexOf('\n') + 1;
    for (const line of match[1].split('\n')) {
      found.push({ offset, line });
      offset += line.length + 1;
    }
  }
  for (const pattern of [INDENTED, INLINE]) {
    for (const match of text.matchAll(pattern)) found.push({ offset: match.index, line: match[1] });
  }
  return found.map(({ offset, line }) => ({
    offset,
    line: line.replace(/\s+#.*$/, '').replace(/ {4,}.*$/, ''),
  }));
}

function wrongIn(line, pot, known) {
  return [...line.matchAll(COMMAND)].flatMap(({ groups: { script, rest, args } }) => {
    if (args !== undefined || script === 'pot') return wrongPot(pot, words(args ?? rest));
    if (BUILT_IN.has(script)) return [];
    if (!(script in known.scripts)) return [`there is no script ${script}`];
    return OPEN.test(script) ? [] : wrongOptions(script, known.options[script], words(rest));
  });
}

/** Words of a command line up to `--`, after which another program's follow; brackets of what may be left out, and dots, do not count. */
function words(text) {
  return text
    .replace(/ -- .*$/, '')
    .replace(/[[\]]|\.\.\./g, ' ')
    .trim()
    .split(/\s+/)
    .filter(Boolean);
}

function isOption(word) {
  return /^--?[a-zA-Z]/.test(word);
}

function wrongOptions(name, options, given) {
  if (!options) return [`nobody says which options ${name} has`];
  return given
    .filter(isOption)
    .filter((word) => !options.has(word))
    .map((word) => `${name} has no option ${word}`);
}

function wrongPot(program, given) {
  let command = program;
  let name = 'pot';
  for (const word of given) {
    const next = command.commands.find((c) => c.name === word);
    if (!next) break;
    command = next;
    name += ` ${word}`;
  }
  const first = given[name.split(' ').length - 1];
  const needsMore = command.commands.length > 0 && first !== undefined && !isOption(first);
  // "COMMAND" and the like stand for any.
  if (needsMore && !/^[A-Z]+$/.test(first)) return [`${name} has no command ${first}`];
  return wrongOptions(name, new Set(command.options), given);
}
