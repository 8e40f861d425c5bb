import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { VERSION } from '../src/index.js';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
/** Those of npm: packages/proof-system is a crate alone. */
const within = (folder: string) =>
  readdirSync(new URL(folder, root))
    .map((name) => `${folder}${name}/package.json`)
    .filter((file) => existsSync(new URL(file, root)));

it('all packages have one version, the newest of the change log', () => {
  const files = ['package.json', 'benchmarks/package.json', ...within('packages/'), ...within('examples/')];
  expect(files.length).toBeGreaterThan(10);
  const versions = files.map((file) => [file, (JSON.parse(read(file)) as { version: string }).version]);
  expect(versions).toEqual(files.map((file) => [file, VERSION]));
  expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))?.[1]).toBe(VERSION);
});

it('no other source has a version of its own', () => {
  const sources = within('packages/').flatMap((file) => {
    const folder = file.replace('package.json', 'src/');
    // The package of a binary has none.
    if (!existsSync(new URL(folder, root))) return [];
    const files = readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' });
    return files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}${file}`);
  });
  const own = sources.filter((file) => /["'`]proof-of-training \d|version\('\d/.test(read(file)));
  expect(own).toEqual([]);
});
