/** Runs that are longer than a commitment hides its content: windows under renewed commitments, with crashes, and cheats' bundles. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkWindows, formOf } from '@proof-of-training/aggregator';
import type { AggregateFile, RunBundle } from '@proof-of-training/verifier/files';
import { aggregationPin, verifyAggregate, verifyTrainingRun } from '@proof-of-training/verifier/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { aggregateRun } from '../src/aggregate/aggregateRun.js';
import { renewedOf } from '../src/aggregate/renewed.js';
import { openRun } from '../src/aggregate/run.js';
import { applyLora } from '../src/lora/index.js';
import type { RenewalEvent } from '../src/session/renewals.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { TOY, toyData, toyModel, toyOptions } from './helpers/toy.js';

/** One shard: a window an epoch. */
const one = { data: toyData(1, TOY.batch * TOY.window), engine: 'native' as const };
const accept = { allowDevelopmentSrs: true, engine: 'native' as const };
const verify = (bundle: RunBundle) => verifyTrainingRun(bundle, accept);
const quiet = { onWarning: () => {}, engine: 'native' as const };

/** What was counted in private/, by all owners. */
function counted(dir: string): {
  shards: Record<string, number>;
  windows: number;
  bases?: Record<string, number>;
} {
  const name = readdirSync(join(dir, 'private')).find((n) => n.startsWith('uses-'));
  return JSON.parse(readFileSync(join(dir, 'private', name!), 'utf8'));
}

/** A run whose salts are good for fewer proofs than they could be. */
function lower(dir: string, limits: { maxEpochs?: number; maxWindows?: number }): void {
  const path = join(dir, 'run.json');
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...limits }));
}

describe('a run of 25 epochs', () => {
  const events: RenewalEvent[] = [];
  let bundle: RunBundle;
  let dir: string;
  beforeAll(async () => {
    const options = toyOptions({ ...one, onRenewal: (event) => events.push(event) });
    dir = options.dir;
    const session = await TrainingSession.create(options);
    await session.fit({ epochs: 25 });
    bundle = await session.finish();
  });

  it('verifies: 20 windows under the first commitment, a renewal, 5 under the next', async () => {
    const [leaf] = bundle.run.shards;
    const data = bundle.windows.map((w) => w.public.data);
    expect(new Set(data.slice(0, 20))).toEqual(new Set([leaf]));
    expect(new Set(data.slice(20)).size).toBe(1);
    expect(bundle.renewals).toHaveLength(1);
    const said = { runId: bundle.run.runId, content: 'data', before: leaf, after: data[20] };
    expect(bundle.renewals![0]).toMatchObject({ shard: 0, public: said });
    expect(counted(dir)).toEqual({ shards: { '0': 20, '0.1': 5 }, windows: 25 });
    expect(events).toMatchObject([{ shard: 0, number: 1 }]);
    const report = await verify(bundle);
    expect(report.failure).toBeUndefined();
    expect(report.proven).toMatchObject({
      windows: 25,
      epochs: 25,
      renewals: 1,
      samples: TOY.batch * TOY.window,
    });
    expect(report.checks.find((c) => c.name === 'renewals')?.detail).toMatch(/^1 renewal.*1 of 1 shard/);
  });

  it('is refused without the renewal, with one of no use, or with one whose proof is not its own', async () => {
    const [renewal] = bundle.renewals!;
    const { renewals: _, ...without } = bundle;
    const code = async (b: RunBundle) => (await verify(b)).failure?.code;
    expect(await code(without)).toBe('RUN_SCHEDULE');
    expect(await code({ ...bundle, windows: bundle.windows.slice(0, 20) })).toBe('RENEWAL_UNUSED');
    const other = { ...renewal!, proof: bundle.windows[0]!.proof };
    expect(await code({ ...bundle, renewals: [other] })).toMatch(/^VERIFY_/);
    // The proof of this renewal, said of a digest that some window shows.
    const after = bundle.windows[3]!.public.weightsOut;
    const windows = bundle.windows.map((w, n) =>
      n < 20 ? w : { ...w, public: { ...w.public, data: after } },
    );
    const moved = { ...renewal!, public: { ...renewal!.public, after } };
    expect(await code({ ...bundle, windows, renewals: [moved] })).toBe('VERIFY_DIGEST');
  });

  it('is opened for aggregates: each window under the commitment that it used', async () => {
    const renewed = renewedOf(bundle)!;
    expect(renewed.renewals.map((r) => [r.shard, r.window])).toEqual([[0, 20]]);
    const open = await openRun(bundle.run, renewed);
    expect(formOf(open)).toEqual({ renewed: true });
    expect(() => checkWindows(open, bundle.windows)).not.toThrow();
    // The windows after the renewal, said to have used what it was made of.
    const windows = bundle.windows.map((w) => ({
      ...w,
      public: { ...w.public, data: bundle.run.shards[0]! },
    }));
    expect(() => checkWindows(open, windows)).toThrow(
      expect.objectContaining({ code: 'AGGREGATE_SCHEDULE' }),
    );
    const { renewals: _, ...without } = bundle;
    await expect(aggregateRun(without)).rejects.toMatchObject({ code: 'AGGREGATE_SCHEDULE' });
  });
});

