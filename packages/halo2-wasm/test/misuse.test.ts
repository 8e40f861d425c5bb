import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Halo2, loadProver, parsePin } from '../src/index.js';
import * as node from '../src/node.js';
import { type Call, refusesWrongArguments, type Target } from './helpers/misuse.js';

/** Everything is run in an empty folder of its own: nothing may be left in it. */
const folder = mkdtempSync(join(tmpdir(), 'pot-misuse-'));
const home = process.cwd();
beforeAll(() => process.chdir(folder));
afterAll(() => process.chdir(home));

const ptau = fileURLToPath(new URL('../../proof-system/fixtures/bn128-k6.ptau', import.meta.url));

/** Functions of files for the packages above, whose errors are the file system's, and what takes no arguments. */
const ELSEWHERE = [
  'DEVELOPMENT_WARNING',
  'cacheDir',
  'createFileAtomic',
  'defaultCache',
  'makeFolder',
  'warnOfDevelopment',
  'writeFileAtomic',
];

function targets(halo2: Halo2, srs: node.Srs): Record<string, Target> {
  const cache = new node.ContentCache();
  const file = new Uint8Array(100);
  const method = (name: keyof Halo2) => (halo2[name] as Call).bind(halo2) as Call;
  return {
    ceremonySrs: { call: node.ceremonySrs, args: [halo2, 4, cache], required: 2 },
    developmentSrs: { call: node.developmentSrs, args: [halo2, 4, cache], required: 2 },
    cutSrs: { call: node.cutSrs, args: [halo2, srs, 3, cache], required: 3 },
    // No such file: where nothing is refused, nothing is written either.
    importSrs: { call: node.importSrs, args: [halo2, join(folder, 'none'), 6, folder], required: 3 },
    importPtau: { call: node.importPtau, args: [halo2, join(folder, 'none'), 6, folder], required: 3 },
    readSrs: { call: node.readSrs, args: [halo2, ptau, 'ab'.repeat(32)], required: 2 },
    inspectSrs: { call: node.inspectSrs, args: [halo2, srs.bytes] },
    ContentCache: {
      call: (options: never) => new node.ContentCache(options),
      args: [{ memoryCacheSizeMb: 1, diskCacheSizeMb: 0 }],
    },
    'ContentCache.getOrMake': {
      call: cache.getOrMake.bind(cache) as Call,
      args: ['id', () => file, () => true],
      required: 2,
    },
    plan: { call: method('plan'), args: ['{}', '{}'], required: 1 },
    srsDevelopment: { call: method('srsDevelopment'), args: [3] },
    srsFromPtau: { call: method('srsFromPtau'), args: [file, 3] },
    srsImport: { call: method('srsImport'), args: [file, 3] },
    srsCut: { call: method('srsCut'), args: [srs.bytes, 3] },
    srsInspect: { call: method('srsInspect'), args: [srs.bytes] },
    poseidon: { call: method('poseidon'), args: [new Uint8Array(32)] },
    parsePin: { call: parsePin, args: ['--hash', 'ab'.repeat(32)] },
  };
}

describe('wrong arguments of strings and caches', () => {
  let all: Record<string, Target>;
  let halo2: Halo2;
  beforeAll(async () => {
    halo2 = await loadProver();
    all = targets(halo2, await node.developmentSrs(halo2, 4));
  });

  it('are tried with every function for Node', () => {
    const names = [...Object.keys(all).map((n) => n.split('.')[0]!), ...ELSEWHERE];
    expect(Object.keys(node).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('are refused with a typed error, quickly, and leave nothing behind', async () => {
    await refusesWrongArguments(all);
    expect(readdirSync(folder)).toEqual([]);
  }, 120_000);

  it('are named: the function, the argument, what it must be', async () => {
    const said = async (call: () => unknown) => {
      const e = (await (async () => call())().catch((error: unknown) => error)) as { shortMessage?: string };
      return e?.shortMessage;
    };
    const k = /k must be a whole number from 0: log2 of the rows, not/;
    expect(await said(() => node.importSrs(halo2, ptau, 7.5))).toMatch(/^importSrs: .*not 7\.5$/);
    expect(await said(() => node.ceremonySrs(halo2, '12' as never))).toMatch(k);
    expect(await said(() => node.readSrs(halo2, undefined as never))).toMatch(/readSrs: path must be a text/);
    expect(await said(() => node.readSrs({} as never, ptau))).toMatch(
      /halo2 must be what loadProver\(\) gives/,
    );
    const srs = await node.developmentSrs(halo2, 4);
    for (const wrong of [{ ...srs, k: Symbol('s') }, { ...srs, k: 4.5 }, { ...srs, bytes: [] }, undefined]) {
      const refused = /^cutSrs: srs must be what readSrs gives, not (an object|undefined)$/;
      expect(await said(() => node.cutSrs(halo2, wrong as never, 3))).toMatch(refused);
    }
    expect(await said(() => new node.ContentCache({ directry: 'x' } as never))).toMatch(
      /no option "directry"/,
    );
  });

  it('do not pin a string by a hash that is none, and take one as people copy it', async () => {
    const { path, hash } = await node.importSrs(halo2, ptau, 4, mkdtempSync(join(tmpdir(), 'pot-pin-')));
    for (const pin of [hash, `0x${hash}`, hash.toUpperCase()]) {
      expect((await node.readSrs(halo2, path, pin)).hash).toBe(hash);
    }
    await expect(node.readSrs(halo2, path, '')).rejects.toMatchObject({ code: 'PIN_INVALID' });
    await expect(node.readSrs(halo2, path, hash.slice(1))).rejects.toMatchObject({ code: 'PIN_INVALID' });
    await expect(node.readSrs(halo2, path, '00'.repeat(32))).rejects.toMatchObject({ code: 'SRS_HASH' });
  });
});
