import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { exitCodeOf } from '@proof-of-training/core/cli';
import { vi } from 'vitest';
import { onchainProgram } from '../../src/cli/onchain.js';
import { chainProgram } from '../../src/cli/program.js';

const PROGRAMS = { main: chainProgram, verifyOnchain: onchainProgram };

/** A program of this package: `pot`, or `verify:onchain`. */
export type Program = keyof typeof PROGRAMS;

/** How it ended, and what it wrote. */
export interface Outcome {
  code: number;
  out: string;
  err: string;
}

/** Where a program runs: its folder, and what differs from this process's environment. */
export interface Place {
  cwd: string;
  env?: NodeJS.ProcessEnv;
}

/** Where the program lies, for what needs a process of its own. */
export function programFile(program: Program): string {
  return fileURLToPath(new URL(`../../dist/cli/${program}.js`, import.meta.url));
}

/**
 * Runs a program in this process, by the function that it calls: the start of a process costs more than most commands. One at a time; not
 * for what is said once a process.
 */
export async function run(program: Program, args: readonly string[], { cwd, env }: Place): Promise<Outcome> {
  const written = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name === 'stdout' ? 'out' : 'err'] +=
        typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  const before = { folder: process.cwd(), env: process.env, exitCode: process.exitCode };
  process.chdir(cwd);
  process.env = { ...process.env, ...env };
  try {
    return { code: await exitCodeOf(PROGRAMS[program](), args), ...written };
  } finally {
    process.chdir(before.folder);
    process.env = before.env;
    process.exitCode = before.exitCode;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs a program in a process of its own. */
export function runProcess(program: Program, args: readonly string[], { cwd, env }: Place): Promise<Outcome> {
  return new Promise((resolve) => {
    const all = { cwd, env: { ...process.env, ...env }, timeout: 220_000 };
    execFile(process.execPath, [programFile(program), ...args], all, (error, out, err) => {
      resolve({ code: error ? Number(error.code) : 0, out, err });
    });
  });
}
