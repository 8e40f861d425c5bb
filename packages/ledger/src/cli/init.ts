import { rm } from 'node:fs/promises';
import { result, text } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import { createFileAtomic } from '@proof-of-training/halo2-wasm/node';
import type { Command } from 'commander';

interface Flags {
  origin: string;
  keys: string;
  vkeys: string;
  json?: boolean;
}

/** `pot audit init LOG`: begins a log, with new keys. */
export function initCommand(audit: Command): void {
  audit
    .command('init')
    .description('begin a log of events, with new keys')
    .argument('<log>', 'folder of the log')
    .requiredOption('--origin <name>', "the log's name, such as example.com/log", text('--origin'))
    .requiredOption('--keys <file>', 'where to write the signers: secret', text('--keys'))
    .requiredOption(
      '--vkeys <file>',
      'where to write the keys that verifiers pin: to publish',
      text('--vkeys'),
    )
    .option('--json', 'print JSON')
    .action(async (dir: string, flags: Flags) => {
      const { generateLogKeys } = await import('../note/signer.js');
      const { EventLog } = await import('../log/eventLog.js');
      const { signers, vkeys } = generateLogKeys(flags.origin);
      await writeNew(flags.keys, signers, 0o600);
      try {
        await writeNew(flags.vkeys, vkeys);
        await (await EventLog.create({ dir, signers })).close();
      } catch (e) {
        // Keys of no log.
        await rm(flags.keys, { force: true });
        if (!(e instanceof PotError && e.code === 'FILE_WRITE')) await rm(flags.vkeys, { force: true });
        throw e;
      }
      const summary = { log: dir, origin: flags.origin, keys: flags.keys, vkeys: flags.vkeys };
      const lines = [
        `log        ${dir}: ${flags.origin}`,
        `keys       ${flags.keys}: secret, keep it elsewhere`,
        `vkeys      ${flags.vkeys}: publish it`,
      ];
      result(summary, lines, flags.json ?? false);
    });
}

async function writeNew(path: string, lines: readonly string[], mode?: number): Promise<void> {
  await createFileAtomic(path, `${lines.join('\n')}\n`, mode).catch((cause) => {
    const there = (cause as NodeJS.ErrnoException).code === 'EEXIST';
    throw new PotError('FILE_WRITE', `${path}: ${there ? 'it is there already' : 'it cannot be written'}`, {
      cause,
    });
  });
}