it('goes on after crashes, and uses no salt more often than it counted', async () => {
  const options = toyOptions(one);
  await (await TrainingSession.create(options)).close();
  lower(options.dir, { maxEpochs: 4 });
  // Three windows under the first commitment, then two under each.
  let session = await TrainingSession.resume(options.dir, quiet);
  await session.fit({ epochs: 3 });
  await session.step();
  await session.step();
  // Closed at once: the renewal's proof and the window's may be lost, the record is there.
  await session.close();
  const folder = `${options.dir}-copy`;
  cpSync(options.dir, folder, { recursive: true });
  for (const name of readdirSync(join(folder, 'proofs'))) {
    if (name.startsWith('renewal-') || name.startsWith('000003-')) rmSync(join(folder, 'proofs', name));
  }
  rmSync(join(folder, 'lock'), { recursive: true });
  session = await TrainingSession.resume(folder, quiet);
  await session.fit({ epochs: 3 });
  await session.close();
  session = await TrainingSession.resume(folder, quiet);
  // A window's proof is there, and its renewal's is lost: it is made again.
  const bundle = await session.finish();
  expect(bundle.windows).toHaveLength(7);
  expect(bundle.renewals).toHaveLength(2);
  expect((await verify(bundle)).failure).toBeUndefined();
  const totals: Record<string, number> = {};
  for (const { public: p } of bundle.windows) totals[p.data] = (totals[p.data] ?? 0) + 1;
  expect(Object.values(totals)).toEqual([3, 2, 2]);
  const records = readdirSync(join(folder, 'windows')).map((n) =>
    JSON.parse(readFileSync(join(folder, 'windows', n), 'utf8')),
  );
  expect(records.map((r) => r.commitment ?? 0)).toEqual([0, 0, 0, 1, 1, 2, 2]);
});

it('makes a lost renewal again although its window is proven, and refuses to finish without it', async () => {
  const options = toyOptions(one);
  await (await TrainingSession.create(options)).close();
  lower(options.dir, { maxEpochs: 3 });
  let session = await TrainingSession.resume(options.dir, quiet);
  await session.fit({ epochs: 3 });
  await session.finish();
  const lost = readdirSync(join(options.dir, 'proofs')).filter((n) => n.startsWith('renewal-'));
  expect(lost).toHaveLength(1);
  const proof = JSON.parse(readFileSync(join(options.dir, 'proofs', lost[0]!), 'utf8')).entry;
  rmSync(join(options.dir, 'proofs', lost[0]!));
  session = await TrainingSession.resume(options.dir, quiet);
  const bundle = await session.finish();
  // Blinded anew, and of the same commitments.
  expect(bundle.renewals).toMatchObject([{ public: proof.public }]);
  expect(bundle.renewals![0]!.proof).not.toBe(proof.proof);
  expect((await verify(bundle)).failure).toBeUndefined();
});

it('renews a private base, at a rate that changes, and all of it is in an aggregate', async () => {
  const model = await applyLora(toyModel(), { rank: 2, alpha: 4 });
  const learningRate = { type: 'linear', initial: 0.125, steps: 12, end: 0.0625 } as const;
  const options = toyOptions({ ...one, model, learningRate, privateBase: true });
  await (await TrainingSession.create(options)).close();
  lower(options.dir, { maxWindows: 2 });
  const session = await TrainingSession.resume(options.dir, quiet);
  await session.fit({ epochs: 3 });
  const bundle = await session.finish();
  const bases = bundle.windows.map((w) => w.public.base);
  expect(bases[0]).toBe(bundle.run.base);
  expect(new Set(bases).size).toBe(3);
  expect(bundle.renewals!.map((r) => [r.shard, r.public.before, r.public.after])).toEqual([
    [undefined, bases[0], bases[1]],
    [undefined, bases[1], bases[2]],
  ]);
  const report = await verify(bundle);
  expect(report.failure).toBeUndefined();
  expect(report.checks.find((c) => c.name === 'renewals')?.detail).toMatch(/2 renewals.*2 of the base/);

  const file = await aggregateRun(bundle, { engine: 'native', windowsPerProof: 3 });
  expect(new Set(bundle.windows.map((w) => w.public.eta)).size).toBe(3);
  expect(file.aggregate.public.eta).toBe(bundle.run.eta);
  const verified = await verifyAggregate(file, accept);
  expect(verified.failure).toBeUndefined();
  expect(verified.proven).toMatchObject({
    windows: 3,
    renewals: 2,
    weightsAfter: report.proven!.weightsAfter,
  });
  const aggregationKey = aggregationPin(file.aggregate.key.digest, file.run.keys.window);
  const code = async (change: (f: AggregateFile) => void) => {
    const other = structuredClone(file);
    change(other);
    return (await verifyAggregate(other, { ...accept, aggregationKey })).failure?.code;
  };
  expect(await code(() => {})).toBeUndefined();
  const { renewals } = file.renewed!;
  expect(await code((f) => void Object.assign(f.renewed!.renewals[1]!, { window: 1 }))).toBe('RUN_SCHEDULE');
  expect(
    await code((f) => void Object.assign(f.renewed!.renewals[1]!, { proof: renewals[0]!.proof })),
  ).toMatch(/^VERIFY_/);
  expect(await code((f) => void f.renewed!.renewals.pop())).toBe('RUN_SCHEDULE');
  expect(await code((f) => void delete f.renewed)).toBe('RUN_SCHEDULE');
  expect(await code((f) => void delete f.run.schedule)).toBe('RUN_ID');
});
