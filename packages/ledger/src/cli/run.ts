import { say, text, whole } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  name?: string;
  input?: string[];
  output?: string[];
}

/** `pot audit run LOG -- COMMAND`: runs a command and records it. Exit code: the command's. */
export function runCommand(audit: Command): void {
  audit
    .command('run')
    .description(
      'run a command and record it: digests of inputs and outputs, names of the environment, exit code, times',
    )
    .argument('<log>', 'folder of the log')
    .argument('<command...>', 'after --: program and arguments, which are recorded')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .option('--name <name>', 'what the stage is called; default: the program', text('--name'))
    .option('--input <path>', 'file or folder below this one that it reads; may be repeated', several)
    .option('--output <path>', 'file or folder below this one that it makes; may be repeated', several)
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .action(async (dir: string, command: string[], flags: Flags) => {
      const { recordCommand } = await import('../record/command.js');
      const { name, input = [], output = [] } = flags;
      const told = { command, inputs: input, outputs: output, ...(name !== undefined && { name }) };
      const { index, outcome, exitCode, missing } = await withLog(dir, flags, (log) =>
        recordCommand(log, told),
      );
      // Standard output is the command's.
      say(`recorded as event ${index}: ${outcome}, exit ${exitCode}`);
      for (const path of missing) say(`output ${path} is not there`);
      if (outcome === 'changed') say('an input was changed while the command ran');
      process.exitCode = exitCode === 0 && outcome !== 'done' ? 1 : exitCode;
    });
}

export function several(path: string, before: string[] = []): string[] {
  return [...before, path];
}
