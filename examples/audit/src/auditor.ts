/** What an auditor finds out who has public files, published keys and what the owner gave him, and nothing else. */
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPotError, verifyTrainingRun } from '@proof-of-training/core';
import { verifyInference } from '@proof-of-training/inference';
import {
  type AnchorChain,
  digestOnDisk,
  folderSource,
  mirrorLog,
  PublicLog,
  replay,
  requireAnchored,
  verifyAnswer,
} from '@proof-of-training/ledger/node';
import { line } from 'example-digits/screen';

/** Everything in `dir`: log/, trace.json, stages.json, bundle.json, answers.json, decision.json, raw.json, prepare.mjs, canonicalize.tgz. */
export async function audit(dir: string, vkeys: readonly string[], chain: AnchorChain): Promise<void> {
  await mirrorLog(folderSource(join(dir, 'log')), { dir: join(dir, 'mirror'), vkeys });
  const log = await PublicLog.open(folderSource(join(dir, 'mirror/public')), { vkeys });
  await log.verify();
  line(
    `  ok       the log verifies: ${log.checkpoint.size} entries, of which the public files have hashes alone`,
  );
  await tracedBack(dir, vkeys, chain);
  await replayed(dir, vkeys);
  await tampered(dir, vkeys);
}

async function tracedBack(dir: string, vkeys: readonly string[], chain: AnchorChain): Promise<void> {
  const found = await verifyAnswer(readFileSync(join(dir, 'trace.json')), { vkeys });
  const { path } = found.answer as { path: { index: number; type: string; output: string }[] | null };
  const [raw, decision] = [await digestOf(dir, 'raw.json'), await digestOf(dir, 'decision.json')];
  const asked = found.question as { from: string; to: string };
  if (!path || asked.from !== raw || asked.to !== decision)
    throw new Error('the decision cannot be traced back');
  for (const { index, type } of path) {
    const { fields } = found.events.find((event) => event.index === index)!;
    line(`  ok       event ${index}  ${type}${fields.name ? ` ${fields.name}` : ''}`);
  }
  const [anchor] = await requireAnchored(found.checkpoint, [chain], { confirmations: 1 });
  line(
    `  ok       all of it is in a state of the log that chain ${anchor!.chainId} has since ${anchor!.time}`,
  );
  const files = found.events.map(({ fields }) => fields.file);
  const proofs = [await digestOf(dir, 'bundle.json'), await digestOf(dir, 'answers.json')];
  if (!proofs.every((digest) => files.includes(digest)))
    throw new Error('the proofs are others than recorded');
  const bundle = JSON.parse(readFileSync(join(dir, 'bundle.json'), 'utf8'));
  const run = await verifyTrainingRun(bundle);
  const answers = JSON.parse(readFileSync(join(dir, 'answers.json'), 'utf8'));
  const inference = await verifyInference(answers, { run: bundle });
  if (!run.ok || !inference.ok) throw new Error('a proof does not hold');
  line(
    `  ok       PROVEN: ${bundle.windows.length} windows from data to weights, and the answer of those weights`,
  );
  line('  note     DECLARED: the stages, by their owner; one of them is replayed now');
}

async function replayed(dir: string, vkeys: readonly string[]): Promise<void> {
  const { events } = await verifyAnswer(readFileSync(join(dir, 'stages.json')), { vkeys });
  const stages = events.filter(({ fields }) => fields.name === 'prepare');
  const [result] = await replay(stages, { artefacts: dir });
  if (result?.result !== 'same') throw new Error(`the stage comes out differently: ${result?.why ?? ''}`);
  line(`  ok       stage prepare, run again from what it read, gives the same data, byte by byte`);
}

/** Copies with one thing changed each: all must be refused. */
async function tampered(dir: string, vkeys: readonly string[]): Promise<void> {
  const copy = join(dir, 'tampered');
  cpSync(join(dir, 'log'), copy, { recursive: true });
  const { size } = (await PublicLog.open(folderSource(copy), { vkeys })).checkpoint;
  const bundle = join(copy, `tile/entries/000.p/${size}`);
  writeFileSync(bundle, readFileSync(bundle).fill(7, 40, 41));
  await refused('a copy of the log with one byte changed', async () => {
    await (await PublicLog.open(folderSource(copy), { vkeys })).verify();
  });
  await refused('the same copy, by a mirror', async () => {
    await mirrorLog(folderSource(copy), { dir: join(dir, 'other-mirror'), vkeys });
  });
  const answer = JSON.parse(readFileSync(join(dir, 'trace.json'), 'utf8'));
  answer.answer.path.splice(1, 1);
  await refused('a trace with a step left out', () => verifyAnswer(JSON.stringify(answer), { vkeys }));
}

async function refused(what: string, work: () => Promise<unknown>): Promise<void> {
  const error = await work().then(
    () => undefined,
    (e: unknown) => e,
  );
  if (!isPotError(error)) throw new Error(`${what} was accepted`, { cause: error });
  line(`  refused  ${what}\n           ${error.shortMessage} [${error.code}]`);
}

async function digestOf(dir: string, name: string): Promise<string> {
  return (await digestOnDisk(join(dir, name))).digest;
}
