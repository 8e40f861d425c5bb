import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { queueOf } from '../src/config/apply.js';
import { loadConfig } from '../src/config/load.js';

/** A folder with files. */
function folder(files: Record<string, string> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'pot-config-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  return dir;
}
const YAML = `
circuit:
  optimizationLevel: 0
prover:
  numWorkers: 3
  batchSize: 4
development:
  circuit: { debugMode: true }
production:
  prover: { numWorkers: -1 }
  cache: { memoryCacheSizeMb: 512, directory: /var/cache/pot }
`;

describe('loadConfig', () => {
  it('has defaults where there is nothing', async () => {
    expect(await loadConfig({ cwd: folder(), env: {} })).toEqual({
      mode: 'development',
      circuit: { debugMode: false, optimizationLevel: 1 },
      prover: { engine: 'auto' },
      cache: { memoryCacheSizeMb: 256, diskCacheSizeMb: 4096 },
    });
  });

  it.each(['yaml', 'yml'])('reads pot.config.%s with the profile of the mode', async (ending) => {
    const cwd = folder({ [`pot.config.${ending}`]: YAML });
    expect(await loadConfig({ cwd, env: {} })).toMatchObject({
      mode: 'development',
      circuit: { debugMode: true, optimizationLevel: 0 },
      prover: { numWorkers: 3, batchSize: 4 },
    });
    expect(await loadConfig({ cwd, env: { ZK_MODE: 'production' } })).toMatchObject({
      mode: 'production',
      circuit: { debugMode: false, optimizationLevel: 0 },
      prover: { numWorkers: -1, batchSize: 4 },
      cache: { memoryCacheSizeMb: 512, directory: '/var/cache/pot', diskCacheSizeMb: 4096 },
    });
  });

  it('prefers overrides to the environment, the environment to the file', async () => {
    const cwd = folder({ 'pot.config.json': '{"prover":{"numWorkers":2,"engine":"wasm"}}' });
    const env = { ZK_NUM_WORKERS: '5', ZK_CACHE_SIZE: '64', ZK_MODE: 'production' };
    expect(await loadConfig({ cwd, env: {} })).toMatchObject({ prover: { numWorkers: 2, engine: 'wasm' } });
    expect(await loadConfig({ cwd, env })).toMatchObject({
      mode: 'production',
      prover: { numWorkers: 5, engine: 'wasm' },
      cache: { memoryCacheSizeMb: 64 },
    });
    const overrides = { mode: 'development', prover: { numWorkers: 1 } } as const;
    expect(await loadConfig({ cwd, env, overrides })).toMatchObject({
      mode: 'development',
      prover: { numWorkers: 1 },
    });
    expect((await loadConfig({ cwd, env: { ZK_ENGINE: 'native' } })).prover.engine).toBe('native');
  });

  it('takes a relative cache folder from where the file is', async () => {
    const cwd = folder({ 'pot.config.yaml': 'cache: { directory: .cache }' });
    expect((await loadConfig({ cwd, env: {} })).cache.directory).toBe(join(cwd, '.cache'));
  });

  it.each([
    ['prover: { numWorker: 2 }', 'prover.numWorker', 'prover.numWorkers'],
    ['numWorkers: 2', 'numWorkers', 'prover.numWorkers'],
    [
      'production: { cache: { memorycachesizemb: 2 } }',
      'production.cache.memorycachesizemb',
      'production.cache.memoryCacheSizeMb',
    ],
    ['prod: {}', 'prod', 'production'],
    ['circuits: {}', 'circuits', 'circuit'],
    ['circuit: { debug: true }', 'circuit.debug', 'circuit.debugMode'],
  ])('refuses %s: there is no %s, but %s', async (text, key, nearest) => {
    const e = await loadConfig({ cwd: folder({ 'pot.config.yaml': text }), env: {} }).catch((e) => e);
    expect(e).toMatchObject({ code: 'CONFIG_UNKNOWN_KEY', details: { key } });
    expect(e.details.nearest).toBe(nearest);
    expect(e.message).toContain(`Did you mean ${nearest}?`);
  });

  it('names what is known where nothing is near', async () => {
    const e = await loadConfig({ cwd: folder({ 'pot.config.yaml': 'xyzzy: 1' }), env: {} }).catch((e) => e);
    expect(e.message).toContain('Known here: circuit, prover, cache, development, production');
  });

  it.each([
    ['pot.config.yaml', 'prover: { numWorkers: 0 }', 'CONFIG_INVALID', 'prover.numWorkers'],
    ['pot.config.yaml', 'circuit: { optimizationLevel: 3 }', 'CONFIG_INVALID', 'circuit.optimizationLevel'],
    ['pot.config.yaml', 'prover: { engine: gpu }', 'CONFIG_INVALID', 'prover.engine'],
    ['pot.config.yaml', 'cache: 5', 'CONFIG_INVALID', 'cache'],
    ['pot.config.yaml', '- 1', 'CONFIG_INVALID', 'top'],
    ['pot.config.yaml', 'a: [', 'CONFIG_FILE', 'not YAML'],
    ['pot.config.json', '{', 'CONFIG_FILE', 'not JSON'],
  ])('%s with %s is refused with %s', async (name, text, code, says) => {
    const e = await loadConfig({ cwd: folder({ [name]: text }), env: {} }).catch((e) => e);
    expect(e).toMatchObject({ name: 'PotError', code });
    expect(e.message).toContain(says);
  });

  it('refuses nonsense in the environment and in the overrides, and two files', async () => {
    const cwd = folder();
    const code = (c: string) => expect.objectContaining({ code: c });
    for (const env of [
      { ZK_NUM_WORKERS: 'many' },
      { ZK_NUM_WORKERS: '' },
      { ZK_NUM_WORKERS: '0' },
      { ZK_MODE: 'test' },
      { ZK_ENGINE: 'x' },
    ]) {
      await expect(loadConfig({ cwd, env })).rejects.toEqual(code('CONFIG_INVALID'));
    }
    const overrides = { prover: { workers: 2 } } as object;
    await expect(loadConfig({ cwd, env: {}, overrides })).rejects.toEqual(code('CONFIG_UNKNOWN_KEY'));
    const two = folder({ 'pot.config.yaml': '', 'pot.config.json': '{}' });
    await expect(loadConfig({ cwd: two, env: {} })).rejects.toEqual(code('CONFIG_FILE'));
    expect((await loadConfig({ cwd: folder({ 'pot.config.yaml': '' }), env: {} })).mode).toBe('development');
  });
});

