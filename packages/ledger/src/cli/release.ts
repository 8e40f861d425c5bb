import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { readKeys } from './keyFiles.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  signer: string;
  to: string;
  json?: boolean;
}

/** `pot audit release LOG EVENT`: takes something out of quarantine. */
export function releaseCommand(audit: Command): void {
  audit
    .command('release')
    .description('take something out of quarantine, by a key that its quarantine names')
    .argument('<log>', 'folder of the log')
    .argument('<event>', 'id of the event that put it there')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--signer <file>', 'signers that may release it: the first one signs', text('--signer'))
    .requiredOption('--to <path>', 'where it goes', text('--to'))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, id: string, flags: Flags) => {
      const { release, signRelease } = await import('../taint/quarantine.js');
      const { quarantineOf } = await import('../taint/state.js');
      const [signer] = await readKeys(flags.signer);
      const released = await withLog(dir, flags, async (log) => {
        const held = [...(await quarantineOf(log)).values()].flat().find((one) => one.id === id);
        if (!held) throw new PotError('LEDGER_QUARANTINE', 'nothing is held by an event of this id');
        const note = signRelease(log.origin, held, signer!);
        return release(log, { quarantine: id, note, to: flags.to });
      });
      result(released, [`released, recorded as event ${released.index}`], flags.json ?? false);
    });
}
