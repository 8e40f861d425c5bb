/** Commits of git, recorded by hand and by git's own hook. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf, potProgram } from '@proof-of-training/core/cli';
import { expect, it, vi } from 'vitest';
import { eventText, recordCommit, trace } from '../src/node.js';
import { addCommands } from '../src/pot.js';
import { emptyFolder } from './helpers/folder.js';
import { newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;

function repository() {
  const folder = emptyFolder();
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=x', '-c', 'user.email=x@example.com', ...args], {
      cwd: folder,
      stdio: 'pipe',
    }).toString();
  git('init', '-q', '-b', 'trunk');
  const commit = (files: Record<string, string>) => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    git('add', '-A');
    git('commit', '-qm', 'a message that is secret');
    return git('rev-parse', 'HEAD').trim();
  };
  return { folder, git, commit };
}

it('a commit is recorded with what it changed, from the repository and not from the working tree', async () => {
  const { log } = await newLog();
  const { folder, commit, git } = repository();
  const first = commit({ 'a.txt': 'a', 'grüße.txt': 'b' });
  writeFileSync(join(folder, 'a.txt'), 'of the working tree');
  const one = await recordCommit(log, { folder });
  expect((await log.get(one.index)).fields).toMatchObject({
    ...{ commit: first, parents: [], branch: 'trunk', signature: 'none', removed: [] },
    ...{ fileNames: ['a.txt', 'grüße.txt'], files: [sha256('a'), sha256('b')] },
  });
  rmSync(join(folder, 'a.txt'));
  symlinkSync('grüße.txt', join(folder, 'link'));
  const second = commit({ 'c.txt': 'c' });
  const two = await recordCommit(log, { folder });
  expect((await log.get(two.index)).fields).toMatchObject({
    ...{ commit: second, parents: [first], fileNames: ['c.txt'], files: [sha256('c')], removed: ['a.txt'] },
  });
  expect(eventText((await log.get(two.index)).fields)).toBe(
    `commit ${second.slice(0, 12)} on trunk: 1 files`,
  );
  expect((await recordCommit(log, { folder, revision: first })).commit).toBe(first);
  expect(JSON.stringify(await log.find({}))).not.toContain('secret');
  // Its files are where a trace may begin.
  await log.append({ type: 'x', fields: {} });
  expect((await trace(log, { from: sha256('a'), to: sha256('z') })).answer).toEqual({ path: null });
  expect(git('status', '--short')).toBe('');
  await log.close();
});

it('what is no repository, or no revision, is refused and not recorded', async () => {
  const { log } = await newLog();
  const { folder } = repository();
  for (const options of [
    { folder: emptyFolder() },
    { folder },
    { folder, revision: 'gone' },
    { folder: '/gone' },
  ])
    await expect(recordCommit(log, options)).rejects.toThrow(code('LEDGER_ARTEFACT'));
  for (const revision of ['--output=x', 'a b', ''])
    await expect(recordCommit(log, { folder, revision })).rejects.toThrow(code('OPTION_INVALID'));
  expect(log.size).toBe(0);
  await log.close();
});

it('pot audit hook has git record every commit, and writes over no hook', async () => {
  const { log, dir, signers } = await newLog();
  await log.close();
  const { folder, commit } = repository();
  const keys = join(emptyFolder(), 'key s');
  writeFileSync(keys, signers.join('\n'));
  const written: string[] = [];
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => !!written.push(String(text))),
  );
  const [, ...before] = process.argv;
  const pot = (...args: string[]) => {
    const program = potProgram();
    addCommands(program);
    return exitCodeOf(program, args).finally(() => {
      process.exitCode = undefined;
    });
  };
  try {
    // The hook calls the program that installed it.
    process.argv[1] = join(import.meta.dirname, '../../core/dist/cli/main.js');
    expect(await pot('audit', 'hook', dir, '--keys', keys, '--repository', folder)).toBe(0);
    expect(await pot('audit', 'hook', dir, '--keys', keys, '--repository', folder)).not.toBe(0);
    expect(existsSync(join(folder, '.git/hooks/post-commit'))).toBe(true);
    const made = commit({ 'a.txt': 'a' });
    written.length = 0;
    expect(await pot('audit', 'report', dir, '--keys', keys, '--json')).toBe(0);
    expect(JSON.parse(written.join('')).answer.types ?? JSON.parse(written.join('')).answer).toMatchObject(
      {},
    );
    expect(written.join('')).toContain('git.commit');
    expect(readFileSync(join(dir, 'private/journal/0000000000000000.log')).includes(made)).toBe(true);
  } finally {
    process.argv.splice(1, process.argv.length, ...before);
    for (const spy of spies) spy.mockRestore();
  }
});
