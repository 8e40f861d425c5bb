/**
 * A model's life, recorded from download to decision and anchored on a chain; then an auditor in another folder, with the public files and
 * what was disclosed to him alone. `--short`: fewer images and a smaller network.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, LogAnchors } from '@proof-of-training/blockchain';
import { anvilAccount, startAnvil } from '@proof-of-training/blockchain/anvil';
import { isPotError } from '@proof-of-training/core';
import {
  anchorLog,
  digestOnDisk,
  disclose,
  EventLog,
  generateLogKeys,
  trace,
} from '@proof-of-training/ledger/node';
import * as tf from '@tensorflow/tfjs';
import { demoArguments } from 'example-digits/arguments';
import { line, title } from 'example-digits/screen';
import { audit } from './auditor.js';
import { decide, prepareData, train } from './pipeline.js';

const { dir: DIR, short } = demoArguments('runs/audit');
const [OWNER, AUDITOR] = [join(DIR, 'owner'), join(DIR, 'auditor')];
/** What the auditor gets besides the log's public files. */
const GIVEN = ['bundle.json', 'answers.json', 'decision.json', 'raw.json', 'prepare.mjs', 'canonicalize.tgz'];

async function main(): Promise<void> {
  tf.enableProdMode();
  const begun = Date.now();
  rmSync(DIR, { recursive: true, force: true });
  for (const folder of [OWNER, AUDITOR]) mkdirSync(folder, { recursive: true });
  const { signers, vkeys } = generateLogKeys('example.com/demo');
  const anvil = await startAnvil();
  const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
  const log = await EventLog.create({ dir: join(OWNER, 'log'), signers });
  try {
    title('1  A package is downloaded, a data file read, a stage run');
    await prepareData(log, OWNER, short ? 24 : 264);
    title('2  Training on that data, every step proven');
    const result = await train(log, OWNER, short);
    title('3  A decision: the network says what it sees, a language model what to do');
    const decision = await decide(log, OWNER, result);
    title("4  The log's root on a chain, and what the auditor is given");
    await anchorLog(log, [
      await LogAnchors.deploy({ connection, signer: anvilAccount(0, connection.provider) }),
    ]);
    const chain = await give(log, decision, connection);
    await log.close();
    title('5  The auditor, in another folder');
    await audit(AUDITOR, vkeys, chain);
    line('  note     UNDISCLOSED: the weights, the prompt, and every field that the trace did not need');
  } finally {
    await log.close();
    connection.close();
    await anvil.stop();
  }
  line();
  line(`took ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}

/** Writes what the auditor gets, under an anchored state; gives him the chain without an account. */
async function give(
  log: EventLog,
  decision: string,
  connection: Awaited<ReturnType<typeof connect>>,
): Promise<LogAnchors> {
  const [from, to] = await Promise.all([join(OWNER, 'raw.json'), decision].map(digestOnDisk));
  const answer = await trace(log, { from: from!.digest, to: to!.digest, fields: ['name'] });
  const stages = await log.find({ type: 'stage' });
  const replayable = ['type', 'time', 'name', 'command', 'inputs', 'inputNames', 'outputs', 'outputNames'];
  const shown = stages.filter(({ fields }) => fields.command !== undefined).map(({ index }) => index);
  const told = await disclose(log, shown, [...replayable, 'outcome', 'exitCode']);
  writeFileSync(join(AUDITOR, 'trace.json'), JSON.stringify(answer));
  writeFileSync(join(AUDITOR, 'stages.json'), JSON.stringify(told));
  for (const name of GIVEN) cpSync(join(OWNER, name), join(AUDITOR, name));
  const chain = await LogAnchors.deploy({ connection, signer: anvilAccount(0, connection.provider) });
  // The anchor is an event itself: the state with it, which the answers are about, is anchored too.
  await chain.anchorCheckpoint(await log.checkpoint());
  cpSync(join(OWNER, 'log/public'), join(AUDITOR, 'log'), { recursive: true });
  line(
    `  ${log.size} events; given: public files, a trace, stages, both proofs, data and program of one stage`,
  );
  const { registry } = (await chain.findCheckpoint(await log.checkpoint()))!;
  return LogAnchors.open({ connection, registry });
}

main().then(
  () => process.exit(0),
  (e: unknown) => {
    console.error(isPotError(e) ? e.message : e);
    process.exit(1);
  },
);
