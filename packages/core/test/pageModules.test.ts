/** What a page's bundler reads when it imports the verifier, or proves inferences: nothing of Node, and one file is enough for a worker. */
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { addressOf } from './browser/resolve.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const ENTRIES = ['inference', 'verifier', 'halo2-wasm'].map((name) => `packages/${name}/dist/index.js`);

interface Named {
  specifier: string;
  /** By `import()`. */
  later: boolean;
}

/** What a module names: imports, and files that it starts as workers. */
function namedIn(text: string, file: string): Named[] {
  const found: Named[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
      const from = node.moduleSpecifier;
      if (from && ts.isStringLiteral(from)) found.push({ specifier: from.text, later: false });
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [from] = node.arguments;
      found.push({ specifier: from && ts.isStringLiteralLike(from) ? from.text : '?', later: true });
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'URL') {
      const [path] = node.arguments ?? [];
      if (path && ts.isStringLiteral(path) && /\.js$/.test(path.text))
        found.push({ specifier: path.text, later: false });
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true));
  return found;
}

/** Every module that is reached from these, by its path from the root, and what it names. */
function reached(entries: string[]): Map<string, Named[]> {
  const modules = new Map<string, Named[]>();
  const queue = [...entries];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (modules.has(path)) continue;
    const named = namedIn(readFileSync(`${ROOT}${path}`, 'utf8'), path);
    modules.set(path, named);
    for (const { specifier } of named) {
      if (isOfNode(specifier)) continue;
      const to = specifier.startsWith('.')
        ? new URL(specifier, `file:///${path}`).pathname
        : addressOf(specifier, `${ROOT}${path}`, ROOT);
      queue.push(to.slice(1));
    }
  }
  return modules;
}

const isOfNode = (specifier: string) => specifier.startsWith('node:') || builtinModules.includes(specifier);

it('has no module of Node, and nothing that is imported later', () => {
  const modules = reached(ENTRIES);
  const where = [...modules].flatMap(([path, named]) =>
    named.filter((n) => n.later || isOfNode(n.specifier)).map(({ specifier }) => `${path}: ${specifier}`),
  );
  expect(where).toEqual([]);
  expect([...modules.keys()]).toEqual(
    expect.arrayContaining([
      'packages/halo2-wasm/dist/apart/browserWorker.js',
      'packages/halo2-wasm/dist/threads/browserWorker.js',
      'packages/aggregator/dist/index.js',
    ]),
  );
});

it('finds them where they are: in what Node gets', () => {
  const named = reached(['packages/halo2-wasm/dist/platform/node.js']);
  const all = [...named.values()].flat().map(({ specifier }) => specifier);
  expect(all).toEqual(expect.arrayContaining(['node:os', 'node:worker_threads']));
});
