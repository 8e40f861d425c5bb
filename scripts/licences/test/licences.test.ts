/** Licences of what is compiled into the packages. That the files are what cargo links, scripts/licences/main.mjs --check says, in CI. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ROOT } from '../crates.mjs';
import { PRODUCTS } from '../main.mjs';
import { licencePage } from '../page.mjs';
import { textsOf } from '../texts.mjs';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const BINARIES: Record<string, string[]> = {
  'packages/halo2-wasm': ['wasm/pot_wasm_bg.wasm', 'wasm-threads/pot_wasm_bg.wasm'],
  'packages/halo2-wasm-linux-x64-gnu': ['pot_native.node'],
};
/** `name version` of each crate that a file lists. */
const listed = (text: string) =>
  [...text.matchAll(/^(\S.*) (\d+\.\d+\.\d\S*): .*; text \d/gm)].map((m) => `${m[1]} ${m[2]}`);

describe.each(PRODUCTS)('$path', ({ path }) => {
  const folder = dirname(path);
  const text = read(path);
  const crates = listed(text);

  it('has every crate that the binaries name', () => {
    for (const binary of BINARIES[folder]!) {
      const bytes = readFileSync(join(ROOT, folder, binary), 'latin1');
      const paths = bytes.matchAll(
        /\/(?:registry\/src\/[^/]+|library\/vendor)\/([a-z0-9_-]+)-(\d+\.\d+\.\d+)\//gi,
      );
      const named = [...new Set([...paths].map(([, name, version]) => `${name} ${version}`))];
      expect(named.length).toBeGreaterThan(10);
      expect(named.filter((crate) => !crates.includes(crate))).toEqual([]);
    }
  });

  it('has crates of the versions in Cargo.lock, in order, and the standard library', () => {
    const locks = read('Cargo.lock') + read('scripts/licences/std/Cargo.lock');
    const [, rust] = read('scripts/own-cargo.sh').match(/^RUSTC_VERSION=(\S+)$/m)!;
    expect(crates).toContain(`the Rust standard library ${rust}`);
    const others = crates.filter((crate) => !crate.startsWith('the Rust standard library '));
    expect(others.length).toBeGreaterThan(70);
    const unknown = others.filter((crate) => {
      const [name, version] = crate.split(' ');
      return !locks.includes(`name = "${name}"\nversion = "${version}"\n`);
    });
    expect(unknown).toEqual([]);
    expect([...crates].sort()).toEqual(crates);
  });

  it('has each text that a crate refers to, and is packed', () => {
    const numbers = [...text.matchAll(/; text ([\d, ]+)$/gm)].flatMap(([, all]) =>
      all!.split(', ').map(Number),
    );
    const there = [...text.matchAll(/^-+\nText (\d+), of /gm)].map(([, n]) => Number(n));
    expect(there).toEqual(there.map((_, n) => n + 1));
    expect(new Set(numbers)).toEqual(new Set(there));
    expect(JSON.parse(read(`${folder}/package.json`)).files).toContain('THIRD-PARTY-LICENSES');
  });
});

describe('of a crate', () => {
  const made: string[] = [];
  afterEach(() => {
    for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
  });

  function crate(files: Record<string, string>, more: object = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'pot-licences-'));
    made.push(folder);
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    return {
      name: 'a',
      version: '1.0.0',
      license: 'MIT OR Apache-2.0',
      authors: [] as string[],
      folder,
      ...more,
    };
  }

  it('all licence files count, wherever they are, and nothing else', () => {
    const files = {
      'LICENSE-MIT': 'the first\r\n',
      COPYRIGHT: '\nthe second  \n\n',
      'src/vendored/LICENCE.txt': 'the third',
      NOTICE: 'the fourth',
      'src/license.rs': 'fn main() {}',
      'licenses.md': 'a list',
      'README.md': 'MIT',
    };
    expect(textsOf(crate(files)).sort()).toEqual(['the first', 'the fourth', 'the second', 'the third']);
  });

  it('without one, it is the MIT licence with the authors, where that is offered', () => {
    for (const license of ['MIT', 'Apache-2.0 OR MIT', 'MIT/Apache-2.0']) {
      const [text] = textsOf(crate({}, { license, authors: ['Ann <ann@example.org>', 'Bob'] }));
      expect(text).toMatch(/^MIT License\n\nCopyright \(c\) Ann, Bob\n\nPermission is hereby granted/);
    }
    expect(textsOf(crate({ LICENSE: ' \n' }))[0]).toContain('Copyright (c) the authors of a\n');
  });

  it.each(['Apache-2.0', 'BSD-3-Clause', 'MIT AND BSD-3-Clause', ''])(
    'without one, %s is refused',
    (license) => {
      expect(() => textsOf(crate({}, { license }))).toThrow(/^a 1\.0\.0 .*has no licence file/);
    },
  );

  it('a text is there once, however its lines are broken, with everyone who has it', () => {
    const page = licencePage('About.', [
      crate({ LICENSE: 'one\n  and the same' }, { name: 'b', changed: true }),
      crate(
        { LICENSE: 'one and\nthe same', 'LICENSE-2': 'another' },
        { repository: 'https://example.org/a' },
      ),
    ]);
    expect(page).toContain(`Third-party licences

About.

a 1.0.0: MIT OR Apache-2.0; text 1, 2
  https://example.org/a
b 1.0.0: MIT OR Apache-2.0, changed by this project; text 1
`);
    expect(page.match(/^(Text .*|one.*|another)$/gm)).toEqual([
      'Text 1, of a 1.0.0, b 1.0.0',
      'one and',
      'Text 2, of a 1.0.0',
      'another',
    ]);
  });
});
