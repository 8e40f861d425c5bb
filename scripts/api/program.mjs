/** The packages' declarations (dist, so build first), as one program of TypeScript's. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ts = createRequire(import.meta.url)('typescript');
/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Entries that are for this repository's own packages, and the program `pot`: no public names. */
const INNER = /^\.\/(cli|pot|options|run|files|model|integerStep|lease|package\.json)$/;

/**
 * Public entries of the packages: `{ name, dir, entry, file }`, where `entry` is what is imported and `file` the
 * declarations behind it. Sorted.
 */
export function publicEntries(root = ROOT) {
  return readdirSync(join(root, 'packages'))
    .sort()
    .filter((dir) => existsSync(join(root, 'packages', dir, 'package.json')))
    .flatMap((dir) => {
      const { name, exports = {} } = JSON.parse(
        readFileSync(join(root, 'packages', dir, 'package.json'), 'utf8'),
      );
      return Object.entries(exports)
        .filter(([path, target]) => target.types && !INNER.test(path))
        .map(([path, { types }]) => ({
          name,
          dir,
          entry: join(name, path),
          file: join(root, 'packages', dir, types),
        }));
    });
}

/** Where imports of our packages lead: every entry, also those that are no public names. */
export function packagePaths(root = ROOT) {
  const paths = {};
  for (const dir of readdirSync(join(root, 'packages'))) {
    const file = join(root, 'packages', dir, 'package.json');
    if (!existsSync(file)) continue;
    const { name, exports = {} } = JSON.parse(readFileSync(file, 'utf8'));
    for (const [path, { types }] of Object.entries(exports)) {
      if (types) paths[join(name, path)] = [join(root, 'packages', dir, types)];
    }
  }
  return paths;
}

/** Options that declarations and examples are read with. */
export function compilerOptions(root = ROOT) {
  return {
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    // Parameters of callbacks stand without a type in examples.
    noImplicitAny: false,
    skipLibCheck: true,
    noEmit: true,
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    baseUrl: root,
    paths: {
      ...packagePaths(root),
      '@tensorflow/tfjs': [join(root, 'packages/core/node_modules/@tensorflow/tfjs')],
      ethers: [join(root, 'packages/blockchain/node_modules/ethers')],
    },
  };
}

/** The program before: the next one takes over what it has read. */
let latest;

/** The program of all public entries. Throws where something is not built. */
export function apiProgram(root = ROOT, more = [], host = undefined) {
  const entries = publicEntries(root);
  const missing = entries.filter(({ file }) => !existsSync(file));
  if (missing.length > 0) {
    throw new Error(`not built: ${missing.map(({ file }) => relative(root, file)).join(', ')} (tsc -b)`);
  }
  const files = [...entries.map(({ file }) => file), ...more];
  const options = compilerOptions(root);
  latest = ts.createProgram(files, options, host ?? ts.createCompilerHost(options), latest);
  return { entries, program: latest };
}
