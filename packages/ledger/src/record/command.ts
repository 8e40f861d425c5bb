import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { bad } from '../artefact.js';
import { MAX_ARTEFACTS, nameSchema } from '../events/digest.js';
import type { EventLog } from '../log/eventLog.js';
import { refuseSecrets } from './environment.js';
import { StageBook } from './stage.js';

/** What `recordCommand` takes. */
export interface CommandOptions {
  /** Program and arguments. They are recorded: no secrets. */
  command: readonly string[];
  /** Default: the program. */
  name?: string;
  /** Where it runs; default: here. */
  folder?: string;
  /** Files and folders in that folder that it reads. */
  inputs?: readonly string[];
  /** Files and folders in that folder that it makes. */
  outputs?: readonly string[];
  /** Where its outputs go; default: to this process's. */
  stdio?: 'inherit' | 'ignore';
  signal?: AbortSignal;
}

/** How a command ended. */
export interface CommandResult {
  /** Number of the event. */
  index: number;
  outcome: 'done' | 'failed' | 'changed';
  /** As a shell says it: 128 and the signal's number where a signal ended it, 127 where it could not be started. */
  exitCode: number;
  /** Outputs that are not there. */
  missing: string[];
}

const paths = z.array(z.string().min(1)).max(MAX_ARTEFACTS).optional();
const schema = z.object({
  command: z.array(z.string()).min(1).max(1000),
  name: nameSchema.optional(),
  folder: z.string().min(1).optional(),
  inputs: paths,
  outputs: paths,
  stdio: z.enum(['inherit', 'ignore']).optional(),
  signal: z.instanceof(AbortSignal).optional(),
} satisfies ShapeFor<CommandOptions>);

/**
 * Runs a command and records it as a stage. Files are named by their paths from the folder, so that `replay` can run it elsewhere.
 *
 * Errors: `OPTION_*`, `LEDGER_ARTEFACT`, `LEDGER_QUARANTINED`, `LEDGER_SECRET`: it was not run; those of `EventLog.append`. That the command fails is no error.
 *
 * @example
 * const { exitCode } = await recordCommand(log, {
 *   command: ['sort', '-o', 'sorted.txt', 'words.txt'],
 *   inputs: ['words.txt'],
 *   outputs: ['sorted.txt'],
 * });
 */
export async function recordCommand(log: EventLog, options: CommandOptions): Promise<CommandResult> {
  checkOptions(schema, options, 'recordCommand');
  const { command, folder = '.', inputs = [], outputs = [] } = options;
  refuseSecrets(command);
  const book = new StageBook(log, options.name ?? nameOf(command[0]!));
  for (const path of inputs) await book.input(within(folder, path), { path: resolve(folder, path) });
  const made = outputs.map((path) => ({ name: within(folder, path), path: resolve(folder, path) }));
  for (const { name, path } of made) book.output(name, { path });
  const ended = await run(command, folder, options);
  await book.hashOutputs().catch(() => {});
  const missing = made.flatMap(({ name }) => (book.has(name) ? [] : [name]));
  const failed = ended.exitCode !== 0 || missing.length > 0;
  const fields = await book.fields(failed, { command, ...ended });
  const { index } = await log.append({ type: 'stage', fields });
  return { index, outcome: fields.outcome as CommandResult['outcome'], exitCode: ended.exitCode, missing };
}

/** A path from the folder, with slashes. Errors: `LEDGER_ARTEFACT`. */
function within(folder: string, path: string): string {
  const name = relative(resolve(folder), resolve(folder, path));
  if (name !== '' && !isAbsolute(name) && name.split(sep)[0] !== '..') return name.split(sep).join('/');
  throw bad(path, 'is not in the folder in which the command runs');
}

function nameOf(program: string): string {
  const name = program.split(/[/\\]/).at(-1)!;
  return nameSchema.safeParse(name).success ? name : 'command';
}

/** Runs it to its end. What ends this process's group ends the command first, so that it is recorded. */
export function run(
  command: readonly string[],
  folder: string,
  { stdio = 'inherit', signal: abort }: Pick<CommandOptions, 'stdio' | 'signal'> = {},
): Promise<{ exitCode: number; signal?: string }> {
  return new Promise((done) => {
    const [program, ...args] = command;
    const child = spawn(program!, args, { cwd: resolve(folder), stdio, ...(abort && { signal: abort }) });
    const pass = (signal: NodeJS.Signals) => void child.kill(signal);
    // A terminal sends SIGINT to the command as well.
    const stay = () => {};
    process.on('SIGTERM', pass);
    process.on('SIGINT', stay);
    const end = (result: { exitCode: number; signal?: string }) => {
      process.off('SIGTERM', pass);
      process.off('SIGINT', stay);
      done(result);
    };
    child.once('error', () => {
      if (child.pid === undefined) end({ exitCode: 127 });
    });
    child.once('close', (code, signal) => {
      if (child.pid === undefined) return;
      end(signal ? { exitCode: 128 + constants.signals[signal], signal } : { exitCode: code ?? 1 });
    });
  });
}
