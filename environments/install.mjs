/** Packs this repository's packages and installs them, as docs/operate/installing.md says. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PAGE = 'docs/operate/installing.md';

/** Runs a program; its output is shown where it fails. */
export function command(program, args, cwd, env = {}) {
  try {
    const options = { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] };
    return execFileSync(program, args, { ...options, env: { ...process.env, ...env } });
  } catch (e) {
    throw new Error(`${program} ${args.join(' ')}: ${e.stdout ?? ''}${e.stderr ?? e.message}`);
  }
}

/** The commands that stand under a heading of the page. */
function commandsUnder(heading) {
  const section = readFileSync(join(ROOT, PAGE), 'utf8')
    .split(/^## /m)
    .find((s) => s.startsWith(`${heading}\n`));
  const block = /^```sh\n(.*?)^```$/ms.exec(section ?? '');
  if (!block) throw new Error(`${PAGE} has no commands under ${heading}`);
  return block[1];
}

/** Packs every package into `tarballs`. */
export function pack(tarballs) {
  for (const name of readdirSync(join(ROOT, 'packages'))) refuseOrphans(join(ROOT, 'packages', name));
  // They are installed and built already: this program comes out of the build.
  const packing = commandsUnder('Pack')
    .split('\n')
    .filter((line) => / pack /.test(line));
  if (packing.length !== 1) throw new Error(`${PAGE} packs in ${packing.length} commands`);
  command('sh', ['-ec', packing[0]], ROOT, { TARBALLS: tarballs });
}

/** What was built of sources that are gone would be packed too: a fresh clone has none of it. */
function refuseOrphans(dir) {
  if (!existsSync(join(dir, 'package.json'))) return;
  // A package of a binary has no sources here.
  if (!existsSync(join(dir, 'src'))) return;
  const built = readdirSync(join(dir, 'dist'), { recursive: true }).filter((f) => /\.js$/.test(f));
  const orphans = built.filter((f) => !existsSync(join(dir, 'src', f.replace(/\.js$/, '.ts'))));
  if (orphans.length > 0)
    throw new Error(`${dir}/dist has no source of ${orphans.join(', ')}: remove dist, build`);
}

/** Makes a folder of a user's own, and installs there as the page says under a heading. */
export function install(heading, tarballs, folder, more = {}) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true, ...more }));
  add(heading, tarballs, folder);
}

/** Installs more there. */
export function add(heading, tarballs, folder) {
  command('sh', ['-ec', commandsUnder(heading)], folder, { TARBALLS: tarballs });
}

/** The package.json in a tarball, and the names of its files. */
export function packed(tarball) {
  const tar = (...args) => command('tar', args, undefined);
  return {
    manifest: JSON.parse(tar('-xOzf', tarball, 'package/package.json')),
    files: tar('-tzf', tarball)
      .trim()
      .split('\n')
      .map((name) => name.replace(/^package\//, '')),
  };
}
