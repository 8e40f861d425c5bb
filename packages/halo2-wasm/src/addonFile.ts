/** Where the Node addon is: built here, or prebuilt in a package of its own. */
import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Packages with the addon, by platform: optional dependencies of this one, which installers leave out elsewhere. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@proof-of-training/halo2-wasm-linux-x64-gnu',
};

const ADDON = 'pot_native.node';

/** Which file is the addon. */
export interface AddonFile {
  /** Undefined where there is none. */
  path: string | undefined;
  /** Where it is when it is built here. */
  built: string;
  /** The package that it comes from; where there is none, the one that it could come from. */
  package?: string;
  /** That package's package.json, where it is installed. */
  manifest?: string;
}

/**
 * The addon that was built here, else the package's: whoever builds one wants that one, also where it cannot be used. On
 * a platform without a package none is looked for: in a workspace it is linked wherever that is.
 */
export function addonFile(platform = `${process.platform}-${process.arch}`): AddonFile {
  const built = fileURLToPath(new URL(`../addon/${ADDON}`, import.meta.url));
  if (existsSync(built)) return { path: built, built };
  const name = PACKAGES[platform];
  if (name === undefined) return { path: undefined, built };
  const manifest = installed(name);
  if (manifest === undefined) return { path: undefined, built, package: name };
  return { path: join(dirname(manifest), ADDON), built, package: name, manifest };
}

/**
 * A package's package.json in the node_modules folders from this file upwards, as what stands beside it would import it.
 * Nowhere else: Node's `require.resolve` looks into NODE_PATH and the home folder too, where anything may have been put
 * for others, and what is found is native code that runs in this process.
 */
function installed(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (basename(folder) !== 'node_modules' && existsSync(manifest)) return manifest;
    if (folder === dirname(folder)) return undefined;
  }
}
