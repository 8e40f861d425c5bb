/** Checks the types of code in documents and doc comments against the packages as they are built. */
import { join } from 'node:path';
import { apiProgram, compilerOptions, ROOT, ts } from '../api/program.mjs';

/** Names that examples take from elsewhere without saying so. */
const KNOWN = {
  tf: "import * as tf from '@tensorflow/tfjs';",
  LayersModel: "import type { LayersModel } from '@tensorflow/tfjs';",
  readFile: "import { readFile } from 'node:fs/promises';",
  writeFile: "import { writeFile } from 'node:fs/promises';",
};

/** "Cannot find name", with and without a suggestion, and the same of `{ name }`. */
const UNKNOWN_NAME = new Set([2304, 2552, 2580, 18004]);

/**
 * What TypeScript finds wrong with these pieces of code, a line each. Names that a piece uses and does not define are
 * the reader's own values, of any type: but in a `strict` piece, and where such a name is called, they are wrong.
 *
 * @param {{ where: string, dir: string, code: string, given?: string, strict?: boolean }[]} pieces  `dir`: the package
 *   whose names a piece may use without importing them
 * @param {{ entry: string, dir: string, exports: { name: string, kind: string }[] }[]} api
 * @returns {string[]}
 */
export function typeErrors(pieces, api, root = ROOT) {
  const files = new Map(pieces.map((piece, n) => [fileOf(root, piece, n), { piece, ...whole(piece, api) }]));
  const { program } = apiProgram(root, [...files.keys()], hostOf(files, root));
  return [...files].flatMap(([file, { piece, offset, text }]) => {
    const source = program.getSourceFile(file);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found
      .filter((diagnostic) => piece.strict || !isReaders(diagnostic, text))
      .map(({ start, messageText }) => {
        const line =
          text.slice(0, Math.max(start, offset)).split('\n').length -
          text.slice(0, offset).split('\n').length +
          1;
        return `${piece.where}, line ${line}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
      });
  });
}

function fileOf(root, { dir }, n) {
  return join(root, 'packages', dir || 'core', `piece-${n}.ts`);
}

/** A piece with what stands before it. */
function whole({ code, given = '', dir, strict }, api) {
  const before = [given, ...(strict ? [] : imports(`${given}\n${code}`, dir, api)), 'export {};'].join('\n');
  const isExpression = /^\s*(\{|async \(|\()/.test(code);
  const text = isExpression ? `const example = ${code}` : code;
  return { text: `${before}\n${text}`, offset: before.length + 1 };
}

/** Imports of the public names that a piece uses: of its own package first. */
function imports(code, dir, api) {
  const words = new Set(code.replace(/'[^']*'/g, '').match(/(?<![.\w])[A-Za-z]\w*/g));
  const said = new Set(
    [...code.matchAll(/(?:import|const|let|function|class)\s+((?:(?! of )[^=;(])+)/g)].flatMap(([, s]) =>
      s.match(/\w+/g),
    ),
  );
  const lines = [];
  const order = [...api].sort(
    (a, b) => (b.dir === dir) - (a.dir === dir) || (b.dir === 'core') - (a.dir === 'core'),
  );
  for (const { entry, exports } of order) {
    for (const { name, kind } of exports) {
      // A small word such as `model` is more likely the reader's own than a value of some package.
      const isCommon = kind === 'value' && /^[a-z]/.test(name);
      if (isCommon || !words.has(name) || said.has(name)) continue;
      said.add(name);
      lines.push(`import { ${name} } from '${entry}';`);
    }
  }
  for (const [name, line] of Object.entries(KNOWN)) if (words.has(name) && !said.has(name)) lines.push(line);
  return lines;
}

function isReaders({ code, start, length }, text) {
  if (!UNKNOWN_NAME.has(code)) return false;
  return text[start + length] !== '(';
}

function hostOf(files, root) {
  const host = ts.createCompilerHost(compilerOptions(root));
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file)?.text ?? readFile(file);
  host.getSourceFile = (file, options, ...rest) => {
    const own = files.get(file);
    return own ? ts.createSourceFile(file, own.text, options) : getSourceFile(file, options, ...rest);
  };
  return host;
}
