import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { vi } from 'vitest';
import { exitCodeOf, potProgram } from '../../src/cli/program.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** How `pot` ended, and what it wrote. */
export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/**
 * Runs `pot` in this process, by the function that the program calls: the start of a process costs more than most commands. Not for what
 * is said once a process, and one at a time.
 */
export async function pot(...args: string[]): Promise<Outcome> {
  const written = { out: '', err: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((chunk) => {
      written[name === 'stdout' ? 'out' : 'err'] +=
        typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  const before = process.exitCode;
  try {
    return { code: await exitCodeOf(potProgram(), args), ...written };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

/** Runs `pot` in a process of its own. */
export function potProcess(...args: string[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 220_000,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (d) => {
      out += d;
    });
    child.stderr.on('data', (d) => {
      err += d;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
