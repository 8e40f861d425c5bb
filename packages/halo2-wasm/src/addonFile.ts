/** Where the Node addon is: built here, or prebuilt in a package of its own. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Packages with the addon, by platform: optional dependencies of this one, which installers leave out elsewhere. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@proof-of-training/halo2-wasm-linux-x64-gnu',
};

/** Which file is the addon. */
export interface AddonFile {
  /** Undefined where there is none. */
  path: string | undefined;
  /** Where it is when it is built here. */
  built: string;
  /** The package that it comes from; where there is none, the one that it could come from. */
  package?: string;
}

/**
 * The addon that was built here, else the package's: whoever builds one wants that one, also where it cannot be used. On
 * a platform without a package none is looked for: in a workspace it is linked wherever that is.
 */
export function addonFile(platform = `${process.platform}-${process.arch}`): AddonFile {
  const built = fileURLToPath(new URL('../addon/pot_native.node', import.meta.url));
  if (existsSync(built)) return { path: built, built };
  const name = PACKAGES[platform];
  return name === undefined ? { path: undefined, built } : { path: resolved(name), built, package: name };
}

/** The main file of a package, as what stands beside this file would import it. */
function resolved(name: string): string | undefined {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch {
    return undefined;
  }
}
