/**
 * Proof on several processes, as on several machines: starts Redis and two workers, trains while they prove, kills one of them, and
 * aggregates and verifies what the other one finished. `--short`: fewer and smaller windows.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LocalCluster, QueueView } from '@proof-of-training/cluster';
import {
  type AggregateFile,
  aggregateRun,
  aggregationPin,
  isPotError,
  loadConfig,
  type PotConfig,
  type RunBundle,
  trainRun,
  verifyAggregate,
  verifyTrainingRun,
} from '@proof-of-training/core';
import * as tf from '@tensorflow/tfjs';
import { demoArguments } from 'example-digits/arguments';
import { line, title } from 'example-digits/screen';
import { killOne, takenOver } from './killing.js';
import { trainingOf } from './settings.js';

const { dir: DIR, short } = demoArguments('runs/cluster');
/** An aggregate takes 2^17 points of one string: more than the powers of a ceremony that come with the library. */
const accept = { allowDevelopmentSrs: true };

async function main(): Promise<void> {
  tf.enableProdMode();
  const begun = Date.now();
  rmSync(DIR, { recursive: true, force: true });
  mkdirSync(DIR, { recursive: true });
  title('1  A queue and two workers');
  // Said by workers: what each has proven.
  const cluster = await LocalCluster.start({
    dir: join(DIR, 'cluster'),
    workers: 2,
    onLine: (worker, text) => line(`  ${worker}  ${text}`),
  });
  try {
    for (const { name, pid } of cluster.workers) line(`  ${name} is process ${pid}`);
    const config = await loadConfig({ overrides: { prover: { ...cluster.settings } } });
    title('2  Training; the workers prove, and one of them is killed');
    const bundle = await train(cluster, config);
    title('3  The windows in one proof, made by the worker that is left');
    await aggregate(bundle, config);
  } finally {
    await cluster.close();
  }
  line(`took ${((Date.now() - begun) / 1000).toFixed(0)} s`);
}

async function train(cluster: LocalCluster, config: PotConfig): Promise<RunBundle> {
  const { queue, workerList } = cluster.settings;
  const view = await QueueView.open(queue, { workerList });
  const stop = new AbortController();
  const killing = killOne(cluster, view, stop.signal).then(async (killed) => {
    line(`  killed   ${killed.worker.name}, in the middle of window proof ${killed.statement.slice(0, 16)}`);
    const ms = await takenOver(view, killed, stop.signal);
    line(`  taken    over by another one ${(ms / 1000).toFixed(1)} s later`);
  });
  killing.catch(() => {});
  try {
    const { bundle } = await trainRun(trainingOf(short), join(DIR, 'run'), { srs: 'development', config });
    await killing;
    writeFileSync(join(DIR, 'bundle.json'), `${JSON.stringify(bundle)}\n`);
    const { ok, failure } = await verifyTrainingRun(bundle, accept);
    if (!ok) throw new Error(`the run does not verify: ${failure?.message}`);
    line(`  ok       ${bundle.windows.length} windows and the first weights are proven, and verify`);
    return bundle;
  } finally {
    stop.abort();
    await view.close();
  }
}

async function aggregate(bundle: RunBundle, config: PotConfig): Promise<void> {
  const windows = bundle.windows.slice(0, short ? 2 : undefined);
  const part = { ...bundle, windows };
  const from = Date.now();
  const file = await aggregateRun(part, { config, dir: join(DIR, 'aggregates'), windowsPerProof: 2 });
  const seconds = ((Date.now() - from) / 1000).toFixed(1);
  const key = await verified(file);
  const path = join(DIR, 'aggregate.json');
  writeFileSync(path, `${JSON.stringify(file)}\n`);
  const { firstStep, endStep } = file.aggregate.public;
  line(`  ok       steps ${firstStep} to ${endStep - 1} in one proof, made in ${seconds} s, which verifies`);
  line(`aggregation key ${key}`);
  line(`bundle    ${join(DIR, 'bundle.json')}`);
  line(`aggregate ${path}`);
}

/** Verifies it, and gives the hash that others name it by. */
async function verified(file: AggregateFile): Promise<string> {
  // Its key was derived by this very process, from the specification.
  const aggregationKey = aggregationPin(file.aggregate.key.digest, file.run.keys.window);
  const { ok, failure } = await verifyAggregate(file, { ...accept, aggregationKey });
  if (!ok) throw new Error(`the aggregate does not verify: ${failure?.message}`);
  return aggregationKey;
}

main().then(
  () => process.exit(0),
  (e: unknown) => {
    console.error(isPotError(e) ? e.message : e);
    process.exit(1);
  },
);
