/** Proving keys on disk, with real keys and proofs. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import { ContentCache } from '@proof-of-training/halo2-wasm/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyCacheFor } from '../src/config/apply.js';
import { defaults } from '../src/config/schema.js';
import { ProverMetrics } from '../src/metrics/proverMetrics.js';
import type { PoolOptions } from '../src/prove/checks.js';
import { ProvingKeys } from '../src/prove/keys.js';
import { ProverPool } from '../src/prove/pool.js';
import { genesisTask, tinySpecs, windowTask } from './helpers/proverTask.js';

const HELPER = fileURLToPath(new URL('./helpers/keyProcess.mjs', import.meta.url));

let directory: string;
const open: { free(): void }[] = [];
const pools: ProverPool[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'pot-keys-'));
});
afterEach(async () => {
  for (const prover of open.splice(0)) prover.free();
  for (const pool of pools.splice(0)) await pool.destroy();
});

async function newProver(): Promise<Prover> {
  const prover = (await loadProver()).prover((await tinySpecs()).srs);
  open.push(prover);
  return prover;
}
/** Keys of a new prover, as another thread or process has them. */
async function newKeys(diskCacheSizeMb = 64): Promise<ProvingKeys> {
  return new ProvingKeys(await newProver(), { directory, diskCacheSizeMb });
}
async function newPool(options: Partial<PoolOptions> = {}): Promise<ProverPool> {
  const { srs } = await tinySpecs();
  const keyCache = { directory, diskCacheSizeMb: 64 };
  const pool = await ProverPool.start({ srs, workers: 1, threads: 1, keyCache, ...options });
  pools.push(pool);
  return pool;
}
const objects = () => {
  const folder = join(directory, 'objects');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
};

