import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { expect, it } from 'vitest';

const FOLDER = fileURLToPath(new URL('..', import.meta.url));
/** No such module; a module without that export (with a suggestion, or only a default one). */
const UNRESOLVED = [2307, 2305, 2724, 2613, 2614];

/** What TypeScript says of imports that lead nowhere. A script runs when it is imported, so none is. */
function unresolved(files: readonly string[], contents: Record<string, string> = {}): string[] {
  const options: ts.CompilerOptions = {
    allowJs: true,
    checkJs: true,
    noEmit: true,
    skipLibCheck: true,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
  };
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists } = host;
  host.readFile = (path) => contents[path] ?? readFile(path);
  host.fileExists = (path) => path in contents || fileExists(path);
  const program = ts.createProgram(files, options, host);
  return files.flatMap((file) =>
    program
      .getSemanticDiagnostics(program.getSourceFile(file))
      .filter((d) => UNRESOLVED.includes(d.code))
      .map((d) => `${file.slice(FOLDER.length)}: ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`),
  );
}

it("every script's imports resolve: the modules are there, and have what is taken from them", () => {
  const scripts = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs') && !name.includes('node_modules'))
    .map((name) => join(FOLDER, name));
  expect(scripts.length).toBeGreaterThan(20);
  const bad = join(FOLDER, 'bad.mjs');
  const text = "import { absent } from './lib.mjs';\nimport { gone } from './gone.mjs';\n";
  const found = unresolved([...scripts, bad], { [bad]: text });
  expect(found).toEqual([expect.stringContaining('absent'), expect.stringContaining('gone.mjs')]);
});