describe('the queue of a configuration', () => {
  const url = 'rediss://user:secret1@queue.example:6380';
  const of = async (env: Record<string, string>) => queueOf(await loadConfig({ cwd: folder(), env }));

  it('is none without an address, whatever else is there', async () => {
    expect(queueOf(undefined)).toBeUndefined();
    expect(await of({ ZK_ARTEFACTS: 'a', ZK_WORKER_LIST: 'w' })).toBeUndefined();
  });

  it('needs a place for artefacts and a list of workers, and says no password', async () => {
    const all = { ZK_QUEUE: url, ZK_ARTEFACTS: 's3://bucket/x', ZK_WORKER_LIST: 'workers.txt' };
    const { artefacts, workerList } = (await of(all))!;
    // A bucket's address stays what it is; files are named from the folder of the configuration.
    expect(artefacts).toBe('s3://bucket/x');
    expect(isAbsolute(workerList) && workerList.endsWith('workers.txt')).toBe(true);
    expect(isAbsolute((await of({ ...all, ZK_ARTEFACTS: 'shared' }))!.artefacts)).toBe(true);
    for (const name of ['ZK_ARTEFACTS', 'ZK_WORKER_LIST'] as const) {
      const { [name]: _, ...rest } = all;
      const error = await of(rest).catch((e) => e);
      const path = name === 'ZK_ARTEFACTS' ? 'prover.artefacts' : 'prover.workerList';
      expect(error).toMatchObject({ code: 'CONFIG_INVALID', details: { path } });
      expect(error.message).not.toContain('secret1');
    }
    for (const wrong of ['http://queue', 'redis://', 'redis:// x', ''])
      await expect(of({ ...all, ZK_QUEUE: wrong })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
