import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/**
 * Path of the whole program in @proof-of-training/blockchain, which has this package's commands and those for a chain; undefined where
 * that package is not installed beside this one, or is installed over another copy of this one.
 *
 * One package alone owns the name, since each package manager has its own rule for which of two is called by it; so this one
 * hands over.
 *
 * @param called the path by which this program was called: a folder of linked packages shows there alone
 */
export function completeProgram(called: string | undefined): string | undefined {
  return installedBeside('@proof-of-training/blockchain/pot', called);
}

/** Path of what a package exports for `pot`, where it is installed beside this one and uses this very copy of it. */
export function installedBeside(name: string, called: string | undefined): string | undefined {
  const own = new URL('../cli.js', import.meta.url);
  for (const from of [import.meta.url, called]) {
    const found = from && resolved(from, name);
    const core = found && resolved(found, '@proof-of-training/core/cli');
    if (core && realpathSync(core) === realpathSync(fileURLToPath(own))) return found;
  }
  return undefined;
}

function resolved(from: string, name: string): string | undefined {
  try {
    return createRequire(from).resolve(name);
  } catch {
    return undefined;
  }
}
