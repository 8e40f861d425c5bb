/** `pot infer` where something is amiss: nothing is counted, overwritten or left behind. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { pot } from './helpers/pot.js';
import { sharedRun } from './helpers/sharedRun.js';

const dir = mkdtempSync(join(tmpdir(), 'pot infer attacks '));
const at = (name: string) => join(dir, name);
const uses = (name = 'opening.json.uses') => (existsSync(at(name)) ? readdirSync(at(name)).length : 0);
const infer = (out: string, ...more: string[]) =>
  pot('infer', at('opening.json'), '--inputs', at('in.json'), '-o', out, '--allow-development-srs', ...more);

let opening: string;
beforeAll(async () => {
  opening = JSON.stringify((await sharedRun('dense')).opening);
  writeFileSync(at('opening.json'), opening);
  writeFileSync(at('in.json'), '[[0.1,0,0,0,0,0]]');
  mkdirSync(at('folder'));
}, 240_000);

it('counts nothing where the proof or its secrets cannot be written', async () => {
  for (const [out, ...more] of [
    [at('no/proof.json')],
    [at('folder')],
    [at('in.json/proof.json')],
    [at('proof.json'), '--secrets', at('no/secrets')],
  ] as const) {
    expect((await infer(out, ...more)).code).toBe(2);
    expect([out, uses()]).toEqual([out, 0]);
  }
  expect(readdirSync(dir).sort()).toEqual(['folder', 'in.json', 'opening.json']);
}, 60_000);

it('writes over nothing that it read or wrote', async () => {
  expect((await infer(at('same.json'), '--secrets', at('same.json'))).code).toBe(2);
  expect((await infer(at('opening.json'))).code).toBe(2);
  expect((await infer(at('proof.json'), '--secrets', at('opening.json'))).code).toBe(2);
  expect(readFileSync(at('opening.json'), 'utf8')).toBe(opening);
}, 60_000);

it('counts beside the opening itself, whatever link leads there', async () => {
  writeFileSync(at('opening.json'), opening);
  symlinkSync(at('opening.json'), at('link.json'));
  const before = uses();
  await pot(
    'infer',
    at('link.json'),
    '--inputs',
    at('in.json'),
    '-o',
    at('l.json'),
    '--allow-development-srs',
  );
  expect(uses()).toBe(before + 1);
}, 60_000);

it('prints nothing of outputs that are committed', async () => {
  const { code, out } = await infer(at('hidden.json'), '--show-outputs', 'committed');
  expect(code).toBe(0);
  expect(out).not.toContain('largest');
}, 60_000);

it('refuses a key of aggregates where there is no aggregate', async () => {
  expect((await infer(at('proof.json'))).code).toBe(0);
  const key = ['--aggregation-key', '00'.repeat(32)];
  const refused = await pot('verify', at('proof.json'), '--allow-development-srs', ...key);
  expect(refused.err).toContain('OPTION_NOT_FOR_THIS_FILE');
}, 60_000);

it('takes no row of another length for several samples', async () => {
  writeFileSync(at('twelve.json'), '[[1,0,0,0,0,0,0,0,0,0,0,0]]');
  const twelve = ['--inputs', at('twelve.json'), '-o', at('twelve.proof'), '--allow-development-srs'];
  const refused = await pot('infer', at('opening.json'), ...twelve);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('DATA_SHAPE')]);
});

it('refuses a file of secrets where there are none', async () => {
  const public_ = ['--show-inputs', 'public', '--secrets', at('none.secrets')];
  expect((await infer(at('none.json'), ...public_)).err).toContain('OPTION_INVALID');
});

it('imports over no opening that is there, and leaves no genesis proof then', async () => {
  const model = fileURLToPath(new URL('../../inference/test/fixtures/iris.onnx', import.meta.url));
  const importing = ['import', model, '-o', at('opening.json'), '--genesis', at('genesis.json')];
  const before = uses();
  const refused = await pot(...importing, '--srs', 'development');
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('FILE_WRITE')]);
  expect(readFileSync(at('opening.json'), 'utf8')).toBe(opening);
  expect(existsSync(at('genesis.json'))).toBe(false);
  expect(uses()).toBe(before);
}, 60_000);

it('trains nothing whose opening cannot be kept', async () => {
  const training = ['train', at('no.config'), '--dir', at('run'), '--opening'];
  expect((await pot(...training, at('no/opening'))).err).toContain('FILE_WRITE');
  expect((await pot(...training, at('run.json'), '--out', at('run.json'))).err).toContain('FILE_WRITE');
});
