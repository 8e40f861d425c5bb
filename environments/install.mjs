/** Packs this repository's packages, and installs them from the tarballs as a user would. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PNPM = ['--yes', 'pnpm@12.21.0'];

/** Runs a program; its output is shown where it fails. */
export function command(program, args, cwd) {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (e) {
    throw new Error(`${program} ${args.join(' ')}: ${e.stdout ?? ''}${e.stderr ?? e.message}`);
  }
}

/**
 * Packs every package into `folder`.
 *
 * @returns {Map<string, { tarball: string, needs: string[] }>} by name; what it needs of the others
 */
export function pack(folder) {
  const packed = new Map();
  for (const name of readdirSync(join(ROOT, 'packages'))) {
    const dir = join(ROOT, 'packages', name);
    if (!readdirSync(dir).includes('package.json')) continue;
    refuseOrphans(dir);
    const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
    const out = command('npx', [...PNPM, 'pack', '--pack-destination', folder], dir);
    const tarball = out.trim().split('\n').at(-1).trim();
    const needs = Object.keys(manifest.dependencies ?? {}).filter((d) => d.startsWith('@proof-of-training/'));
    packed.set(manifest.name, { tarball, needs });
  }
  return packed;
}

/** What was built of sources that are gone would be packed too: a fresh clone has none of it. */
function refuseOrphans(dir) {
  const built = readdirSync(join(dir, 'dist'), { recursive: true }).filter((f) => /\.js$/.test(f));
  const orphans = built.filter((f) => !existsSync(join(dir, 'src', f.replace(/\.js$/, '.ts'))));
  if (orphans.length > 0)
    throw new Error(`${dir}/dist has no source of ${orphans.join(', ')}: remove dist, build`);
}

/** A package's tarball with those of all that it needs. */
function closure(packed, name, seen = new Map()) {
  if (seen.has(name)) return seen;
  const { tarball, needs } = packed.get(name);
  seen.set(name, tarball);
  for (const need of needs) closure(packed, need, seen);
  return seen;
}

/** Installs `name` by npm in a new folder: all tarballs in one command. `more` come from the registry. */
export function installByNpm(packed, folder, name, more = []) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'user', private: true }));
  const tarballs = [...closure(packed, name).values()];
  command('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...tarballs, ...more], folder);
}

/** Installs `name` by pnpm in a new folder: the tarballs of what it needs are overrides. */
export function installByPnpm(packed, folder, name, more = {}) {
  mkdirSync(folder, { recursive: true });
  const files = [...closure(packed, name)].map(([n, tarball]) => [n, `file:${tarball}`]);
  const manifest = {
    name: 'user',
    private: true,
    type: 'module',
    dependencies: { ...Object.fromEntries(files.filter(([n]) => n === name)), ...more },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  const overrides = files.map(([n, file]) => `  '${n}': '${file}'\n`).join('');
  writeFileSync(join(folder, 'pnpm-workspace.yaml'), `autoInstallPeers: false\noverrides:\n${overrides}`);
  command('npx', [...PNPM, 'install', '--ignore-scripts'], folder);
}
