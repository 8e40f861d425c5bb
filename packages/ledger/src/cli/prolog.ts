import { readFile } from 'node:fs/promises';
import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { readKeys } from './keyFiles.js';

interface Flags {
  vkeys: string;
  file?: string;
  maxInferences?: number;
  json?: boolean;
}

/** `pot audit prolog ANSWER GOAL`: asks the events of an answer, once that is verified, in Prolog. */
export function prologCommand(audit: Command): void {
  audit
    .command('prolog')
    .description('ask the events of a verified answer in Prolog; exit code 1 where there is no solution')
    .argument('<answer>', 'answer with its evidence: of pot audit report, query, trace or disclose')
    .argument('<goal>', 'such as "zkaudit(Entry, type(stage))"')
    .requiredOption('--vkeys <file>', 'the keys that you pinned', text('--vkeys'))
    .option('--file <file>', 'file with rules of your own', text('--file'))
    .option('--max-inferences <number>', 'for each solution; default 1000000', whole('--max-inferences', 1))
    .option('--json', 'print JSON')
    .action(async (path: string, goal: string, { vkeys, file, maxInferences, json }: Flags) => {
      const { verifyAnswer } = await import('../audit/verifyAnswer.js');
      const { askProlog } = await import('../audit/prolog/prolog.js');
      const { events, complete } = await verifyAnswer(await read(path), { vkeys: await readKeys(vkeys) });
      const program = file === undefined ? {} : { program: (await read(file)).toString() };
      const limit = maxInferences === undefined ? {} : { maxInferences };
      const solutions = await askProlog(events, { goal, ...program, ...limit });
      const lines = solutions.map((one) =>
        Object.entries(one)
          .map(([name, value]) => `${name} = ${Array.isArray(value) ? JSON.stringify(value) : value}`)
          .join(', '),
      );
      const shown = complete ? 'all entries of the log' : `${events.length} events, not all of the log`;
      const said = solutions.length === 0 ? ['no'] : lines.map((line) => line || 'yes');
      result({ complete, solutions }, [`over ${shown}`, ...said], json ?? false);
      if (solutions.length === 0) process.exitCode = 1;
    });
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
}
