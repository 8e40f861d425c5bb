import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { result, text } from '@proof-of-training/core/cli';
import { isPotError, PotError } from '@proof-of-training/errors';
import type { Command } from 'commander';
import { eventText } from '../events/kinds.js';
import { readKeys } from './keyFiles.js';
import { several } from './run.js';

interface Flags {
  vkeys: string;
  known?: string[];
  json?: boolean;
}

/** What was verified, and what it says in lines. */
interface Found {
  what: string;
  value: object;
  lines: string[];
}

/** `pot audit verify TARGET`: a log, a disclosure, an answer, a record or a report of a fork, offline; exit code 1 where it does not hold. */
export function verifyCommand(audit: Command): void {
  audit
    .command('verify')
    .description(
      'verify a whole log (its public files, or their address), a .tlog-proof, an answer, a record or a report of a fork',
    )
    .argument('<target>', 'folder, address or file')
    .requiredOption('--vkeys <file>', 'the keys that you pinned', text('--vkeys'))
    .option('--known <file>', 'a checkpoint that the log must continue; may be repeated', several)
    .option('--json', 'print JSON')
    .action(async (target: string, flags: Flags) => {
      const vkeys = await readKeys(flags.vkeys);
      const known = await Promise.all((flags.known ?? []).map(read)).then((all) => all.map(String));
      try {
        const { what, value, lines } = await verified(target, vkeys, known);
        result({ ok: true, what, ...value }, [...lines, 'VERIFIED'], flags.json ?? false);
      } catch (e) {
        // A wrong option or a file that is not there says nothing of the target.
        if (!isPotError(e) || ['FILE_READ', 'OPTION_INVALID', 'LEDGER_SOURCE'].includes(e.code)) throw e;
        const lines = [`REFUSED: ${e.shortMessage} [${e.code}]`];
        result({ ok: false, failure: e.toJSON() }, lines, flags.json ?? false);
        process.exitCode = 1;
      }
    });
}

async function verified(target: string, vkeys: string[], known: string[]): Promise<Found> {
  const { fetchSource, folderSource, PublicLog } = await import('../node.js');
  if (/^https?:\/\//.test(target))
    return wholeLog(await PublicLog.open(fetchSource(target), { vkeys, known }));
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) {
    const root = existsSync(join(target, 'public')) ? join(target, 'public') : target;
    return wholeLog(await PublicLog.open(folderSource(root), { vkeys, known }));
  }
  if (known.length > 0) throw new PotError('OPTION_INVALID', '--known says nothing about a single file');
  const source = await read(target);
  if (source.toString('latin1', 0, 32).startsWith('c2sp.org/tlog-proof')) return disclosure(source, vkeys);
  if (source.toString('latin1', 0, 64).includes('proof-of-training/ledger-fork')) return fork(source, vkeys);
  return source.toString('latin1', 0, 64).includes('"zkproof"')
    ? record(source, vkeys)
    : answer(source, vkeys);
}

async function wholeLog(log: {
  verify(): Promise<void>;
  checkpoint: { origin: string; size: number };
}): Promise<Found> {
  await log.verify();
  const { origin, size } = log.checkpoint;
  return { what: 'log', value: { origin, size }, lines: [`log ${origin}: ${size} entries`] };
}

async function disclosure(source: Buffer, vkeys: string[]): Promise<Found> {
  const { keyRing, verifyDisclosure } = await import('../node.js');
  const { index, fields, withheld, origin, checkpoint } = verifyDisclosure(source, keyRing({ vkeys }));
  const shown = Object.entries(fields).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  const lines = [`event ${index} of ${origin} (${checkpoint.size} entries): ${eventText(fields)}`, ...shown];
  lines.push(`withheld: ${withheld.join(', ') || 'nothing'}`);
  return { what: 'disclosure', value: { origin, size: checkpoint.size, index, fields, withheld }, lines };
}

async function answer(source: Buffer, vkeys: string[]): Promise<Found> {
  const { verifyAnswer } = await import('../audit/verifyAnswer.js');
  const {
    question,
    answer: said,
    complete,
    origin,
    checkpoint,
    events,
  } = await verifyAnswer(source, { vkeys });
  const value = { origin, size: checkpoint.size, question, answer: said, complete };
  const all = complete
    ? 'all entries of the log are shown'
    : `${events.length} events are shown, others are not`;
  const shown = events.map(({ index, fields }) => `${index}  ${fields.time ?? ''}  ${eventText(fields)}`);
  const lines = [`${question.kind} of ${origin} (${checkpoint.size} entries): ${all}`, ...shown];
  return { what: 'answer', value, lines: [...lines, JSON.stringify(said)] };
}

async function fork(source: Buffer, vkeys: string[]): Promise<Found> {
  const { verifyFork } = await import('../node.js');
  const { origin, sizes } = verifyFork(source, { vkeys });
  const line = `the log ${origin} has signed two histories, of ${sizes.join(' and of ')} entries`;
  return { what: 'fork', value: { origin, sizes }, lines: [line] };
}

async function record(source: Buffer, vkeys: string[]): Promise<Found> {
  const { verifyRecords } = await import('../node.js');
  const [found] = verifyRecords([source], { vkeys });
  const { valid, failure, fields = {}, index } = found!;
  if (!valid) throw PotError.fromJSON(failure!);
  const { event, chain } = found!.record.zkproof;
  const lines = [`record of event ${index} (${chain.block_height} entries): ${eventText(fields)}`];
  return { what: 'record', value: { index, event, chain }, lines };
}

async function read(path: string): Promise<Buffer> {
  return readFile(path).catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
}
