/** `pot infer`, and `pot verify` of what it makes. */
import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, it } from 'vitest';
import { pot } from './helpers/pot.js';
import { sharedRun } from './helpers/sharedRun.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-infer-cli-'));
const at = (name: string) => join(dir, name);
const DEVELOPMENT = '--allow-development-srs';
const CONTEXT = 'ab'.repeat(31);

let weights: string;
beforeAll(async () => {
  const { bundle, opening } = await sharedRun('dense');
  const again = await sharedRun('denseAgain');
  weights = opening.commitment;
  writeFileSync(at('opening.json'), JSON.stringify(opening));
  writeFileSync(at('run.json'), JSON.stringify(bundle));
  writeFileSync(at('again.json'), JSON.stringify(again.bundle));
  writeFileSync(at('inputs.json'), '[[0.1,0.2,0.3,0.4,0.5,0.6],[0.9,0.1,0,0,0.2,0.3]]');
});

const infer = (out: string, ...more: string[]) =>
  pot('infer', at('opening.json'), '--inputs', at('inputs.json'), '-o', at(out), DEVELOPMENT, ...more);
const verify = (file: string, ...more: string[]) => pot('verify', at(file), DEVELOPMENT, ...more);

it('proves what the model gives, and verifies it against the run', async () => {
  const made = await infer('proof.json', '--context', `00${CONTEXT}`, '--json');
  expect(made.err).toBe('');
  expect(made.code).toBe(0);
  expect(JSON.parse(made.out)).toMatchObject({ weights, samples: 2, secrets: at('proof.json.secrets') });
  expect(statSync(at('proof.json.secrets')).mode & 0o777).toBe(0o600);
  expect(Object.keys(JSON.parse(readFileSync(at('proof.json.secrets'), 'utf8')))).toEqual(['inputs']);
  expect(readdirSync(at('opening.json.uses'))).toEqual(['3.use']);

  const pins = ['--weights-after', weights, '--context', `00${CONTEXT}`];
  const good = await verify('proof.json', '--run', at('run.json'), ...pins);
  expect(good.code).toBe(0);
  expect(good.out).toMatch(/kind: inference\n/);
  expect(good.out).toMatch(/inputs: committed, 0x[0-9a-f]{64}\n/);
  expect(good.out).toMatch(/outputs h1, 2 x 3: (-?[\d.]+(, )?){6}\n/);
  expect(good.out).toMatch(/\nVERIFIED\n$/);

  const opened = await verify('proof.json', '--secrets', at('proof.json.secrets'));
  expect(opened.out).toMatch(/ok {4}inputs: the inputs of the proof are the given ones/);
  expect((await verify('hidden.json', '--secrets', at('opening.json'))).code).toBe(2);
  const alone = await verify('proof.json');
  expect(alone.code).toBe(0);
  expect(alone.out).toMatch(/\nCONDITIONAL: The proof says what weights of bounded size give/);
  expect((await verify('proof.json', '--run', at('again.json'))).out).toContain('[INFERENCE_WEIGHTS]');
  expect((await verify('proof.json', '--weights-after', `00${CONTEXT}`)).out).toContain(
    '[EXPECTED_MISMATCH]',
  );
  expect((await verify('proof.json', '--min-weight-bits', '50')).out).toContain('[PRECISION_TOO_LOW]');
});

