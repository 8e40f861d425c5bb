/** `pot adapter` and `pot verify` with adapters; that a run is verified, and a file committed to, in processes of their own. */
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPeftAdapter, type PeftModule } from '@proof-of-training/lora-circuit';
import { writePeftAdapter } from '@proof-of-training/lora-circuit/node';
import { beforeAll, expect, it } from 'vitest';
import { loraOf } from '../src/lora/index.js';
import { loraToyModel } from './helpers/loraToy.js';
import { pot, potProcess } from './helpers/pot.js';
import { sharedRun, trained } from './helpers/sharedRun.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-lora-cli-'));
const at = (name: string) => join(dir, name);

const check = (folder: string, ...more: string[]) => pot(...checking(folder, ...more));
const checking = (folder: string, ...more: string[]) => [
  'adapter',
  'check',
  at(folder),
  '--bundle',
  at('run.json'),
  '--opening',
  at('opening.json'),
  '--allow-development-srs',
  ...more,
];

let modules: PeftModule[];
let base: string;

beforeAll(async () => {
  const run = await sharedRun('lora');
  const { bundle, opening } = run;
  const model = trained(await loraToyModel(), run);
  writeFileSync(at('opening.json'), JSON.stringify(opening));
  writeFileSync(at('run.json'), JSON.stringify(bundle));
  base = bundle.run.base!;
  modules = (await loraOf(model)).map(({ merged: _, ...m }) => m);
  await writePeftAdapter(at('adapter'), createPeftAdapter({ modules }));
  const changed = structuredClone(modules);
  changed[1]!.B[2]! *= 1 + 2 ** -20;
  await writePeftAdapter(at('changed'), createPeftAdapter({ modules: changed }));
  const swapped = modules.map((m, n) => ({ ...m, name: ['zeta', 'alpha'][n]! }));
  await writePeftAdapter(at('renamed'), createPeftAdapter({ modules: swapped }));
});

it('checks that a file is the output of a proven run', async () => {
  const good = await potProcess(...checking('adapter', '--base', base));
  expect(good.err).not.toContain('Error');
  expect(good.code).toBe(0);
  expect(good.out).toContain('all 38 numbers of 2 adapters are the proven ones');
  expect(good.out).toContain(base);
  expect(good.out).toContain('VERIFIED');
});

it('refuses a changed file, another base and modules in another order', async () => {
  const changed = await check('changed');
  expect(changed.code).toBe(1);
  expect(changed.out).toMatch(/\.lora_B is not the proven one: value 2 differs \[ADAPTER_DIFFERENT\]/);
  const other = await check('adapter', '--base', `0x${'0'.repeat(63)}1`);
  expect(other).toMatchObject({ code: 1, out: expect.stringContaining('[RUN_BASE]') });
  const renamed = await check('renamed');
  expect(renamed).toMatchObject({ code: 1, out: expect.stringContaining('[ADAPTER_') });
  const named = await check('renamed', '--layers', 'zeta,alpha');
  expect(named.code).toBe(0);
  expect((await check('renamed', '--layers', 'zeta,beta')).out).toContain('[ADAPTER_MODULES]');
  expect((await check('nowhere')).code).toBe(2);
});

it('verifies and shows a run over a base', async () => {
  const good = await pot('verify', at('run.json'), '--allow-development-srs', '--base', base);
  expect(good).toMatchObject({ code: 0, out: expect.stringContaining(`with digest ${base}`) });
  const other = await pot(
    'verify',
    at('run.json'),
    '--allow-development-srs',
    '--base',
    `0x${'0'.repeat(64)}`,
  );
  expect(other).toMatchObject({ code: 1, out: expect.stringContaining('[RUN_BASE]') });
  expect((await pot('inspect', at('run.json'))).out).toContain(base);
});

it('commits to each adapter of a file, and keeps the openings secret', async () => {
  const made = await potProcess('adapter', 'commit', at('adapter'), '--out', at('secret.json'), '--json');
  expect(made.code).toBe(0);
  const { commitments } = JSON.parse(made.out) as {
    commitments: { name: string; poseidon: string; sha256: string }[];
  };
  expect(commitments.map((c) => c.name).sort()).toEqual(modules.map((m) => m.name).sort());
  for (const { poseidon, sha256 } of commitments) {
    expect(poseidon).toMatch(/^0x[0-9a-f]{64}$/);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  }
  expect(statSync(at('secret.json')).mode & 0o077).toBe(0);
  const openings = JSON.parse(readFileSync(at('secret.json'), 'utf8')) as {
    name: string;
    opening: { commitment: string; salt: string; weights: string };
  }[];
  for (const { name, opening } of openings) {
    expect(opening.commitment).toBe(commitments.find((c) => c.name === name)!.poseidon);
    for (const secret of [opening.salt, opening.weights]) {
      expect(made.out + made.err).not.toContain(secret);
    }
  }
  const again = await pot('adapter', 'commit', at('adapter'), '--out', at('again.json'), '--json');
  expect(again.out).not.toContain(commitments[0]!.poseidon);
});
