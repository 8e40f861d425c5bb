/** `pot check`: results on stdout, progress on stderr, and exit codes. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { pot } from './helpers/pot.js';

const dir = mkdtempSync(join(tmpdir(), 'pot check '));
const at = (name: string) => join(dir, name);
const fixture = (name: string) =>
  fileURLToPath(new URL(`../../inference/test/fixtures/${name}`, import.meta.url));
const iris = fixture('iris.onnx');
const { inputs } = JSON.parse(readFileSync(fixture('iris.json'), 'utf8')) as { inputs: number[][] };
writeFileSync(at('rows.json'), JSON.stringify(inputs));
const check = (...more: string[]) => pot('check', iris, '--no-calibration', ...more);

it('says what can be proven, with progress apart', async () => {
  const range = ['--input-min', '0', '--input-max', '8', '--samples', at('rows.json')];
  const json = await check(...range, '--per-proof', '4', '--json');
  expect(json.code).toBe(0);
  expect(JSON.parse(json.out)).toMatchObject({
    ok: true,
    model: { network: [4, 3], operators: { 'ai.onnx.ml.LinearClassifier': 1 } },
    circuit: { samples: 4 },
    accuracy: { rows: inputs.length, changed: { rows: 0 } },
  });
  expect(json.err).toContain('planning the circuit ...\n');
  const lines = await check(...range);
  expect([lines.code, lines.out]).toEqual([0, expect.stringMatching(/\nCAN BE PROVEN\n$/)]);
  expect(lines.out).toMatch(/\n {2}h0: \d+ bits of 23, sums of \d+ \(needs most\)\n/);
  expect(lines.out).toMatch(/; decisions that change: 0 \(0\.00 %\)\n/);
  expect(lines.err).toContain('comparing rows ...\n');
});

it('says what cannot, and ends with 1', async () => {
  const wide = await check('--input-min', '0', '--input-max', '1000');
  expect([wide.code, wide.out]).toEqual([1, expect.stringMatching(/\nCANNOT BE PROVEN\n$/)]);
  expect(wide.out).toContain('[VALUE_OUT_OF_RANGE]');
  const json = await check('--input-scale', '1e9', '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, problems: [{ code: 'VALUE_OUT_OF_RANGE' }] });
});

it('refuses what it cannot read, and ends with 2', async () => {
  writeFileSync(at('bad.json'), '[[1,2],[3]]');
  writeFileSync(at('narrow.json'), '[[1,2]]');
  writeFileSync(at('text.onnx'), 'model');
  for (const [args, code] of [
    [[iris, '--samples', at('bad.json')], 'DATA_SHAPE'],
    [[iris, '--samples', at('narrow.json')], 'DATA_SHAPE'],
    [[iris, '--samples', at('none.json')], 'FILE_READ'],
    [[iris, '--samples', iris], 'FILE_JSON'],
    [[iris, '--samples', at('rows.json'), '--input-min', '0', '--input-max', '1'], 'VALUE_OUT_OF_RANGE'],
    [[iris, '--input-min', '0'], 'OPTION_INVALID'],
    [[iris, '--profile', 'fine'], 'OPTION_INVALID'],
    [[iris, '--per-proof', '0'], 'OPTION_INVALID'],
    [[iris, '--output', 'label'], 'ONNX_UNSUPPORTED'],
    [[at('text.onnx')], 'ONNX_INVALID'],
    [[dir], 'FILE_READ'],
  ] as const) {
    const refused = await pot('check', '--no-calibration', ...args);
    expect([args, refused.code, refused.err]).toEqual([args, 2, expect.stringContaining(code)]);
    expect(refused.out).toBe('');
  }
  expect((await check('--inputs', at('rows.json'))).code).toBe(2);
});

it.runIf(existsSync('/dev/zero'))('reads no file without an end', async () => {
  const endless = await pot('check', '/dev/zero', '--no-calibration');
  expect([endless.code, endless.err]).toEqual([2, expect.stringContaining('FORMAT_TOO_LARGE')]);
});