it('shows what holds of outputs in their place, and how often they are right', async () => {
  const asked = ['--class', '1', '--threshold', '0', '--at-least', '-0.5', '--at-most', '0.7'];
  const made = await infer('class.json', ...asked, '--json');
  expect(made.err).toBe('');
  expect(JSON.parse(made.out)).not.toHaveProperty('largest');
  const [, band] = JSON.parse(made.out).revealed as string[];
  expect(band).toMatch(
    /: output 0 of h1 is at least -0.5 \(-\d+ \/ 2\^\d+\) and at most 0.\d+ .*: (yes|no), (yes|no)$/,
  );
  const good = await verify('class.json', '--run', at('run.json'), ...asked);
  expect(good.out).toContain(band);
  expect(good.out).toMatch(/\nVERIFIED\n$/);
  expect((await verify('class.json', '--class', '1')).out).toContain('[EXPECTED_MISMATCH]');
  expect((await verify('run.json', '--class', '1')).err).toContain('OPTION_NOT_FOR_THIS_FILE');
  expect((await infer('bad.out', '--threshold', '0')).err).toContain('OPTION_INVALID');
  expect((await infer('bad.out', '--at-most', '0')).err).toContain('OPTION_INVALID');
  expect((await infer('bad.out', '--class', '3')).err).toContain('OPTION_INVALID');

  writeFileSync(at('labels.json'), '[0,2]');
  const test = [
    '--inputs',
    at('inputs.json'),
    '--labels',
    at('labels.json'),
    '-o',
    at('test.json'),
    DEVELOPMENT,
  ];
  const counted = await pot('evaluate', at('opening.json'), ...test, '--json');
  expect(counted.err).toBe('');
  const { right, samples } = JSON.parse(counted.out) as { right: number; samples: number };
  expect((await verify('test.json', '--run', at('run.json'))).out).toContain(
    `${right} of ${samples} are right\n`,
  );
  writeFileSync(at('labels.json'), '[0,"2"]');
  expect((await pot('evaluate', at('opening.json'), ...test)).err).toContain('DATA_LABELS');
});

it('shows and hides what it is told to', async () => {
  const made = await infer('hidden.json', '--show-inputs', 'public', '--show-outputs', 'committed');
  expect(made.code).toBe(0);
  const { out } = await verify('hidden.json');
  expect(out).toMatch(/inputs x, 2 x 6: 0\.10\d*, /);
  expect(out).toMatch(/outputs: committed, 0x/);
});

it('refuses what says nothing about such a file, and files that are none', async () => {
  for (const flag of [
    ['--run-id', weights],
    ['--weights-before', weights],
    ['--single-proof'],
    ['--part'],
    ['--max-tolerance', '1'],
    ['--min-base-bits', '60'],
    ['--allow-repeated-shards'],
  ]) {
    const refused = await verify('proof.json', ...flag);
    expect([flag[0], refused.code]).toEqual([flag[0], 2]);
    expect(refused.err).toContain('OPTION_NOT_FOR_THIS_FILE');
  }
  for (const flag of [
    ['--run', at('run.json')],
    ['--context', weights],
    ['--genesis', at('run.json')],
  ]) {
    expect((await verify('run.json', ...flag)).err).toContain('OPTION_NOT_FOR_THIS_FILE');
  }
  const used = readdirSync(at('opening.json.uses')).length;
  for (const [text, code] of [
    ['[[1,2],[3]]', 'DATA_SHAPE'],
    ['[]', 'DATA_SHAPE'],
    ['[["a"]]', 'DATA_SHAPE'],
    ['[[1,2]]', 'DATA_SHAPE'],
    ['{', 'FILE_JSON'],
    ['[[1e9,0,0,0,0,0]]', 'VALUE_OUT_OF_RANGE'],
  ] as const) {
    writeFileSync(at('bad.json'), text);
    const refused = await pot(
      'infer',
      at('opening.json'),
      '--inputs',
      at('bad.json'),
      '-o',
      at('bad.out'),
      DEVELOPMENT,
    );
    expect([text, refused.code]).toEqual([text, 2]);
    expect(refused.err).toContain(code);
  }
  expect((await infer('bad.out', '--show-inputs', 'secret')).err).toContain('OPTION_INVALID');
  expect(readdirSync(at('opening.json.uses'))).toHaveLength(used);
  expect(readdirSync(dir)).not.toContain('bad.out');
});

