import { readFile } from 'node:fs/promises';
import { text } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import type { SqlRows } from '../audit/sql.js';
import { type AskFlags, ask, askOptions, names } from './answers.js';

interface Flags extends AskFlags {
  file?: string;
  rowsOnly?: boolean;
}

/** `pot audit query LOG SQL`: one statement that reads. */
export function queryCommand(audit: Command): void {
  askOptions(audit.command('query'))
    .description('run one statement of SQL that reads, over views of the log; what writes is refused')
    .argument('<log>', 'folder of the log')
    .argument('[sql]', 'SELECT, WITH or VALUES')
    .option('--file <file>', 'file with the statement', text('--file'))
    .option(
      '--fields <names>',
      'fields that the views have and the evidence shows; default: all but salts and texts',
      names,
    )
    .option(
      '--rows-only',
      "evidence for the events of the answer's column entry alone, not for the whole log",
    )
    .action(async (dir: string, given: string | undefined, flags: Flags) => {
      const { query } = await import('../audit/ask.js');
      const sql = given ?? (flags.file && (await readText(flags.file)));
      if (!sql) throw new PotError('OPTION_INVALID', 'pot audit query needs a statement, or --file');
      const { fields, rowsOnly } = flags;
      const options = { sql, ...(fields && { fields }), ...(rowsOnly && { rowsOnly }) };
      await ask(
        dir,
        flags,
        (log) => query(log, options),
        ({ columns, rows }: SqlRows) => [
          columns.join('\t'),
          ...rows.map((row) => row.map((value) => value ?? 'NULL').join('\t')),
        ],
      );
    });
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
}
