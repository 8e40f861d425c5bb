/** The optional package with the native engine: what is packed, which engine an installation has, what a page gets. */
import { deepEqual, equal, ok } from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command, packed } from './install.mjs';

const NAME = '@proof-of-training/halo2-wasm-linux-x64-gnu';
const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT'];
/** Of packages that have compiled Rust. */
const THIRD_PARTY = 'THIRD-PARTY-LICENSES';

const { glibcVersionRuntime } = process.report.getReport().header;
/** The engine of an installation with that package here. */
export const NATIVE =
  process.platform === 'linux' && process.arch === 'x64' && glibcVersionRuntime ? 'native' : 'wasm';

/** Refuses tarballs without licences, and those by which an installer could not choose the package with the engine. */
export function checkTarballs(tarballs) {
  const all = readdirSync(tarballs).map((file) => packed(join(tarballs, file)));
  for (const { manifest, files } of all)
    for (const licence of LICENCES) ok(files.includes(licence), `${manifest.name} has no ${licence}`);
  const of = (name) => all.find(({ manifest }) => manifest.name === name);
  const { manifest, files } = of(NAME);
  const { os, cpu, libc, main, version } = manifest;
  deepEqual({ os, cpu, libc }, { os: ['linux'], cpu: ['x64'], libc: ['glibc'] });
  deepEqual(files.sort(), [...LICENCES, THIRD_PARTY, 'README.md', 'package.json', main].sort());
  const asking = of('@proof-of-training/halo2-wasm');
  deepEqual(asking.manifest.optionalDependencies, { [NAME]: version });
  ok(asking.files.includes(THIRD_PARTY), `${asking.manifest.name} has no ${THIRD_PARTY}`);
}

/** Refuses an installation whose engine, chosen by nobody, is another. `user`: the package that depends on it. */
export function checkEngine(folder, user, wanted) {
  copyFileSync(fileURLToPath(new URL('cases/engine.mjs', import.meta.url)), join(folder, 'engine.mjs'));
  equal(command(process.execPath, ['engine.mjs', user], folder), wanted);
}

/** Refuses a built page that has anything of the native engine. */
export function checkBundle(dist) {
  for (const name of readdirSync(dist, { recursive: true })) {
    ok(!name.endsWith('.node'), `${name} came along`);
    if (/\.js$/.test(name))
      ok(!/pot_native|linux-x64-gnu/.test(readFileSync(join(dist, name), 'utf8')), name);
  }
}
