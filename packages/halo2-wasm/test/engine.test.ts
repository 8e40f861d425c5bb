/** Which engine is used: needs no addon. The package is copied without one, as it is without Rust and without optional
 * dependencies. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chosenEngine } from '../src/engine.js';
import { copyPackage } from './helpers/copyPackage.js';
import { loadIn } from './helpers/loadIn.js';

const { folder, remove } = copyPackage();
afterAll(remove);

const load = (options: object, env?: Record<string, string>) => loadIn(folder, options, env);

describe('the choice', () => {
  it('is the option, else ZK_ENGINE, else auto', () => {
    const { ZK_ENGINE: before = '' } = process.env;
    try {
      process.env.ZK_ENGINE = 'native';
      expect(chosenEngine('wasm')).toBe('wasm');
      expect(chosenEngine()).toBe('native');
      process.env.ZK_ENGINE = '';
      expect(chosenEngine()).toBe('auto');
    } finally {
      process.env.ZK_ENGINE = before;
    }
  });

  it.each([
    ['an option', { engine: 'gpu' }, {}, 'option'],
    ['ZK_ENGINE', {}, { ZK_ENGINE: 'gpu' }, 'ZK_ENGINE'],
  ])('of an unknown engine by %s is refused, and the known ones named', async (_, options, env, from) => {
    const { error, engine } = await load(options, env);
    expect(engine).toBeUndefined();
    expect(error).toMatchObject({
      code: 'ENGINE_UNKNOWN',
      message: expect.stringContaining('"gpu"'),
      details: { engine: 'gpu', from },
      hint: expect.stringContaining('wasm, native, auto'),
    });
  });
});

describe('without the addon', () => {
  it.each([
    ['the option', { engine: 'native' }, {}],
    ['ZK_ENGINE', {}, { ZK_ENGINE: 'native' }],
  ])(
    'native by %s fails with the command that builds it, and does not fall back',
    async (_, options, env) => {
      const { error, engine } = await load(options, env);
      expect(engine).toBeUndefined();
      expect(error).toMatchObject({
        code: 'ENGINE_UNAVAILABLE',
        details: { engine: 'native', reason: 'missing' },
        hint: expect.stringContaining('build:native'),
      });
    },
  );

  it.each([
    ['nothing', {}, {}],
    ['auto', { engine: 'auto' }, { ZK_ENGINE: 'native' }],
    ['wasm', { engine: 'wasm' }, { ZK_ENGINE: 'native' }],
  ])('%s gives WebAssembly, without a warning', async (_, options, env) => {
    expect(await load(options, env)).toEqual({ engine: 'wasm', warnings: '' });
  });
});

describe('with an addon that does not load', () => {
  beforeAll(() => {
    mkdirSync(join(folder, 'addon'));
    writeFileSync(join(folder, 'addon/pot_native.node'), 'no library');
  });

  it('native fails and says why', async () => {
    const { error } = await load({ engine: 'native' });
    expect(error).toMatchObject({ code: 'ENGINE_UNAVAILABLE', details: { reason: 'damaged' } });
  });

  it('auto gives WebAssembly, with a warning', async () => {
    const { engine, warnings } = await load({});
    expect(engine).toBe('wasm');
    expect(warnings).toContain('ENGINE_UNAVAILABLE');
  });
});
