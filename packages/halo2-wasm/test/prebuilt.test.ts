/** The addon that comes as a package: found, refused for a reason, and what its documents say of it. */
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addonFile } from '../src/addonFile.js';
import { copyPackage } from './helpers/copyPackage.js';
import { loadIn } from './helpers/loadIn.js';

const NAME = '@proof-of-training/halo2-wasm-linux-x64-gnu';
const PREBUILT = fileURLToPath(new URL('../../halo2-wasm-linux-x64-gnu', import.meta.url));
const ADDON = join(PREBUILT, 'pot_native.node');
const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

/** Of Linux on x64 with glibc, where the package is for. */
const runsHere =
  process.platform === 'linux' &&
  process.arch === 'x64' &&
  'glibcVersionRuntime' in (process.report.getReport() as unknown as { header: object }).header;

const refused = (reason: string) => ({
  code: 'ENGINE_UNAVAILABLE',
  details: { engine: 'native', reason, package: NAME },
});

/** The addon's binary with every `from` of its texts written as `to`. */
function altered(from: string, to: string): Buffer {
  const text = readFileSync(ADDON, 'latin1');
  expect(text).toContain(from);
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

describe.skipIf(!runsHere)('the package, on its platform', () => {
  let folder: string;
  let remove: () => void;
  let installed: string;
  beforeEach(() => {
    ({ folder, remove } = copyPackage());
    installed = join(folder, 'node_modules', NAME);
    cpSync(PREBUILT, installed, { recursive: true });
  });
  afterEach(() => remove());

  it.each([
    ['auto', {}, {}],
    ['native by the option', { engine: 'native' }, {}],
    ['native by ZK_ENGINE', {}, { ZK_ENGINE: 'native' }],
  ])('is taken by %s, without a warning', async (_, options, env) => {
    expect(await loadIn(folder, options, env)).toEqual({ engine: 'native', warnings: '' });
  });

  it('is not taken by wasm', async () => {
    expect(await loadIn(folder, { engine: 'wasm' })).toEqual({ engine: 'wasm', warnings: '' });
  });

  it('gives way to an addon that was built here', async () => {
    mkdirSync(join(folder, 'addon'));
    copyFileSync(ADDON, join(folder, 'addon/pot_native.node'));
    writeFileSync(join(installed, 'pot_native.node'), 'no library');
    expect(await loadIn(folder, {})).toEqual({ engine: 'native', warnings: '' });
    writeFileSync(join(folder, 'addon/pot_native.node'), 'no library');
    const { error } = await loadIn(folder, { engine: 'native' });
    expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', message: expect.stringContaining(folder) });
    expect(error?.details).toEqual({ engine: 'native', reason: 'damaged' });
  });

  it('that is missing is what native asks for, and auto does without, without a warning', async () => {
    rmSync(installed, { recursive: true });
    expect(await loadIn(folder, {})).toEqual({ engine: 'wasm', warnings: '' });
    const { error } = await loadIn(folder, { engine: 'native' });
    expect(error).toMatchObject({ ...refused('missing'), message: expect.stringContaining(NAME) });
    expect(error?.hint).toMatch(/^Install @proof-of-training\/halo2-wasm-linux-x64-gnu.*build:native/);
  });

  it('of another version is refused before it is loaded by native, and gives a warning with auto', async () => {
    const manifest = join(installed, 'package.json');
    const own = JSON.parse(readFileSync(manifest, 'utf8'));
    const before = `process.dlopen = () => { throw new Error('it was loaded'); };`;
    for (const [version, said] of [
      ['9.0.0', 'is version 9.0.0'],
      [undefined, 'names no version'],
    ]) {
      writeFileSync(manifest, JSON.stringify({ ...own, version }));
      const { error } = await loadIn(folder, { engine: 'native' }, {}, before);
      expect(error).toMatchObject({ ...refused('stale'), message: expect.stringContaining(said!) });
      expect(error?.hint).toContain(`Install ${NAME}@${own.version}`);
      const { engine, warnings } = await loadIn(folder, {});
      expect(engine).toBe('wasm');
      expect(warnings).toContain(said);
    }
    writeFileSync(manifest, '{');
    const { error } = await loadIn(folder, { engine: 'native' }, {}, before);
    expect(error).toMatchObject({ ...refused('damaged'), message: expect.stringContaining(manifest) });
  });

  it.each(['NODE_PATH', 'HOME'])('that lies where %s alone leads is not taken', async (name) => {
    const elsewhere = join(folder, 'elsewhere');
    const at = name === 'HOME' ? '.node_modules' : '.';
    cpSync(installed, join(elsewhere, at, NAME), { recursive: true });
    rmSync(installed, { recursive: true });
    const { error } = await loadIn(folder, { engine: 'native' }, { [name]: elsewhere });
    expect(error).toMatchObject(refused('missing'));
    expect(await loadIn(folder, {}, { [name]: elsewhere })).toEqual({ engine: 'wasm', warnings: '' });
  });

  it('is taken from a node_modules folder further up', async () => {
    const inner = join(folder, 'a/node_modules/@proof-of-training/halo2-wasm');
    for (const part of ['dist', 'wasm', 'wasm-threads', 'package.json', 'node_modules']) {
      cpSync(join(folder, part), join(inner, part), { recursive: true });
    }
    rmSync(join(inner, 'node_modules', NAME), { recursive: true });
    expect(await loadIn(inner, {})).toEqual({ engine: 'native', warnings: '' });
    rmSync(installed, { recursive: true });
    expect(await loadIn(inner, {})).toEqual({ engine: 'wasm', warnings: '' });
  });

  it('where addons are forbidden is refused by native, and nobody hears of it with auto', async () => {
    const env = { NODE_OPTIONS: '--no-addons' };
    const { error } = await loadIn(folder, { engine: 'native' }, env);
    expect(error).toMatchObject({
      ...refused('disabled'),
      hint: expect.stringMatching(/--no-addons.*--allow-addons/),
    });
    expect(error?.hint).not.toMatch(/build:native|Install/);
    expect(await loadIn(folder, {}, env)).toEqual({ engine: 'wasm', warnings: '' });
  });

  it('beside another WebAssembly module is refused by native, and gives a warning with auto', async () => {
    // An empty section more: the same functions, another file.
    const wasm = join(folder, 'wasm/pot_wasm_bg.wasm');
    writeFileSync(wasm, Buffer.concat([readFileSync(wasm), Buffer.from([0, 2, 1, 0x78])]));
    const { error } = await loadIn(folder, { engine: 'native' });
    expect(error).toMatchObject({ ...refused('stale'), hint: expect.stringContaining('the version of') });
    const { engine, warnings } = await loadIn(folder, {});
    expect(engine).toBe('wasm');
    expect(warnings).toContain('another version');
  });

  it('on a system whose glibc is older is refused by native, and gives a warning with auto', async () => {
    const floor = `GLIBC_${floorOfBinary()}`;
    writeFileSync(join(installed, 'pot_native.node'), altered(floor, floor.replace(/\d+$/, '99')));
    const { error } = await loadIn(folder, { engine: 'native' });
    expect(error).toMatchObject({ ...refused('damaged'), hint: expect.stringContaining('glibc') });
    expect(error?.message).toContain('GLIBC_2.99');
    const { engine, warnings } = await loadIn(folder, {});
    expect(engine).toBe('wasm');
    expect(warnings).toContain('ENGINE_UNAVAILABLE');
  });

  it('on an older processor is refused by native, and nobody hears of it with auto', async () => {
    // What the addon throws there; this processor cannot be made an older one.
    const said = JSON.stringify({ code: 'CPU_UNSUPPORTED', message: 'no ADX' });
    const before = `
      const { dlopen } = process;
      process.dlopen = (module, ...rest) => {
        dlopen(module, ...rest);
        module.exports.info = () => { throw new Error(${JSON.stringify(said)}); };
      };`;
    const { error } = await loadIn(folder, { engine: 'native' }, {}, before);
    expect(error).toMatchObject({ ...refused('processor'), hint: expect.stringMatching(/^Build it/) });
    expect(await loadIn(folder, {}, {}, before)).toEqual({ engine: 'wasm', warnings: '' });
    // Whoever built one here hears of it.
    mkdirSync(join(folder, 'addon'));
    copyFileSync(ADDON, join(folder, 'addon/pot_native.node'));
    const { engine, warnings } = await loadIn(folder, {}, {}, before);
    expect(engine).toBe('wasm');
    expect(warnings).toContain('no ADX');
  });
});

it.each(['linux-arm64', 'darwin-arm64', 'win32-x64'])('is not looked for on %s', (platform) => {
  expect(addonFile(platform).package).toBeUndefined();
});

/** The newest glibc that the binary names: it does not load with an older one. */
function floorOfBinary(): string {
  const named = readFileSync(ADDON, 'latin1').match(/(?<=GLIBC_2\.)\d+/g) ?? [];
  expect(named.length).toBeGreaterThan(5);
  return `2.${Math.max(...named.map(Number))}`;
}

it.each([
  '../../halo2-wasm-linux-x64-gnu/README.md',
  '../../../docs/operate/engines.md',
  '../../../docs/operate/installing.md',
])('needs the glibc that %s names', (path) => {
  const said = [...read(path).matchAll(/glibc (\d+\.\d+)/g)].map(([, version]) => version);
  expect(new Set(said)).toEqual(new Set([floorOfBinary()]));
});

it('is left out on other platforms by its package.json, and has the version that is asked for', () => {
  const { os, cpu, libc, version } = JSON.parse(read('../../halo2-wasm-linux-x64-gnu/package.json'));
  expect({ os, cpu, libc }).toEqual({ os: ['linux'], cpu: ['x64'], libc: ['glibc'] });
  const asking = JSON.parse(read('../package.json'));
  expect(asking.optionalDependencies).toEqual({ [NAME]: 'workspace:*' });
  expect(version).toBe(asking.version);
});

it('was built beside the WebAssembly module of this version', () => {
  // Where it cannot run, its text says so all the same.
  const wasm = createHash('sha256').update(
    readFileSync(new URL('../wasm/pot_wasm_bg.wasm', import.meta.url)),
  );
  expect(readFileSync(ADDON, 'latin1')).toContain(wasm.digest('hex'));
});
