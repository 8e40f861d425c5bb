import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';
import type { Answer } from '../answer/format.js';
import { digestOnDisk } from '../artefact.js';
import { digestSchema } from '../events/digest.js';
import type { EventLog } from '../log/eventLog.js';
import { type LogFlags, withLog } from './openLog.js';

/** What every command that asks a log is told. */
export interface AskFlags extends LogFlags {
  out?: string;
  fields?: string[];
  json?: boolean;
}

/** The options of commands that ask a log. */
export function askOptions(command: Command): Command {
  return command
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .option('-o, --out <file>', 'where to write the answer with its evidence, for auditors', text('--out'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print the answer with its evidence as JSON');
}

/** A list of names, with commas. */
export function names(value: string): string[] {
  return value.split(',').map((name) => name.trim());
}

/** Asks a log, writes the answer where that is wanted, and says it. */
export async function ask(
  dir: string,
  flags: AskFlags,
  question: (log: EventLog) => Promise<Answer>,
  lines: (answer: never, log: EventLog) => Promise<string[]> | string[],
): Promise<void> {
  const { answer, said } = await withLog(dir, flags, async (log) => {
    const found = await question(log);
    return { answer: found, said: await lines(found.answer as never, log) };
  });
  if (flags.out !== undefined) {
    await writeFileAtomic(flags.out, `${JSON.stringify(answer)}\n`).catch((cause) => {
      throw new PotError('FILE_WRITE', `${flags.out} cannot be written`, { cause });
    });
  }
  result(answer, said, flags.json ?? false);
}

/** The digest that a word names: itself, or that of a file or folder. Errors: `LEDGER_ARTEFACT`. */
export async function digestOfWord(word: string): Promise<string> {
  return digestSchema.safeParse(word).success ? word : (await digestOnDisk(word)).digest;
}
