import { readFile } from 'node:fs/promises';
import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import { writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';
import { names } from './answers.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  event: number;
  fields?: string[];
  previous?: string;
  out: string;
}

/** `pot audit export LOG`: an event as a record for exchange. */
export function exportCommand(audit: Command): void {
  audit
    .command('export')
    .description('write an event as a universal record, for exchange')
    .argument('<log>', 'folder of the log')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--event <number>', 'number of the event', whole('--event', 0))
    .requiredOption('-o, --out <file>', 'record to write', text('--out'))
    .option('--fields <names>', 'fields to show, with commas; default: all but salts and texts', names)
    .option('--previous <file>', 'the record before it', text('--previous'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .action(async (dir: string, { event, fields, previous, out, ...flags }: Flags) => {
      const { parseRecord } = await import('../universal/schema.js');
      const { writeRecord } = await import('../audit/writeRecord.js');
      const before = previous === undefined ? {} : { previous: parseRecord(await read(previous)) };
      const options = { index: event, ...(fields && { fields }), ...before };
      const record = await withLog(dir, flags, (log) => writeRecord(log, options));
      await writeFileAtomic(out, `${JSON.stringify(record)}\n`).catch((cause) => {
        throw new PotError('FILE_WRITE', `${out} cannot be written`, { cause });
      });
      result({ out }, [`${out}: event ${event}, ${record.zkproof.event.type}`], false);
    });
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
}
