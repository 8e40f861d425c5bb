import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

// The same file whether this one runs from src/ (tests) or from dist/.
const OWN = fileURLToPath(new URL('../../dist/cli.js', import.meta.url));

/**
 * Path of what another package exports for this one, where it is installed beside this one and uses this very copy of it.
 *
 * @param called the path by which this program was called: a folder of linked packages shows there alone
 */
export function installedBeside(name: string, called: string | undefined): string | undefined {
  for (const from of [import.meta.url, called]) {
    const found = from && resolved(from, name);
    const core = found && resolved(found, '@proof-of-training/core/cli');
    if (core && realpathSync(core) === realpathSync(OWN)) return found;
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
