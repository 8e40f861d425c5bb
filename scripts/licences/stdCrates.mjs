/** Rust's standard library, which is linked into everything: its own crates as one, and the others that it has. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { linkedCrates, ROOT } from './crates.mjs';

/** @typedef {import('./crates.mjs').Crate} Crate */

const MANIFEST = join(ROOT, 'scripts/licences/std/Cargo.toml');

/**
 * The standard library of the compiler that builds what is committed. Throws where scripts/licences/std is about
 * another one.
 *
 * @param {string} target
 * @returns {Crate[]}
 */
export function stdCrates(target) {
  const rust = match(readFileSync(join(ROOT, 'scripts/own-cargo.sh'), 'utf8'), /^RUSTC_VERSION=(\S+)$/m);
  const about = match(readFileSync(MANIFEST, 'utf8'), /^version = "(.+)"$/m);
  if (about !== rust) {
    throw new Error(
      `scripts/licences/std/Cargo.toml is about Rust ${about}, what is committed is built by ${rust}`,
    );
  }
  const crates = linkedCrates({ package: 'pot-std-licences', target, manifest: MANIFEST, own: '' });
  const wrong = otherVersions(crates, `/usr/src/rustc-${rust}/library`);
  if (wrong.length > 0) throw new Error(`Rust ${rust} has other versions of ${wrong.join(', ')}`);
  const own = {
    name: 'the Rust standard library',
    version: rust,
    license: 'MIT OR Apache-2.0',
    repository: 'https://github.com/rust-lang/rust',
    authors: ['The Rust Project Contributors'],
  };
  return [own, ...crates];
}

/** Crates that the library's sources, where they are installed, have in other versions, or not. */
function otherVersions(crates, library) {
  if (!existsSync(library)) return [];
  const lock = readFileSync(join(library, 'Cargo.lock'), 'utf8');
  const libm = readFileSync(join(library, 'compiler-builtins/libm/Cargo.toml'), 'utf8');
  return crates
    .filter(({ name, version }) =>
      name === 'libm'
        ? !libm.includes(`\nversion = "${version}"\n`)
        : !lock.includes(`name = "${name}"\nversion = "${version}"\n`),
    )
    .map(({ name, version }) => `${name} ${version}`);
}

function match(text, pattern) {
  return text.match(pattern)?.[1] ?? '';
}
