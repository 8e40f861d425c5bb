/** `pot audit` as its owner and an auditor use it. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, potProgram } from '@proof-of-training/core/cli';
import { Command } from 'commander';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { addCommands } from '../src/pot.js';
import { emptyFolder } from './helpers/folder.js';

/** Runs `pot` with these arguments, in this process. */
async function pot(...args: string[]) {
  const written = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name === 'stdout' ? 'out' : 'err'] += String(chunk);
      return true;
    }),
  );
  const program = potProgram();
  addCommands(program);
  try {
    return { code: await exitCodeOf(program, args), ...written };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}

let dir: string;
let log: string;
let keys: string;
let vkeys: string;
beforeAll(async () => {
  dir = emptyFolder();
  [log, keys, vkeys] = ['log', 'keys', 'vkeys'].map((name) => join(dir, name)) as [string, string, string];
  process.chdir(dir);
  const { code, err } = await pot(
    'audit',
    'init',
    log,
    '--origin',
    'example.com/log',
    '--keys',
    keys,
    '--vkeys',
    vkeys,
  );
  expect([code, err]).toEqual([0, '']);
});

it("is there where this package is installed beside core's program, and uses that copy of core", async () => {
  // Of what is built: the program compares its own place.
  const { installedBeside } = await import('../../core/dist/run/installedBeside.js');
  const { addInstalled } = await import('../../core/dist/cli/additions.js');
  expect(installedBeside('@proof-of-training/ledger/pot', undefined)).toMatch(/ledger.dist.pot\.js$/);
  expect(installedBeside('@proof-of-training/gone/pot', undefined)).toBeUndefined();
  const program = new Command('pot');
  await addInstalled(program, undefined);
  expect(program.commands.map((command) => command.name())).toEqual(['audit', 'worker', 'cluster']);
});

describe('pot audit init', () => {
  it('makes a log and its keys, and writes over nothing', async () => {
    expect(statSync(keys).mode & 0o777).toBe(0o600);
    expect(readFileSync(vkeys, 'utf8').trim().split('\n')).toHaveLength(2);
    const before = readFileSync(keys, 'utf8');
    const again = await pot(
      'audit',
      'init',
      join(dir, 'other'),
      '--origin',
      'x',
      '--keys',
      keys,
      '--vkeys',
      join(dir, 'v2'),
    );
    expect([again.code, existsSync(join(dir, 'other'))]).toEqual([2, false]);
    expect(readFileSync(keys, 'utf8')).toBe(before);
    const there = await pot(
      'audit',
      'init',
      log,
      '--origin',
      'x',
      '--keys',
      join(dir, 'k3'),
      '--vkeys',
      join(dir, 'v3'),
    );
    expect([there.code, there.err.includes('LEDGER_EXISTS')]).toEqual([2, true]);
    expect([existsSync(join(dir, 'k3')), existsSync(join(dir, 'v3'))]).toEqual([false, false]);
  });

  it('keys of another kind are refused and not quoted', async () => {
    const path = join(dir, 'other-secret');
    writeFileSync(path, 'one-secret-line\n');
    const { code, err } = await pot('audit', 'record', log, keys, '--keys', path);
    expect([code, err.includes('LEDGER_KEY_INVALID'), err.includes('one-secret')]).toEqual([2, true, false]);
  });
});

describe('pot audit run and record', () => {
  it('run a command, whose exit code is theirs', async () => {
    writeFileSync(join(dir, 'in.txt'), 'in');
    const run = (script: string, ...more: string[]) =>
      pot('audit', 'run', log, '--keys', keys, ...more, '--', process.execPath, '-e', script, '--', '--json');
    const copy = "const fs = require('fs'); fs.writeFileSync('out.txt', fs.readFileSync('in.txt') + '!')";
    const done = await run(copy, '--name', 'copy', '--input', 'in.txt', '--output', 'out.txt');
    expect(done).toEqual({ code: 0, out: '', err: 'recorded as event 0: done, exit 0\n' });
    expect((await run('process.exit(7)')).code).toBe(7);
    const gone = await run('', '--output', 'gone.txt');
    expect([gone.code, gone.err.includes('output gone.txt is not there')]).toEqual([1, true]);
    const { code, out } = await pot('audit', 'record', log, join(dir, 'in.txt'), '--keys', keys, '--json');
    expect([code, JSON.parse(out).index]).toEqual([0, 3]);
  });
});

describe('pot audit taint, check, quarantine and release', () => {
  it('say where a file comes from, refuse it by a policy, and take it away and give it back', async () => {
    const json = async (...args: string[]) => {
      const { code, out, err } = await pot('audit', ...args, '--keys', keys, '--json');
      return { code, err, ...JSON.parse(out || '{}') };
    };
    const path = join(dir, 'rows.csv');
    writeFileSync(path, 'rows');
    writeFileSync(join(dir, 'policy.json'), '{"name":"p","rules":[{"rule":"no-source","sources":["S"]}]}');
    const check = () => json('check', log, path, '--policy', join(dir, 'policy.json'));
    expect(await check()).toMatchObject({ code: 0, allowed: true });
    await json('taint', log, path, '--source', 'S', '--origin', 'https://s.example');
    expect(await check()).toMatchObject({ code: 1, allowed: false, violations: [{ rule: 'no-source' }] });
    const { id } = await json('quarantine', log, path, '--reason', 'r', '--release-keys', vkeys);
    const refused = await json('release', log, 'other', '--signer', keys, '--to', path);
    expect(refused).toMatchObject({ code: 2, error: { code: 'LEDGER_QUARANTINE' } });
    expect(existsSync(path)).toBe(false);
    expect(await json('release', log, id, '--signer', keys, '--to', path)).toMatchObject({ code: 0 });
    expect(readFileSync(path, 'utf8')).toBe('rows');
  });
});

