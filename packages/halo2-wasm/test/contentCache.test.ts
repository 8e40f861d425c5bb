import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { loadProver } from '../src/index.js';
import { ContentCache } from '../src/node/cache/contentCache.js';
import { developmentSrs } from '../src/node/srsStore.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pot-cache-'));
});
const KB = 1 / 1024;
const bytes = (fill: number, size = 1024) => new Uint8Array(size).fill(fill);
const objects = () => readdirSync(join(directory, 'objects'));
const never = () => {
  throw new Error('made again');
};

describe('the cache', () => {
  it('makes an entry once, also for callers at the same time, and finds it in memory and on disk', async () => {
    const cache = new ContentCache({ directory });
    let made = 0;
    const make = () => {
      made++;
      return bytes(1);
    };
    const all = await Promise.all([1, 2, 3].map(() => cache.getOrMake('a', make)));
    expect(made).toBe(1);
    expect(all[2]).toEqual(bytes(1));
    expect(await cache.getOrMake('a', never)).toBe(all[0]);
    expect([cache.hits, cache.misses]).toEqual([3, 1]);
    const later = new ContentCache({ directory });
    expect(await later.getOrMake('a', never)).toEqual(bytes(1));
    expect([later.hits, later.misses]).toEqual([1, 0]);
  });

  it('stores by content: two ids with the same bytes share one file, named by its SHA-256', async () => {
    const cache = new ContentCache({ directory });
    await cache.getOrMake('a', () => bytes(1));
    await cache.getOrMake('b', () => bytes(1));
    expect(objects()).toEqual([createHash('sha256').update(bytes(1)).digest('hex')]);
  });

  it.each([
    ['a flipped bit', (path: string, old: Buffer) => writeFileSync(path, old.fill(7, 3, 4))],
    ['a cut file', (path: string, old: Buffer) => writeFileSync(path, old.subarray(0, 100))],
    ['an empty file', (path: string) => writeFileSync(path, '')],
  ])('removes an entry with %s and makes it again', async (_, damage) => {
    await new ContentCache({ directory }).getOrMake('a', () => bytes(1));
    const path = join(directory, 'objects', objects()[0]!);
    damage(path, readFileSync(path));
    const cache = new ContentCache({ directory });
    expect(await cache.getOrMake('a', () => bytes(1))).toEqual(bytes(1));
    expect(cache.misses).toBe(1);
    expect(await new ContentCache({ directory }).getOrMake('a', never)).toEqual(bytes(1));
  });

  it('removes a damaged name, and one whose content is gone', async () => {
    await new ContentCache({ directory }).getOrMake('a', () => bytes(1));
    const name = join(directory, 'names', readdirSync(join(directory, 'names'))[0]!);
    for (const text of ['nonsense', '../../../etc/passwd', '0'.repeat(64)]) {
      writeFileSync(name, text);
      const failing = () => Promise.reject(new Error('not now'));
      await expect(new ContentCache({ directory }).getOrMake('a', failing)).rejects.toThrow('not now');
      expect(existsSync(name)).toBe(false);
    }
  });

  it('makes again what is whole but refused by its user', async () => {
    await new ContentCache({ directory }).getOrMake('a', () => bytes(1));
    const cache = new ContentCache({ directory });
    const accept = (b: Uint8Array) => b[0] === 2;
    expect(await cache.getOrMake('a', () => bytes(2), accept)).toEqual(bytes(2));
    expect(await new ContentCache({ directory }).getOrMake('a', never, accept)).toEqual(bytes(2));
  });

  it('keeps the disk within its limit: the longest unused go', async () => {
    const cache = new ContentCache({ directory, memoryCacheSizeMb: 0, diskCacheSizeMb: 3 * KB });
    const age = (id: number, seconds: number) => {
      const hash = createHash('sha256').update(bytes(id)).digest('hex');
      utimesSync(join(directory, 'objects', hash), Date.now() / 1000 - seconds, Date.now() / 1000 - seconds);
    };
    for (const id of [1, 2, 3]) await cache.getOrMake(`${id}`, () => bytes(id));
    for (const id of [1, 2, 3]) age(id, 100 - id);
    // The oldest is used again, so the second is the one to go.
    await cache.getOrMake('1', never);
    await cache.getOrMake('4', () => bytes(4));
    expect(objects()).toHaveLength(3);
    await cache.getOrMake('1', never);
    await cache.getOrMake('3', never);
    await expect(cache.getOrMake('2', () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
    // Larger than the whole limit: used, not kept.
    expect(await cache.getOrMake('large', () => bytes(9, 4096))).toHaveLength(4096);
    expect(objects()).toHaveLength(3);
  });

  it('keeps the memory within its limit, and can do without', async () => {
    const cache = new ContentCache({ memoryCacheSizeMb: 2 * KB });
    for (const id of [1, 2, 3]) await cache.getOrMake(`${id}`, () => bytes(id));
    expect(await cache.getOrMake('3', never)).toEqual(bytes(3));
    expect(await cache.getOrMake('1', () => bytes(11))).toEqual(bytes(11));
    const none = new ContentCache({ memoryCacheSizeMb: 0 });
    await none.getOrMake('a', () => bytes(1));
    expect(await none.getOrMake('a', () => bytes(2))).toEqual(bytes(2));
    expect([none.hits, none.misses]).toEqual([0, 2]);
  });

  it('goes on where the folder cannot be written, and keeps no failure', async () => {
    writeFileSync(join(directory, 'file'), '');
    const cache = new ContentCache({ directory: join(directory, 'file'), memoryCacheSizeMb: 0 });
    await expect(cache.getOrMake('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await cache.getOrMake('a', () => bytes(1))).toEqual(bytes(1));
  });

  it('gives whole and right contents to processes that write and evict at once', async () => {
    const writer = fileURLToPath(new URL('helpers/cacheWriter.mjs', import.meta.url));
    const run = (seed: number) =>
      new Promise<{ wrong: number; hits: number; misses: number }>((resolve, reject) => {
        const child = spawn(process.execPath, [writer, directory, String(seed)], {
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        let out = '';
        child.stdout.on('data', (d) => {
          out += d;
        });
        child.on('error', reject);
        child.on('close', (code) =>
          code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`exit ${code}`)),
        );
      });
    const results = await Promise.all([run(1), run(2)]);
    for (const r of results) {
      expect(r.wrong).toBe(0);
      expect(r.hits + r.misses).toBe(150);
      expect(Math.min(r.hits, r.misses)).toBeGreaterThan(0);
    }
    expect(readdirSync(directory, { recursive: true }).filter((f) => String(f).endsWith('.tmp'))).toEqual([]);
    expect(objects().length).toBeLessThanOrEqual(9);
  });
});

it('reference strings come from it, and a damaged one is made again', async () => {
  const halo2 = await loadProver();
  const first = await developmentSrs(halo2, 6, new ContentCache({ directory }));
  const path = join(directory, 'objects', objects()[0]!);
  writeFileSync(path, readFileSync(path).fill(1, 200, 201));
  const cache = new ContentCache({ directory });
  const again = await developmentSrs(halo2, 6, cache);
  expect(again).toEqual(first);
  expect(await developmentSrs(halo2, 6, cache)).toBe(again);
  expect([cache.hits, cache.misses]).toEqual([1, 1]);
  const cached = new ContentCache({ directory });
  expect(await developmentSrs(halo2, 6, cached)).toEqual(first);
  expect(cached.hits).toBe(1);
});
