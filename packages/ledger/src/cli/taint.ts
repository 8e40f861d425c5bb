import { result, text, whole } from '@proof-of-training/core/cli';
import type { Command } from 'commander';
import type { Artefact } from '../artefact.js';
import { digestSchema } from '../events/digest.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  source: string;
  origin: string;
  shard?: number;
  json?: boolean;
}

/** `pot audit taint LOG ARTEFACT`: where something comes from. */
export function taintCommand(audit: Command): void {
  audit
    .command('taint')
    .description('record where something comes from; what is made of it does too')
    .argument('<log>', 'folder of the log')
    .argument('<artefact>', 'file or folder, or a digest: sha256:... or poseidon:...')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--source <name>', 'who is behind it', text('--source'))
    .requiredOption('--origin <place>', 'where it was got', text('--origin'))
    .option('--shard <number>', 'which shard of the dataset that the digest names', whole('--shard', 0))
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, what: string, flags: Flags) => {
      const { recordTaint } = await import('../taint/tag.js');
      const { source, origin, shard } = flags;
      const options = { artefact: artefactOf(what), source, origin, ...(shard !== undefined && { shard }) };
      const recorded = await withLog(dir, flags, (log) => recordTaint(log, options));
      result(recorded, [`recorded as event ${recorded.index}: ${recorded.tag.hash}`], flags.json ?? false);
    });
}

/** What a word of the command line names. */
export function artefactOf(word: string): Artefact {
  return digestSchema.safeParse(word).success ? { digest: word } : { path: word };
}
