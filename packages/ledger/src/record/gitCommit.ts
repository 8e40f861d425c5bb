import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { bad } from '../artefact.js';
import { digestOfBytes, MAX_ARTEFACTS, nameSchema } from '../events/digest.js';
import type { Appended, EventLog } from '../log/eventLog.js';

/** What `recordCommit` takes. */
export interface CommitOptions {
  /** Folder of the repository; default: here. */
  folder?: string;
  /** Default: `HEAD`. */
  revision?: string;
}

const schema = z.object({
  folder: z.string().min(1).optional(),
  revision: z
    .string()
    .regex(/^[^-\s][^\s]{0,255}$/)
    .optional(),
} satisfies ShapeFor<CommitOptions>);

const MAX_BLOB = 512 << 20;
/** What `git log --format=%G?` says. */
const SIGNATURES: Record<string, 'good' | 'none' | 'bad'> = { G: 'good', N: 'none', B: 'bad', R: 'bad' };
const run = promisify(execFile);

/**
 * Records a commit: its ids, what git says of its signature, and the SHA-256 of each file as the commit left it, read from the repository and not
 * from the working tree. Neither message nor author is recorded. `pot audit hook` has it done with every commit.
 *
 * Errors: `OPTION_*`, `LEDGER_ARTEFACT` where git, the repository or the revision is not there, or the commit changes too many files; those of
 * `EventLog.append`.
 *
 * @example
 * const { commit } = await recordCommit(log, { folder: 'my-repository' });
 */
export async function recordCommit(
  log: EventLog,
  options: CommitOptions = {},
): Promise<Appended & { commit: string }> {
  checkOptions(schema, options, 'recordCommit');
  const { folder = '.', revision = 'HEAD' } = options;
  const [commit, tree, parents, signature] = (
    await git(folder, ['log', '-1', '--format=%H%n%T%n%P%n%G?', revision, '--'])
  )
    .toString()
    .split('\n') as [string, string, string, string];
  const changes = await changed(folder, commit);
  if (changes.length > MAX_ARTEFACTS) throw bad(commit, `changes more than ${MAX_ARTEFACTS} files`);
  const kept = changes.filter(({ removed }) => !removed);
  const files: string[] = [];
  for (const { path } of kept)
    files.push(digestOfBytes(await git(folder, ['cat-file', 'blob', `${commit}:${path}`])));
  const branch = (await git(folder, ['branch', '--show-current'])).toString().trim();
  const appended = await log.append({
    type: 'git.commit',
    fields: {
      ...{ commit, tree, parents: parents === '' ? [] : parents.split(' ') },
      ...(branch !== '' && revision === 'HEAD' && { branch }),
      signature: SIGNATURES[signature] ?? 'unknown',
      ...{ files, fileNames: kept.map(({ path }) => path) },
      removed: changes.flatMap(({ path, removed }) => (removed ? [path] : [])),
    },
  });
  return { ...appended, commit };
}

/** Files that a commit changed against its first parent, links and submodules left out. */
async function changed(folder: string, commit: string): Promise<{ path: string; removed: boolean }[]> {
  const args = ['diff-tree', '--root', '--no-commit-id', '-r', '-z', '--no-renames', '-m', '--first-parent'];
  const parts = (await git(folder, [...args, commit])).toString().split('\0').slice(0, -1);
  const all: { path: string; removed: boolean }[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [, mode = '', , , kind = ''] = parts[i]!.split(' ');
    const path = parts[i + 1]!;
    if (!nameSchema.safeParse(path).success) throw bad('a path of the commit', 'cannot be recorded');
    if (kind === 'D' || mode.startsWith('100')) all.push({ path, removed: kind === 'D' });
  }
  return all;
}

async function git(folder: string, args: readonly string[]): Promise<Buffer> {
  try {
    // Without the hook's own variables, which name another index.
    const { GIT_INDEX_FILE, ...env } = process.env;
    const options = { cwd: folder, encoding: 'buffer', maxBuffer: MAX_BLOB, env } as const;
    return (await run('git', ['--no-replace-objects', ...args], options)).stdout;
  } catch (cause) {
    throw bad(folder, 'is no repository of git with this revision, or git is not installed', cause);
  }
}
