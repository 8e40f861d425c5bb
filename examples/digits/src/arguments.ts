import { parseArgs } from 'node:util';
import { PotError } from '@proof-of-training/core';

/** What a demo is told on its command line. */
export interface DemoArguments {
  /** Where it writes. */
  dir: string;
  /** A smaller run of the same kind: less to wait for, a worse model. */
  short: boolean;
  /** Options beside `--short`. */
  flags: Record<string, boolean>;
}

/**
 * Reads a demo's command line: an optional folder, `--short`, and the flags that this demo has. Anything else ends the
 * process with a message and exit code 2.
 *
 * @example const { dir, short, flags } = demoArguments('runs/digits', ['chain']);
 */
export function demoArguments(folder: string, known: readonly string[] = []): DemoArguments {
  const names = ['short', ...known];
  try {
    const { values, positionals } = parseArgs({
      args: process.argv.slice(2).filter((a) => a !== '--'),
      options: Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }])),
      allowPositionals: true,
    });
    const [dir = folder, ...more] = positionals;
    if (more.length > 0 || dir === '') throw new Error('one folder at most, and not an empty name');
    const { short = false, ...flags } = values as Record<string, boolean>;
    return { dir, short, flags };
  } catch (e) {
    const usage = new PotError('OPTION_UNKNOWN', (e as Error).message, {
      hint: `The demo takes a folder and ${names.map((name) => `--${name}`).join(', ')}.`,
    });
    console.error(usage.message);
    process.exit(2);
  }
}
