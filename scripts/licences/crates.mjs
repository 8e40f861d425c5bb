/** Which crates of other people are linked into what cargo builds, and where their sources are. */
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @typedef {{ name: string, version: string, license: string, repository?: string, authors: string[], folder?: string,
 *   changed?: boolean }} Crate
 * `folder`: its sources; `changed`: it is not what its authors published, but patched (patches/)
 */

/**
 * Crates that are linked into one package, without those of `own` folders: normal dependencies for that target, with
 * these features; not what only compiles (build scripts, procedural macros and what they need), nor what only tests.
 *
 * @param {{ package: string, target: string, features?: string, manifest?: string, own?: string }} product
 * @returns {Crate[]}
 */
export function linkedCrates({
  package: name,
  target,
  features = '',
  manifest = join(ROOT, 'Cargo.toml'),
  own = 'packages',
}) {
  const where = ['--locked', '--manifest-path', manifest];
  const tree = cargo(
    ...['tree', ...where, '--package', name, '--target', target, '--features', features],
    ...['--edges', 'normal,no-proc-macro', '--prefix', 'none', '--no-dedupe'],
  );
  const ids = new Set(
    [...tree.matchAll(/^(\S+) v(\S+)/gm)].map(([, crate, version]) => `${crate} ${version}`),
  );
  const { packages } = JSON.parse(
    cargo('metadata', ...where, '--format-version', '1', '--filter-platform', target),
  );
  const ours = join(dirname(manifest), own);
  return packages
    .map((crate) => ({ ...crate, folder: dirname(crate.manifest_path) }))
    .filter(({ name: crate, version, folder }) => ids.has(`${crate} ${version}`) && !isIn(ours, folder))
    .map(({ name: crate, version, license, repository, authors, folder, source }) => ({
      name: crate,
      version,
      license: license ?? '',
      ...(repository && { repository }),
      authors,
      folder,
      // From no registry: third_party/, since our own are left out.
      ...(source === null && { changed: true }),
    }));
}

function isIn(folder, path) {
  return path === folder || path.startsWith(join(folder, '/'));
}

function cargo(...args) {
  return execFileSync('cargo', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });
}