describe('pot audit trace, timeline, query, report, disclose, verify and replay', () => {
  const ask = (name: string, ...args: string[]) => pot('audit', name, log, '--keys', keys, ...args);
  const verify = async (target: string, ...args: string[]) => {
    const { code, out } = await pot('audit', 'verify', target, '--vkeys', vkeys, '--json', ...args);
    return { code, ...JSON.parse(out || '{}') };
  };

  it('answer so that an auditor with the public keys alone can check it', async () => {
    const answer = join(dir, 'answer.json');
    // in.txt -> out.txt, by the first command above.
    const traced = await ask(
      'trace',
      '--from',
      join(dir, 'in.txt'),
      '--to',
      join(dir, 'out.txt'),
      '-o',
      answer,
    );
    expect([traced.code, traced.out.includes('0  20')]).toEqual([0, true]);
    expect(await verify(answer)).toMatchObject({ code: 0, ok: true, what: 'answer', complete: false });
    const forged = JSON.parse(readFileSync(answer, 'utf8'));
    forged.answer.path[0].output = forged.answer.path[0].input;
    writeFileSync(answer, JSON.stringify(forged));
    expect(await verify(answer)).toMatchObject({ code: 1, ok: false, failure: { code: 'LEDGER_ANSWER' } });
    expect((await ask('trace', '--from', join(dir, 'out.txt'), '--to', join(dir, 'in.txt'))).code).toBe(1);
    const around = await ask(
      'timeline',
      '--around',
      new Date().toISOString().replace(/\.\d+/, ''),
      '-o',
      answer,
    );
    expect(around.out).toContain('stage copy: 1 inputs, 1 outputs; done, exit 0');
    expect((await ask('timeline', '--from', 'yesterday', '--to', 'now')).code).toBe(2);
    expect((await ask('report')).out).toContain('"stage":3');
    expect((await ask('query', 'SELECT name FROM stages WHERE entry = 0')).out).toBe('name\ncopy\n');
    const refused = await ask('query', 'DELETE FROM events', '--json');
    expect([refused.code, JSON.parse(refused.out).error.code]).toEqual([2, 'LEDGER_SQL']);
  });

  it('show single fields; a log and what is no proof are told apart', async () => {
    const proof = join(dir, 'one.tlog-proof');
    const disclosed = await ask('disclose', '--event', '0', '--fields', 'type,outcome', '-o', proof);
    expect(disclosed.code).toBe(0);
    const shown = { what: 'disclosure', index: 0, fields: { type: 'stage', outcome: 'done' } };
    expect(await verify(proof)).toMatchObject({ ok: true, ...shown });
    const exported = join(dir, 'record.json');
    expect((await ask('export', '--event', '0', '-o', exported)).code).toBe(0);
    expect(await verify(exported)).toMatchObject({
      ok: true,
      what: 'record',
      index: 0,
      event: { type: 'stage' },
    });
    writeFileSync(
      exported,
      readFileSync(exported, 'utf8').replace('"layer":"computation"', '"layer":"physical"'),
    );
    expect(await verify(exported)).toMatchObject({ code: 1, ok: false, failure: { code: 'LEDGER_RECORD' } });
    const whole = await verify(log, '--known', join(log, 'public/checkpoint'));
    expect(whole).toMatchObject({ code: 0, ok: true, what: 'log' });
    expect(whole.size).toBeGreaterThan(5);
    expect(await verify(join(dir, 'in.txt'))).toMatchObject({
      code: 1,
      failure: { code: 'FORMAT_NOT_JSON' },
    });
    expect((await verify(join(dir, 'gone'))).error).toMatchObject({ code: 'FILE_READ' });
  });

  it('run what was recorded again; commands of others only where that is asked for', async () => {
    const again = await ask('replay', '--artefacts', dir, '--json');
    const results = JSON.parse(again.out) as { name: string; result: string }[];
    expect(results.find(({ name }) => name === 'copy')).toMatchObject({ result: 'same' });
    const answer = join(dir, 'stages.json');
    const fields = 'type,command,inputs,inputNames,outputs,outputNames,outcome';
    await ask('disclose', '--event', '0', '--event', '1', '--fields', fields, '-o', answer);
    const replay = (...args: string[]) =>
      pot('audit', 'replay', answer, '--artefacts', dir, '--vkeys', vkeys, '--json', ...args);
    expect((await replay()).code).toBe(2);
    const results2 = JSON.parse((await replay('--run-commands')).out);
    expect(results2).toMatchObject([{ result: 'same' }, { result: 'not replayed' }]);
  });
});
