import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';
import { names } from './answers.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  event: number[];
  fields: string[];
  out: string;
}

/** `pot audit disclose LOG`: chosen fields of chosen events, and nothing else. */
export function discloseCommand(audit: Command): void {
  audit
    .command('disclose')
    .description('show chosen fields of chosen events, with proofs, and nothing else')
    .argument('<log>', 'folder of the log')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--event <number>', 'number of an event; may be repeated', several)
    .requiredOption('--fields <names>', 'fields to show, with commas', names)
    .requiredOption('-o, --out <file>', 'of one event a .tlog-proof, of several an answer', text('--out'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .action(async (dir: string, { event, fields, out, ...flags }: Flags) => {
      const { disclose } = await import('../audit/ask.js');
      const [only, ...more] = event;
      const content = await withLog(dir, flags, async (log) =>
        more.length === 0
          ? log.disclose(only!, fields)
          : `${JSON.stringify(await disclose(log, event, fields))}\n`,
      );
      await writeFileAtomic(out, content).catch((cause) => {
        throw new PotError('FILE_WRITE', `${out} cannot be written`, { cause });
      });
      result({ out, events: event, fields }, [`${out}: ${fields.join(', ')} of ${event.join(', ')}`], false);
    });
}

function several(value: string, before: number[] = []): number[] {
  return [...before, whole('--event', 0)(value, undefined)];
}
