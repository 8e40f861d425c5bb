import { randomBytes } from 'node:crypto';
import { type Executor, loadProver, PotError } from '@proof-of-training/halo2-wasm';
import {
  checkpointCount,
  effectiveHyperparameters,
  inputWidth,
  outputWidth,
} from '@proof-of-training/sgd-circuit';
import { FORMAT_VERSION } from '@proof-of-training/verifier/files';
import type { Run } from '@proof-of-training/verifier/run';
import { requireStringOf, scheduleOf } from '@proof-of-training/verifier/run';
import type { LayersModel } from '@tensorflow/tfjs';
import { ShardedData } from '../dataset/shards.js';
import type { CommittedBase } from '../prove/base.js';
import type { ProofExecutor } from '../prove/executor.js';
import { startExecutor } from '../prove/queueExecutor.js';
import { chooseSrs, srsOf } from '../run/chooseSrs.js';
import { reopenBase, requireBase } from './base.js';
import type { Checkpoint } from './checkpoint.js';
import { identify } from './identify.js';
import { Journal } from './journal.js';
import type { LeaseOptions } from './lease/lease.js';
import { buildModel, loadTf } from './model.js';
import { copy } from './ofShard.js';
import type { CreateOptions, OpenOptions } from './options.js';
import { prepare } from './prepare.js';
import { Proving } from './proving.js';
import { SESSION_FORMAT, type SessionFile, type WindowRecord } from './records.js';
import { Renewals } from './renewals.js';
import { baseUses, dataUses } from './saltUses.js';

/** Everything that an open session works with. */
export interface Parts {
  file: SessionFile;
  journal: Journal;
  pool: ProofExecutor;
  proving: Proving;
  executor: Executor;
  data: ShardedData;
  /** The shards' salts. */
  salts: Uint8Array;
  model: LayersModel;
  tf: Awaited<ReturnType<typeof loadTf>>;
  /** Where the open window began. */
  start: Checkpoint;
  /** The frozen base, where the model has adapters. */
  base?: CommittedBase;
  /** The closed windows. */
  windows: WindowRecord[];
  options: OpenOptions;
}

/** Makes a new run's folder, identity and genesis proof (in the background). */
export async function openNew(options: CreateOptions): Promise<Parts> {
  const tf = await loadTf();
  const prepared = await prepare(options);
  const { window, data } = prepared;
  const srs = await chooseSrs(prepared.halo2, window.spec.shape.k, options, {
    aggregated: options.planFor === 'aggregation',
  });
  return guarded(
    await Journal.create(options.dir, leaseOptions(options)),
    srs.bytes,
    options,
    async (journal, pool) => {
      const salts = new Uint8Array(randomBytes(32 * data.shards));
      await journal.writeSalts(salts);
      await journal.writeData('x', data.x);
      await journal.writeData('y', data.y);
      if (prepared.base) await journal.writeBase(prepared.base);
      const { run, first, base } = await identify(prepared, srs, pool, salts, options);
      await journal.writeCheckpoint(0, first);
      const file = await journal.writeSession({
        format: SESSION_FORMAT,
        version: FORMAT_VERSION,
        run,
        learningRate: prepared.learningRate,
        samples: data.x.length / inputWidth(window.spec),
        maxEpochs: dataUses(window.info),
        // A private base is opened once a window, and once by the genesis proof.
        ...(options.privateBase && base && { maxWindows: baseUses(window.info) - 1 }),
        createdAt: new Date().toISOString(),
        layerNames: prepared.architecture.weights.map((w) => w.name),
      });
      const proving = startProving({ run, pool, journal, base, data, salts }, 0, options);
      proving.pushGenesis(first);
      const executor = prepared.halo2.executor(JSON.stringify(run.spec), first.weights, base?.weights);
      const { model } = options;
      return {
        file,
        journal,
        pool,
        proving,
        executor,
        data,
        salts,
        model,
        tf,
        start: first,
        ...(base && { base }),
        windows: [],
        options,
      };
    },
  );
}

