import { result, text, whole } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import { readKeys } from './keyFiles.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  reason: string;
  releaseKeys: string;
  json?: boolean;
}

/** `pot audit quarantine LOG PATH`: takes something away until somebody with a key gives it back. */
export function quarantineCommand(audit: Command): void {
  audit
    .command('quarantine')
    .description('move a file or folder into quarantine: its content is read no more, wherever a copy lies')
    .argument('<log>', 'folder of the log')
    .argument('<path>', 'file or folder')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--reason <text>', 'why', text('--reason'))
    .requiredOption('--release-keys <file>', 'vkeys of which each may release it', text('--release-keys'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, path: string, flags: Flags) => {
      const { quarantine } = await import('../taint/quarantine.js');
      const releaseKeys = await readKeys(flags.releaseKeys);
      const options = { path, reason: flags.reason, releaseKeys };
      const held = await withLog(dir, flags, (log) => quarantine(log, options));
      result(held, [`in quarantine: ${held.artefact}`, `event      ${held.id}`], flags.json ?? false);
    });
}
