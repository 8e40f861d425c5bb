import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { readKeys } from './keyFiles.js';
import { several } from './run.js';

interface Flags {
  vkeys: string;
  count?: number;
  from?: string[];
  known?: string[];
  waitMs?: number;
  json?: boolean;
}

/** `pot audit mirror LOG FOLDER`: copies of a log that are compared; exit code 1 where one refuses what it was shown. */
export function mirrorCommand(audit: Command): void {
  audit
    .command('mirror')
    .description('keep verified copies of a log, three unless told otherwise; refuse and report a fork')
    .argument('<log>', "address of the log, or folder with its public files: the first mirror's source")
    .argument('<folder>', 'where the mirrors lie')
    .requiredOption('--vkeys <file>', 'the keys that you pinned', text('--vkeys'))
    .option('--count <number>', 'how many mirrors; default 3', whole('--count', 1))
    .option('--from <source>', 'source of a further mirror, address or folder; may be repeated', several)
    .option('--known <file>', 'a checkpoint that the log must continue; may be repeated', several)
    .option('--wait-ms <number>', 'how long to wait for another writer; default 0', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (target: string, dir: string, flags: Flags) => {
      const { mirrorAll } = await import('../mirror/mirrorAll.js');
      const vkeys = await readKeys(flags.vkeys);
      const known = await Promise.all((flags.known ?? []).map(read));
      const sources = [target, ...(flags.from ?? [])].map(publicOf);
      const { count, waitMs, json = false } = flags;
      const told = { ...(count !== undefined && { count }), ...(waitMs !== undefined && { waitMs }) };
      const found = await mirrorAll({ sources, dir, vkeys, known, ...told });
      const ok = found.every((one) => one.ok);
      const mirrors = found.map((one) => (one.ok ? one : { ...one, failure: one.failure.toJSON() }));
      const lines = found.map((one) =>
        one.ok
          ? `${one.dir}: ${one.size} entries, ${one.size - one.from} new`
          : `${one.dir}: REFUSED: ${one.failure.shortMessage} [${one.failure.code}]`,
      );
      const reports = found.flatMap((one) => (one.ok ? [] : [one.failure.details?.report]));
      for (const report of reports) if (report !== undefined) lines.push(`report of the fork: ${report}`);
      result({ ok, mirrors }, lines, json);
      if (!ok) process.exitCode = 1;
    });
}

/** A log's own folder has its public files in `public`, as a mirror's has. */
function publicOf(target: string): string {
  return existsSync(join(target, 'public')) ? join(target, 'public') : target;
}

async function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
}