describe('keys on disk', () => {
  it('are made once, then read by other provers', async () => {
    const { window } = await tinySpecs();
    const first = await newKeys();
    expect((await first.ensure(window)).key).toBe('made');
    expect(await first.ensure(window)).toEqual({ key: 'memory', ms: 0 });
    expect((await (await newKeys()).ensure(window)).key).toBe('disk');
    expect(objects()).toHaveLength(1);
  });

  it.each([
    ['a flipped bit', (old: Buffer) => old.fill(old[999]! ^ 1, 999, 1000)],
    ['a cut file', (old: Buffer) => old.subarray(0, old.length / 2)],
    ['an empty file', () => Buffer.alloc(0)],
  ])('are made again after %s', async (_, damage) => {
    const { window } = await tinySpecs();
    await (await newKeys()).ensure(window);
    const [path] = objects();
    const whole = readFileSync(path!);
    writeFileSync(path!, damage(Buffer.from(whole)));
    expect((await (await newKeys()).ensure(window)).key).toBe('made');
    expect(readFileSync(path!).equals(whole)).toBe(true);
    expect((await (await newKeys()).ensure(window)).key).toBe('disk');
  });

  it('are made again where the entry is whole but no key, or the key of another circuit', async () => {
    const { window, genesis } = await tinySpecs();
    const prover = await newProver();
    const id = `key/${prover.keyId(JSON.stringify(window))}`;
    const foreign = prover.exportKey(JSON.stringify(genesis));
    // An older circuit's key differs in the id that its header carries.
    const old = prover.exportKey(JSON.stringify(window));
    old[40]! ^= 1;
    for (const wrong of [foreign, old, new Uint8Array(1000)]) {
      const cache = new ContentCache({ directory, diskCacheSizeMb: 64, memoryCacheSizeMb: 0 });
      await cache.getOrMake(
        id,
        () => wrong,
        () => false,
      );
      expect((await (await newKeys()).ensure(window)).key).toBe('made');
      expect((await (await newKeys()).ensure(window)).key).toBe('disk');
    }
  });

  it('above half of the limit are not stored, and none where there is no disk part', async () => {
    const { window } = await tinySpecs();
    const mb = (75 * 32 * 2 ** window.shape.k) / 2 ** 20;
    for (const keys of [await newKeys(1.99 * mb), new ProvingKeys(await newProver())]) {
      expect((await keys.ensure(window)).key).toBe('made');
      expect(objects()).toEqual([]);
    }
    expect((await (await newKeys(2 * mb)).ensure(window)).key).toBe('made');
    expect(objects()).toHaveLength(1);
    // The estimate that this is decided by is not below the real size.
    expect(statSync(objects()[0]!).size).toBeLessThan(mb * 2 ** 20 * 1.02);
    expect(keyCacheFor({ ...defaults, cache: { memoryCacheSizeMb: 1, diskCacheSizeMb: 0 } })).toBe(undefined);
    expect(keyCacheFor({ ...defaults, cache: { ...defaults.cache, directory } })).toEqual({
      directory,
      diskCacheSizeMb: defaults.cache.diskCacheSizeMb,
    });
  });

  it('share the limit with everything else in the folder: the longest unused goes first', async () => {
    const { window, genesis } = await tinySpecs();
    const mb = (75 * 32 * 2 ** window.shape.k) / 2 ** 20;
    const limit = 2 * mb;
    const cache = new ContentCache({ directory, diskCacheSizeMb: limit, memoryCacheSizeMb: 0 });
    await cache.getOrMake('other', () => new Uint8Array(1.5 * mb * 2 ** 20));
    for (const spec of [window, genesis]) await (await newKeys(limit)).ensure(spec);
    const sizes = objects().map((path) => statSync(path).size);
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(limit * 2 ** 20);
    expect((await (await newKeys(limit)).ensure(genesis)).key).toBe('disk');
  });

  it('are safe under two processes at once', async () => {
    const { window } = await tinySpecs();
    const done = [1, 2].map(
      () =>
        new Promise<string>((resolve, reject) => {
          const child = spawn(process.execPath, [HELPER, directory, JSON.stringify(window)], {
            stdio: ['ignore', 'pipe', 'inherit'],
          });
          let out = '';
          child.stdout.on('data', (text) => {
            out += text;
          });
          child.on('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`exit code ${code}`))));
        }),
    );
    const origins = (await Promise.all(done)).map((text) => JSON.parse(text) as string[]);
    for (const list of origins) {
      expect(list).toHaveLength(5);
      for (const origin of list) expect(['made', 'disk']).toContain(origin);
      // After the first one there is a key, whoever made it.
      expect(list.slice(1)).toEqual(['disk', 'disk', 'disk', 'disk']);
    }
    expect(objects()).toHaveLength(1);
  });
});

describe('an imported key', () => {
  it('never serves for verification', async () => {
    const { window } = await tinySpecs();
    const json = JSON.stringify(window);
    const [maker, user] = [await newProver(), await newProver()];
    const digest = maker.keygen(json);
    expect(user.importKey(json, maker.exportKey(json))).toBe(digest);
    expect(user.vkDigest(json)).toBe(digest);
    expect(() => user.importKey(json, new Uint8Array(99))).toThrow(
      expect.objectContaining({ name: 'PotError', code: 'KEY_INVALID' }),
    );
  });
});

describe('pools', () => {
  it('read keys that another pool has stored, count them, and prove with them', async () => {
    const metrics = new ProverMetrics();
    for (const [n, found] of [
      [1, { memory: 1, disk: 0, made: 2 }],
      [2, { memory: 2, disk: 2, made: 2 }],
    ] as const) {
      const pool = await newPool({ metrics });
      const task = await windowTask(pool, n);
      const proofs = [await pool.run(task), await pool.run(task), await pool.run(await genesisTask(pool))];
      expect(proofs.map((p) => p.key)).toEqual(
        n === 1 ? ['made', 'memory', 'made'] : ['disk', 'memory', 'disk'],
      );
      const here = await newProver();
      here.verify(JSON.stringify(task.spec), JSON.stringify(task.public), proofs[0]!.proof!);
      expect((await metrics.snapshot()).keys).toEqual(found);
    }
    const text = await metrics.prometheus();
    expect(text).toContain('pot_cache_hits_total{cache="keys"} 4');
    expect(text).toContain('pot_cache_misses_total{cache="keys"} 2');
    expect(text).toContain('pot_proof_keys_total{origin="disk"} 2');
  });
});
