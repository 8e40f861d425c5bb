/** Settings of Node's entry: any part of them will do, and what is none is refused before work starts. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultCache } from '@proof-of-training/halo2-wasm/node';
import { afterAll, expect, it } from 'vitest';
import { type CacheSettings, cacheFor, verifyTrainingProof } from '../src/node.js';

const proof = readFileSync(new URL('../../core/test/fixtures/step.proof.json', import.meta.url), 'utf8');
const minPrecision = { weights: 4, activations: 4, base: 4 };
const accept = { allowDevelopmentSrs: true, engine: 'wasm', maxTolerance: 1, minPrecision } as const;
const directory = mkdtempSync(join(tmpdir(), 'pot-verifier-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

it('without a part of its own a cache is the default one; equal settings are one cache', () => {
  for (const none of [undefined, {}, { cache: {} }, { cache: { directory: undefined } }]) {
    expect(cacheFor(none)).toBe(defaultCache());
  }
  const small = { cache: { memoryCacheSizeMb: 1, directory } };
  expect(cacheFor(small)).toBe(cacheFor({ cache: { directory, memoryCacheSizeMb: 1 } }));
  expect(cacheFor(small)).not.toBe(cacheFor({ cache: { directory } }));
});

it('verifies with a part of the settings, and keeps strings where they say', async () => {
  const report = await verifyTrainingProof(proof, { ...accept, config: { cache: { directory } } });
  expect(report.failure).toBeUndefined();
  expect(readdirSync(directory)).not.toHaveLength(0);
});

it.each<[string, unknown]>([
  ['a section that is none', { cahce: { directory } }],
  ['a setting that is none', { cache: { dir: directory } }],
  ['a folder that is a number', { cache: { directory: 1 } }],
  ['a size below 0', { cache: { memoryCacheSizeMb: -1 } }],
  ['a text', directory],
])('refuses %s', async (_, config) => {
  const options = { ...accept, config: config as CacheSettings };
  await expect(verifyTrainingProof(proof, options)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