/** Opens an existing run's folder and begins the proofs that are missing. */
export async function openExisting(
  dir: string,
  options: OpenOptions & { model?: LayersModel },
): Promise<Parts> {
  const tf = await loadTf();
  const journal = await Journal.open(dir, leaseOptions(options));
  try {
    const file = await journal.readSession();
    const { run } = file;
    const { spec } = run;
    const halo2 = await loadProver({ engine: options.engine });
    const srs = await srsOf(halo2, run.srs, spec.shape.k, options);
    requireStringOf(run.srs, srs);
    const windows = await journal.readWindows();
    const salts = await journal.readSalts();
    const data = new ShardedData(
      spec,
      await journal.readData('x', file.samples * inputWidth(spec)),
      await journal.readData('y', file.samples * outputWidth(spec)),
    );
    const start = await journal.readCheckpoint(windows.length, checkpointCount(spec));
    return await guarded(journal, srs.bytes, options, async (_, pool) => {
      const base = await reopenBase(journal, run, pool);
      if (options.model && base) await requireBase(options.model, spec, base.weights, 'BASE_MISMATCH');
      const frozen = base && { spec, base: base.weights };
      const optimizer = effectiveHyperparameters(spec, BigInt(run.eta));
      const model = options.model ?? buildModel(tf, spec, optimizer, file.layerNames, frozen);
      const proving = startProving({ run, pool, journal, base, data, salts }, windows.length, options);
      const executor = halo2.executor(JSON.stringify(spec), start.weights, base?.weights);
      const parts = {
        file,
        journal,
        pool,
        proving,
        executor,
        data,
        salts,
        model,
        tf,
        start,
        ...(base && { base }),
        windows,
        options,
      };
      await proveAgain(parts);
      return parts;
    });
  } catch (e) {
    await journal.release();
    throw e;
  }
}

/** Begins the proofs of closed windows that have none. */
async function proveAgain(parts: Parts): Promise<void> {
  const { journal, windows, proving, data, file } = parts;
  const { run } = file;
  const count = checkpointCount(run.spec);
  const schedule = scheduleOf(run, run.shards.length);
  const missing: WindowRecord[] = [];
  for (const record of windows) {
    if (await journal.readProof(record.window)) continue;
    const at = schedule.at(record.window);
    if (at.epoch !== record.epoch || at.shard !== record.shard) {
      throw new PotError(
        'STATE_DAMAGED',
        `window ${record.window} of the run folder is not the scheduled one`,
      );
    }
    missing.push(record);
  }
  proving.reserve(missing.map((r) => r.window));
  const genesis = !(await journal.readProof(undefined));
  const needed = new Set([windows.length, ...(genesis ? [0] : [])]);
  for (const { window } of missing) needed.add(window).add(window + 1);
  for (const index of journal.checkpoints()) if (!needed.has(index)) await journal.dropCheckpoint(index);
  await journal.dropStrays(windows.at(-1)?.generation ?? 0);
  if (genesis) proving.pushGenesis(await journal.readCheckpoint(0, count));
  if (windows.some((w) => w.commitment || w.baseCommitment)) proving.pushRenewals(windows);
  for (const { window, epoch, shard, commitment, baseCommitment } of missing) {
    await proving.push({
      window,
      epoch,
      shard,
      before: await journal.readCheckpoint(window, count),
      after: await journal.readCheckpoint(window + 1, count),
      commitment,
      baseCommitment,
      ...copy(data.shard(shard)),
    });
  }
}

function leaseOptions({ signal, onWarning = console.warn }: OpenOptions): LeaseOptions {
  return { onWarning, ...(signal && { signal }) };
}

/** Starts a pool and runs `work`; on failure ends the pool and gives the folder back. */
async function guarded(
  journal: Journal,
  srs: Uint8Array,
  options: OpenOptions,
  work: (journal: Journal, pool: ProofExecutor) => Promise<Parts>,
): Promise<Parts> {
  let pool: ProofExecutor | undefined;
  try {
    pool = await startExecutor(srs, options);
    return await work(journal, pool);
  } catch (e) {
    await pool?.destroy();
    await journal.abandon();
    await journal.release();
    throw e;
  }
}

function startProving(
  {
    run,
    pool,
    journal,
    base,
    data,
    salts,
  }: Pick<Parts, 'pool' | 'journal' | 'data' | 'salts'> & { run: Run; base: CommittedBase | undefined },
  nextWindow: number,
  options: OpenOptions,
): Proving {
  const { onProof, onRenewal, signal } = options;
  const common = { run, pool, journal, ...(base && { base }), ...(signal && { signal }) };
  return new Proving({
    ...common,
    nextWindow,
    renewals: new Renewals({ ...common, data, salts, ...(onRenewal && { onRenewal }) }),
    maxPending: options.maxPending ?? options.config?.prover.batchSize ?? pool.workers + 1,
    ...(onProof && { onProof }),
  });
}