it('exports the weights as an ONNX model, over no file that is there', async () => {
  const exporting = (...more: string[]) => pot('export', at('opening.json'), DEVELOPMENT, ...more);
  const made = await exporting('-o', at('model.onnx'), '--weights-after', weights, '--json');
  expect([made.code, made.err]).toEqual([0, '']);
  expect(JSON.parse(made.out)).toMatchObject({ weights, network: [6, 5, 3], constants: 'double' });
  expect(statSync(at('model.onnx')).mode & 0o777).toBe(0o600);
  const bytes = readFileSync(at('model.onnx'));
  expect((await pot('check', at('model.onnx'), '--no-calibration')).code).toBe(0);
  for (const [args, code] of [
    [['-o', at('model.onnx')], 'FILE_WRITE'],
    [['-o', at('opening.json')], 'FILE_WRITE'],
    [['-o', at('no/model.onnx')], 'FILE_WRITE'],
    [['-o', at('new.onnx'), '--weights-after', `00${CONTEXT}`], 'EXPECTED_MISMATCH'],
    [['-o', at('new.onnx'), '--constants', 'half'], 'OPTION_INVALID'],
  ] as const) {
    const refused = await exporting(...args);
    expect([args, refused.code, refused.err]).toEqual([args, 2, expect.stringContaining(code)]);
  }
  expect((await pot('export', at('opening.json'), '-o', at('new.onnx'))).err).toContain(
    'SRS_DEVELOPMENT_REFUSED',
  );
  expect((await pot('export', at('run.json'), '-o', at('new.onnx'))).err).toContain('OPENING_INVALID');
  expect(readdirSync(dir)).not.toContain('new.onnx');
  expect(readFileSync(at('model.onnx'))).toEqual(bytes);
});

it('imports an ONNX model, and proves what it gives', async () => {
  const fixtures = new URL('../../inference/test/fixtures/', import.meta.url);
  const model = fileURLToPath(new URL('iris.onnx', fixtures));
  const { inputs } = JSON.parse(readFileSync(new URL('iris.json', fixtures), 'utf8'));
  writeFileSync(at('iris.json'), JSON.stringify(inputs));
  const importing = (...more: string[]) => pot('import', model, '-o', at('iris.opening'), ...more, '--json');
  const range = ['--input-min', '0', '--input-max', '8', '--genesis', at('iris.genesis')];
  const made = await importing('--srs', 'development', '--samples', '8', ...range);
  expect(made.code).toBe(0);
  const { weights } = JSON.parse(made.out);
  expect(JSON.parse(made.out)).toMatchObject({ network: [4, 3], output: 'probabilities', softmax: true });
  expect(statSync(at('iris.opening')).mode & 0o777).toBe(0o600);
  const out = ['--inputs', at('iris.json'), '-o', at('iris.proof'), DEVELOPMENT, '--json'];
  // The first flowers of the set are all of the first kind.
  expect(JSON.parse((await pot('infer', at('iris.opening'), ...out)).out)).toMatchObject({
    weights,
    largest: [0, 0, 0, 0, 0, 0, 0, 0],
  });
  const verified = await verify('iris.proof', '--weights-after', weights);
  expect([verified.code, verified.out]).toEqual([0, expect.stringContaining('\nCONDITIONAL: ')]);
  const proven = await verify('iris.proof', '--weights-after', weights, '--genesis', at('iris.genesis'));
  expect([proven.code, proven.out]).toEqual([0, expect.stringMatching(/\nVERIFIED\n$/)]);
  expect((await verify('proof.json', '--genesis', at('iris.genesis'))).out).toContain('[INFERENCE_GENESIS]');
  expect((await importing('--input-min', '0')).out).toContain('OPTION_INVALID');
  expect((await importing('--output', 'label')).out).toContain('ONNX_UNSUPPORTED');
  expect((await importing('--input-min', '0', '--input-max', '99')).out).toContain('VALUE_OUT_OF_RANGE');
});
