import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import type { PackageOptions } from '../record/package/record.js';
import { type LogFlags, withLog } from './openLog.js';

interface Flags extends LogFlags {
  to: string;
  integrity?: string;
  file?: string;
  registry?: string;
  requireSignature?: boolean;
  requireProvenance?: boolean;
  json?: boolean;
}

/** `pot audit package LOG npm:NAME@VERSION`: downloads a package and records it. */
export function packageCommand(audit: Command): void {
  audit
    .command('package')
    .description('download a package of npm or PyPI, verify what its registry says of it, and record it')
    .argument('<log>', 'folder of the log')
    .argument('<package>', 'npm:NAME@VERSION or pypi:NAME@VERSION')
    .requiredOption('--keys <file>', "file of the log's signers", text('--keys'))
    .requiredOption('--to <folder>', 'where to write the file', text('--to'))
    .option('--integrity <hash>', 'what the file must be: sha512-... or sha256:...', text('--integrity'))
    .option('--file <name>', 'which file of the release (PyPI)', text('--file'))
    .option('--registry <address>', 'another registry', text('--registry'))
    .option('--require-signature', "refuse it without the registry's signature")
    .option('--require-provenance', 'refuse it without attestations')
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (dir: string, word: string, flags: Flags) => {
      const { recordPackage } = await import('../record/package/record.js');
      const options = { ...named(word), ...optionsOf(flags) };
      const found = await withLog(dir, flags, (log) => recordPackage(log, options));
      const line = `recorded as event ${found.index}: ${found.path}, ${found.digest}, provenance ${found.provenance}`;
      result(found, [line], flags.json ?? false);
    });
}

function named(word: string): Pick<PackageOptions, 'ecosystem' | 'name' | 'version'> {
  const [, ecosystem, name, version] = /^(npm|pypi):(.+)@([^@]+)$/.exec(word) ?? [];
  if (name && version) return { ecosystem: ecosystem as 'npm' | 'pypi', name, version };
  throw new PotError('OPTION_INVALID', 'a package is named npm:NAME@VERSION or pypi:NAME@VERSION');
}

function optionsOf({ to, integrity, file, registry, ...flags }: Flags) {
  const wanted = [
    ...(flags.requireSignature ? (['signature'] as const) : []),
    ...(flags.requireProvenance ? (['provenance'] as const) : []),
  ];
  return {
    to,
    require: wanted,
    ...(integrity !== undefined && { integrity }),
    ...(file !== undefined && { file }),
    ...(registry !== undefined && { registry }),
  };
}
