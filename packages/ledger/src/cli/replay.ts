import { readFile } from 'node:fs/promises';
import { result, text, whole } from '@proof-of-training/core/cli';
import { PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import type { Replayed } from '../audit/replay.js';
import type { KnownEvent } from '../lineage/lineage.js';
import { readKeys } from './keyFiles.js';
import { withLog } from './openLog.js';

interface Flags {
  artefacts: string;
  keys?: string;
  vkeys?: string;
  runCommands?: boolean;
  waitMs?: number;
  json?: boolean;
}

/** `pot audit replay LOG`: runs recorded commands again and compares; exit code 1 where something differs. */
export function replayCommand(audit: Command): void {
  audit
    .command('replay')
    .description('run recorded commands again, in order, and say where their outputs differ')
    .argument('<log>', 'folder of the log; or, with --vkeys, an answer in which stages are disclosed')
    .requiredOption(
      '--artefacts <folder>',
      'what went into the first stages, by recorded names',
      text('--artefacts'),
    )
    .option('--keys <file>', "file of the log's signers", text('--keys'))
    .option('--vkeys <file>', 'keys that verify an answer', text('--vkeys'))
    .option(
      '--run-commands',
      "with --vkeys: run the answer's commands, which are another's, with your rights",
    )
    .option('--wait-ms <number>', 'how long to wait for another writer; default 10000', whole('--wait-ms', 0))
    .option('--json', 'print JSON')
    .action(async (place: string, flags: Flags) => {
      const results = await replayed(place, flags);
      const lines = results.map(({ index, name, result: what, why, differs }) => {
        const other = differs.map((one) => `${one.name}: ${one.recorded}, now ${one.found ?? 'not there'}`);
        return [`${index}  ${name}: ${what}`, ...(why ? [why] : []), ...other].join('; ');
      });
      result(results, lines, flags.json ?? false);
      if (results.some(({ result: what }) => what === 'different')) process.exitCode = 1;
    });
}

async function replayed(
  place: string,
  { keys, vkeys, runCommands, artefacts, ...flags }: Flags,
): Promise<Replayed[]> {
  const { replay } = await import('../audit/replay.js');
  if (keys !== undefined && vkeys === undefined) {
    const { requireFree } = await import('../taint/state.js');
    return withLog(place, { keys, ...flags }, async (log) => {
      const stages = await log.find({ type: 'stage', limit: 1_000_000 });
      return replay(stages, { artefacts, requireFree: (digest) => requireFree(log, digest) });
    });
  }
  if (vkeys === undefined || keys !== undefined)
    throw new PotError('OPTION_INVALID', 'pot audit replay needs --keys for a log, or --vkeys for an answer');
  if (!runCommands) {
    throw new PotError(
      'OPTION_INVALID',
      "the answer's commands are another's: they run with --run-commands alone",
      {
        hint: 'Look at them first, and run them where they can do no harm.',
      },
    );
  }
  const { verifyAnswer } = await import('../audit/verifyAnswer.js');
  const source = await readFile(place).catch((cause) => {
    throw new PotError('FILE_READ', `${place} cannot be read`, { cause });
  });
  const { events } = await verifyAnswer(source, { vkeys: await readKeys(vkeys) });
  return replay(events as readonly KnownEvent[], { artefacts });
}
