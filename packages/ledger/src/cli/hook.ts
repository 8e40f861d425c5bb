import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import { createFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';
import { type LogFlags, withLog } from './openLog.js';

interface CommitFlags extends LogFlags {
  repository?: string;
  revision?: string;
  json?: boolean;
}

/** `pot audit commit LOG` records a commit of git; `pot audit hook LOG` has that done with every commit. */
export function hookCommands(audit: Command): void {
  audit
    .command('commit')
    .description('record a commit of git: its ids and the digests of the files that it changed')
    .argument('<log>', 'folder of the log')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .option('--repository <folder>', 'default: here', text('--repository'))
    .option('--revision <name>', 'default: HEAD', text('--revision'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, { repository, revision, ...flags }: CommitFlags) => {
      const { recordCommit } = await import('../record/gitCommit.js');
      const told = {
        ...(repository !== undefined && { folder: repository }),
        ...(revision !== undefined && { revision }),
      };
      const found = await withLog(dir, flags, (log) => recordCommit(log, told));
      result(found, [`recorded as event ${found.index}: commit ${found.commit}`], flags.json ?? false);
    });
  audit
    .command('hook')
    .description('have git record every commit of a repository, by its hook post-commit')
    .argument('<log>', 'folder of the log')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .option('--repository <folder>', 'default: here', text('--repository'))
    .action(async (dir: string, { keys, repository = '.' }: CommitFlags) => {
      const hook = await hookPath(repository);
      await mkdir(dirname(hook), { recursive: true });
      await createFileAtomic(hook, script(resolve(dir), resolve(keys)), 0o755).catch((cause) => {
        const there = (cause as NodeJS.ErrnoException).code === 'EEXIST';
        throw new PotError(
          'FILE_WRITE',
          `${hook}: ${there ? 'there is such a hook already' : 'it cannot be written'}`,
          {
            cause,
            ...(there && { hint: 'Add a call of pot audit commit to it yourself.' }),
          },
        );
      });
      result({ hook }, [`${hook}: every commit is recorded in ${dir}`], false);
    });
}

async function hookPath(repository: string): Promise<string> {
  const git = promisify(execFile);
  try {
    const { stdout } = await git('git', ['rev-parse', '--git-path', 'hooks/post-commit'], {
      cwd: repository,
    });
    return resolve(repository, stdout.trim());
  } catch (cause) {
    throw new PotError('LEDGER_ARTEFACT', `${repository} is no repository of git, or git is not installed`, {
      cause,
    });
  }
}

/** A commit that cannot be recorded is told, and stands: git asks no hook after it. */
function script(log: string, keys: string): string {
  const program = [process.execPath, process.argv[1] ?? 'pot'].map(quoted).join(' ');
  return `#!/bin/sh\nexec ${program} audit commit ${quoted(log)} --keys ${quoted(keys)} >/dev/null\n`;
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
