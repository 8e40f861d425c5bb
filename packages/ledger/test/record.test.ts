/** Recorders of stages, commands, files and proofs: what they record, and what they refuse. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PotError } from '@proof-of-training/errors';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../src/bytes.js';
import {
  digestOnDisk,
  type EventLog,
  eventFlow,
  eventText,
  record,
  recordCommand,
  recordFile,
  recordProof,
} from '../src/node.js';
import { hex } from './helpers/bytes.js';
import { emptyFolder } from './helpers/folder.js';
import { leaks, newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const digest = (text: string) => `sha256:${hex(sha256(text))}`;
const onchain = (name: string) =>
  fileURLToPath(new URL(`../../blockchain/test/fixtures/onchain/${name}`, import.meta.url));

let made: Awaited<ReturnType<typeof newLog>>;
let log: EventLog;
let folder: string;
beforeAll(async () => {
  made = await newLog();
  log = made.log;
  folder = emptyFolder();
  writeFileSync(join(folder, 'raw.txt'), 'raw');
});
afterAll(() => log.close());

const last = async () => log.get(log.size - 1);
const node = (script: string) => [process.execPath, '-e', script];
const quiet = { stdio: 'ignore' } as const;

describe('a stage', () => {
  it('is recorded with digests of what went in and came out', async () => {
    const raw = { path: join(folder, 'raw.txt') };
    const value = await record(
      log,
      { name: 'clean', inputs: { raw, limits: { json: { b: 1, a: 2 } } } },
      async (stage) => {
        expect(await stage.input('note', { text: 'more' })).toBe(digest('more'));
        stage.output('clean', { path: join(folder, 'clean.txt') });
        stage.output('count', { bytes: new TextEncoder().encode('3') });
        writeFileSync(join(folder, 'clean.txt'), 'clean');
        return 3;
      },
    );
    expect(value).toBe(3);
    const { type, fields } = await last();
    expect([type, fields.outcome]).toEqual(['stage', 'done']);
    expect(fields).toMatchObject({
      inputs: [digest('raw'), digest('{"a":2,"b":1}'), digest('more')],
      inputNames: ['raw', 'limits', 'note'],
      outputs: [digest('clean'), digest('3')],
      outputNames: ['clean', 'count'],
    });
    expect(fields.environment).toContain('PATH');
    expect(JSON.stringify(fields)).not.toContain(process.env.PATH);
    expect(eventFlow(fields)).toEqual({ inputs: fields.inputs, outputs: fields.outputs });
    expect(eventText(fields)).toBe('stage clean: 3 inputs, 2 outputs; done');
  });

  it('that fails is recorded as failed, without the message, and has made nothing', async () => {
    const fail = (error: Error) => record(log, { name: 'fails' }, () => Promise.reject(error));
    await expect(fail(new Error('secret-in-message'))).rejects.toThrow('secret-in-message');
    expect((await last()).fields).toMatchObject({ outcome: 'failed', outputs: [] });
    expect(JSON.stringify(await last())).not.toContain('secret-in-message');
    await expect(fail(new PotError('DATA_SHAPE', 'x'))).rejects.toThrow(code('DATA_SHAPE'));
    expect((await last()).fields).toMatchObject({ outcome: 'failed', errorCode: 'DATA_SHAPE' });
    const gone = { path: join(folder, 'gone') };
    await expect(record(log, { name: 'x' }, (stage) => stage.output('gone', gone))).rejects.toThrow(
      code('LEDGER_ARTEFACT'),
    );
    expect((await last()).fields).toMatchObject({ outcome: 'failed', errorCode: 'LEDGER_ARTEFACT' });
    const { size } = log;
    await expect(record(log, { name: 'x', inputs: { gone } }, () => 1)).rejects.toThrow(
      code('LEDGER_ARTEFACT'),
    );
    await expect(record(log, { name: 'a\nb' }, () => 1)).rejects.toThrow(code('OPTION_INVALID'));
    expect(log.size).toBe(size);
  });

  it('whose input is changed meanwhile says so, and is part of no path', async () => {
    writeFileSync(join(folder, 'swapped.txt'), 'one');
    const swapped = { path: join(folder, 'swapped.txt') };
    await record(log, { name: 'swaps', inputs: { swapped } }, (stage) => {
      writeFileSync(swapped.path, 'two');
      stage.output('result', { text: 'made of two' });
    });
    const { fields } = await last();
    expect(fields.outcome).toBe('changed');
    expect(eventFlow(fields).outputs).toEqual([]);
    // In place is another thing: the file is named on both sides.
    await record(log, { name: 'in place', inputs: { swapped } }, (stage) => {
      stage.output('swapped', swapped);
      writeFileSync(swapped.path, 'three');
    });
    expect((await last()).fields).toMatchObject({
      outcome: 'done',
      inputs: [digest('two')],
      outputs: [digest('three')],
    });
  });
});

describe('a command', () => {
  it('is recorded with its words, paths from its folder, and how it ended', async () => {
    const command = node("require('fs').writeFileSync('out.txt', 'made')");
    const ran = await recordCommand(log, {
      command,
      folder,
      name: 'make',
      inputs: ['raw.txt'],
      outputs: ['./out.txt'],
      ...quiet,
    });
    expect(ran).toMatchObject({ outcome: 'done', exitCode: 0, missing: [] });
    expect((await log.get(ran.index)).fields).toMatchObject({
      name: 'make',
      command,
      inputs: [digest('raw')],
      inputNames: ['raw.txt'],
      outputs: [digest('made')],
      outputNames: ['out.txt'],
    });
    const failing = async (script: string, more: object = {}) => {
      const { index, ...result } = await recordCommand(log, {
        command: node(script),
        folder,
        ...quiet,
        ...more,
      });
      return { ...result, fields: (await log.get(index)).fields };
    };
    expect(await failing('process.exit(3)')).toMatchObject({
      exitCode: 3,
      fields: { outcome: 'failed', exitCode: 3 },
    });
    expect(await failing('process.kill(process.pid, "SIGKILL")')).toMatchObject({
      exitCode: 137,
      fields: { signal: 'SIGKILL' },
    });
    expect(await failing('', { outputs: ['gone'] })).toMatchObject({
      outcome: 'failed',
      exitCode: 0,
      missing: ['gone'],
    });
    const none = await recordCommand(log, { command: ['/gone/program'], ...quiet });
    expect(none).toMatchObject({ outcome: 'failed', exitCode: 127 });
  });

  it('with a secret of the environment in it, or a path outside, is not run', async () => {
    const { size } = log;
    const touch = (more: object) =>
      recordCommand(log, {
        command: node("require('fs').writeFileSync('ran','')"),
        folder,
        ...quiet,
        ...more,
      });
    process.env.POT_TEST_API_KEY = 'secret-of-environment';
    try {
      const refusal = recordCommand(log, { command: ['curl', 'x?key=secret-of-environment'], folder });
      await expect(refusal).rejects.toThrow(code('LEDGER_SECRET'));
      await expect(refusal).rejects.not.toThrow('secret-of-environment');
    } finally {
      delete process.env.POT_TEST_API_KEY;
    }
    for (const path of ['../x', '/etc/passwd', '.', 'a/../..'])
      await expect(touch({ outputs: [path] })).rejects.toThrow(code('LEDGER_ARTEFACT'));
    await expect(touch({ inputs: ['raw.txt', './raw.txt'] })).rejects.toThrow(code('LEDGER_ARTEFACT'));
    await expect(digestOnDisk(join(folder, 'ran'))).rejects.toThrow(code('LEDGER_ARTEFACT'));
    expect(log.size).toBe(size);
  });
});

describe('a file or folder', () => {
  it('is recorded by its digest; a folder by names and contents', async () => {
    const sub = join(folder, 'data');
    mkdirSync(join(sub, 'deep'), { recursive: true });
    writeFileSync(join(sub, 'a'), '1');
    writeFileSync(join(sub, 'deep/b'), '22');
    const { digest: found } = await recordFile(log, {
      path: sub,
      origin: 'https://me:pass@example.com/d?token=x#y',
    });
    const { fields } = await last();
    expect(fields).toMatchObject({
      name: 'data',
      files: 2,
      size: 3,
      digest: found,
      origin: 'https://example.com/d',
    });
    // As docs/protocol/events.md says.
    const part = (name: string, text: string) => [Buffer.from([0, 0, 0, name.length]), name, sha256(text)];
    const whole = sha256('proof-of-training/ledger-folder@v1\n', ...part('a', '1'), ...part('deep/b', '22'));
    expect(found).toBe(`sha256:${hex(whole)}`);
    const { digest: one } = await recordFile(log, { path: join(folder, 'raw.txt') });
    expect(one).toBe(digest('raw'));
    expect((await last()).fields).not.toHaveProperty('files');
    symlinkSync('/etc/passwd', join(sub, 'link'));
    for (const path of [sub, '/dev/null', join(folder, 'gone')])
      await expect(recordFile(log, { path })).rejects.toThrow(code('LEDGER_ARTEFACT'));
  });
});

describe('a proof', () => {
  it('is recorded with what it is about: bundle and aggregate of one run', async () => {
    await recordProof(log, { path: onchain('bundle.json') });
    const { fields: one } = await last();
    await recordProof(log, { path: onchain('aggregate.json') });
    const { fields: two } = await last();
    const { run, windows } = JSON.parse(readFileSync(onchain('bundle.json'), 'utf8'));
    const poseidon = (value: string) => `poseidon:${value.slice(2)}`;
    for (const [format, fields] of [['bundle', one] as const, ['aggregate', two] as const]) {
      expect(fields).toMatchObject({
        format,
        file: digest(readFileSync(onchain(`${format}.json`), 'utf8')),
        runId: poseidon(run.runId),
        dataset: poseidon(run.datasetRoot),
        weightsBefore: poseidon(run.genesis),
        weightsAfter: poseidon(windows.at(-1).public.weightsOut),
        steps: 2,
        windows: 2,
        verification: { result: 'not looked at', developmentSrs: true, pinned: [] },
      });
    }
    expect(one.settings).toBe(two.settings);
    expect(eventFlow(one)).toEqual({
      inputs: [one.dataset, one.weightsBefore],
      outputs: [one.weightsAfter, one.file],
    });
    expect(eventText(one)).toContain('not looked at, on the INSECURE development SRS');
  });

  it('that does not verify is recorded as refused, and has made nothing', async () => {
    const bundle = JSON.parse(readFileSync(onchain('bundle.json'), 'utf8'));
    const path = join(folder, 'forged.json');
    writeFileSync(
      path,
      JSON.stringify({ ...bundle, windows: bundle.windows.slice(0, 1).concat(bundle.windows.slice(0, 1)) }),
    );
    const { verification } = await recordProof(log, { path, verify: { allowDevelopmentSrs: true } });
    expect(verification).toMatchObject({ result: 'refused', failure: expect.stringMatching(/^[A-Z_]+$/) });
    const { fields } = await last();
    expect(eventFlow(fields).outputs).toEqual([]);
    expect(eventText(fields)).toContain('REFUSED [');
    const { verification: held } = await recordProof(log, {
      path: onchain('bundle.json'),
      verify: { allowDevelopmentSrs: true },
    });
    expect(held.result).toBe('verified');
    await expect(recordProof(log, { path: join(folder, 'raw.txt') })).rejects.toThrow(
      code('FORMAT_NOT_JSON'),
    );
    writeFileSync(path, '{"format":"x"}');
    await expect(recordProof(log, { path })).rejects.toThrow(code('FORMAT_FOREIGN'));
  });

  it('of an inference: committed values by their digest, public ones by their hash', async () => {
    const hash = (n: number) => `0x${String(n).padStart(64, '0')}`;
    const proof = {
      format: 'proof-of-training/inference',
      version: 2,
      graph: '{}',
      settings: '{}',
      srs: { k: 10, hash: 'a'.repeat(64), development: false },
      key: 'b'.repeat(64),
      public: {
        context: hash(1),
        rate: 0,
        weights: hash(2),
        weightsAfter: '',
        frozen: '',
        inputs: { committed: hash(3) },
        outputs: { public: [[1, -2]] },
      },
      proof: 'AAAA',
    };
    const path = join(folder, 'inference.json');
    writeFileSync(path, JSON.stringify(proof));
    await recordProof(log, { path });
    const { type, fields } = await last();
    expect(type).toBe('inference');
    const [weights, input, output] = [
      `poseidon:${hash(2).slice(2)}`,
      `poseidon:${hash(3).slice(2)}`,
      digest('[[1,-2]]'),
    ];
    expect(fields).toMatchObject({ weights, input, output, graph: digest('{}') });
    expect(eventFlow(fields)).toEqual({ inputs: [weights, input], outputs: [output, fields.file] });
  });
});

describe('an event of a kind with a schema', () => {
  let stage: Record<string, unknown>;
  beforeAll(async () => {
    await record(log, { name: 'ok' }, () => 1);
    const { id, time, type, ...own } = (await last()).fields;
    stage = own;
    await log.append({ type: 'stage', fields: stage });
  });

  it.each([
    ['an unknown field', (f: object) => ({ ...f, more: 1 })],
    ['no outcome', ({ outcome, ...f }: Record<string, unknown>) => f],
    ['a digest that is none', (f: object) => ({ ...f, inputs: ['sha256:00'], inputNames: ['a'] })],
    ['a digest without a name', (f: object) => ({ ...f, inputs: [digest('a')] })],
    ['a name twice', (f: object) => ({ ...f, inputs: [digest('a'), digest('b')], inputNames: ['a', 'a'] })],
    ['values of the environment', (f: object) => ({ ...f, environment: ['KEY=secret'] })],
    ['a name that controls a terminal', (f: object) => ({ ...f, name: 'a\u001b[2J' })],
    ['an end before its beginning', (f: object) => ({ ...f, ended: '2020-01-01T00:00:00.000Z' })],
    ['done, with exit code 1', (f: object) => ({ ...f, exitCode: 1 })],
  ])('with %s is refused', async (_, change) => {
    const { size } = log;
    await expect(log.append({ type: 'stage', fields: change(stage) as never })).rejects.toThrow(
      code('LEDGER_EVENT'),
    );
    expect(log.size).toBe(size);
  });

  it('of any other type is its owner’s', async () => {
    await log.append({ type: 'decision', fields: { granted: true } });
    const { fields } = await last();
    expect([eventText(fields), eventFlow(fields).outputs]).toEqual(['decision', []]);
    // As a log of someone who does not use this library may have it.
    const forged = { type: 'stage', outcome: 'done', outputs: ['x'] };
    expect([eventText(forged), eventFlow(forged).outputs]).toEqual([
      'stage, with fields that such events do not have',
      [],
    ]);
  });
});

it('commands and environment lie in the journal alone', async () => {
  await log.checkpoint();
  expect(leaks(made.dir, ['writeFileSync', process.env.PATH!, 'raw.txt'])).toEqual([]);
});
