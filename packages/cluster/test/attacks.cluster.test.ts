/** What holds where a worker lies, the queue loses jobs or holds nonsense, and files are altered: a real Redis, real keys, real proofs. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Job, Queue } from 'bullmq';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { windowTask } from '../../core/test/helpers/proverTask.js';
import { FolderStore } from '../src/artefacts/folderStore.js';
import { readIdentity, type WorkerIdentity } from '../src/identity/identity.js';
import { openTask } from '../src/message/seal.js';
import { BEAT_MS, PREFIX, QUEUE } from '../src/queue/names.js';
import { announce } from '../src/queue/presence.js';
import { queueState } from '../src/queue/state.js';
import { ClusterWorker, type WorkerOptions } from '../src/worker/clusterWorker.js';
import { signedResult, startAttacker } from './helpers/attacker.js';
import { type Connected, code, connect, makeSite, proves, type Site, until } from './helpers/cluster.js';
import { type OwnRedis, startRedis } from './helpers/redis.js';

let redis: OwnRedis;
let site: Site;
let queue: Queue;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  redis = await startRedis();
  queue = new Queue(QUEUE, { connection: redis.client, prefix: PREFIX });
  site = await makeSite('honest', 'liar', 'foreign');
});
beforeEach(() => site.list('honest', 'liar', 'foreign'));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await redis.client.flushall();
});
afterAll(async () => {
  await queue?.close();
  await redis?.stop();
});

async function trainer(warnings: string[] = []): Promise<Connected> {
  const connected = await connect(redis.url, site, { warnings });
  closing.push(() => connected.executor.destroy());
  return connected;
}
async function honest(more: Partial<WorkerOptions> = {}): Promise<ClusterWorker> {
  const identity = await readIdentity(site.identities.honest!);
  const options = { identity, queue: redis.url, artefacts: site.artefacts, workers: 1, ...more };
  const worker = await ClusterWorker.start(options);
  closing.push(() => worker.close({ force: true }));
  return worker;
}
async function attacker(name: string, answer: (job: Job, identity: WorkerIdentity) => unknown) {
  const made = await startAttacker(redis.url, site, name, answer);
  closing.push(() => made.close());
  return made;
}
/** The honest worker is said to be there, until the test ends, and takes nothing yet. */
async function awaited(): Promise<void> {
  const { id } = await readIdentity(site.identities.honest!);
  const { id: store } = await FolderStore.open(site.artefacts);
  const there = { id, name: 'honest', threads: 1, memoryBytes: 2 ** 40, store };
  await announce(redis.client, there);
  const beat = setInterval(() => void announce(redis.client, there).catch(() => {}), BEAT_MS);
  closing.push(async () => clearInterval(beat));
}
const waiting = () => until(async () => (await queue.getPrioritizedCount()) === 1);
const counted = async ({ executor }: Connected, name: string) =>
  Number(new RegExp(`^pot_cluster_${name} (\\d+)$`, 'm').exec(await executor.metrics.prometheus())?.[1]);

it('believes no proof that does not verify, sets its maker aside, and says so', async () => {
  const warnings: string[] = [];
  const { local, executor } = await trainer(warnings);
  const [task, other] = [await windowTask(local, 1), await windowTask(local, 2)];
  // It holds for its own statement.
  const { proof: foreign } = await local.run(other);
  const altered = foreign!.map((byte, n) => (n === 40 ? byte ^ 1 : byte));
  const first = executor.run(task);
  const liar = await attacker('liar', ({ data }, identity) =>
    signedResult(data.statement, altered, identity),
  );
  await until(() => warnings.length === 1);
  await liar.close();
  const stale = await attacker('foreign', ({ data }, by) => signedResult(data.statement, foreign!, by));
  await until(() => warnings.length === 2);
  await stale.close();
  await honest();
  const { proof } = await first;
  expect(await proves(task, proof!)).toBe(true);
  expect(warnings[0]).toMatch(/^worker liar returned a proof that does not verify/);
  expect(warnings[1]).toMatch(/^worker foreign returned/);
  expect(await executor.metrics.prometheus()).toMatch(/^pot_cluster_wrong_proofs_total\{worker="liar"\} 1$/m);
  const { reports } = await queueState(redis.url);
  expect(reports.map(({ what, worker }) => [what, worker])).toEqual([
    ['wrong proof', 'foreign'],
    ['wrong proof', 'liar'],
  ]);
  // Nothing was encrypted to them any more.
  const [last] = await queue.getCompleted();
  expect(last!.data.workers).toEqual([(await readIdentity(site.identities.honest!)).id]);
});

it('gives a revoked worker no witness, and counts nothing that it says, also in the name of another', async () => {
  const warnings: string[] = [];
  const connected = await trainer(warnings);
  const { local, executor } = connected;
  const task = await windowTask(local, 3);
  const { proof: right } = await local.run(task);
  const honestId = (await readIdentity(site.identities.honest!)).id;
  let go = () => {};
  const told = new Promise<void>((resolve) => {
    go = resolve;
  });
  const proving = executor.run(task);
  // It signs a proof that holds, after its line was struck out; then as somebody else.
  const revoked = await attacker('liar', async ({ data }, identity) => {
    await told;
    const said = signedResult(data.statement, right!, identity);
    return revoked.jobs === 1 ? said : { ...said, worker: honestId };
  });
  await until(() => revoked.jobs === 1);
  site.list('honest');
  await awaited();
  go();
  await until(async () => (await counted(connected, 'refused_results_total')) === 2);
  await revoked.close();
  await waiting();
  const [job] = await queue.getPrioritized();
  expect(job!.data.workers).toEqual([honestId]);
  const store = await FolderStore.open(site.artefacts);
  const liar = await readIdentity(site.identities.liar!);
  await expect(openTask(store, job!.data.witness, liar)).rejects.toEqual(code('CLUSTER_REVOKED'));
  await honest();
  expect(await proves(task, (await proving).proof!)).toBe(true);
  // Nobody is blamed for what somebody else said.
  expect(warnings).toEqual([]);
});

it('puts in again what the queue lost, and encrypts anew what was altered', async () => {
  const connected = await trainer();
  const { local, executor } = connected;
  await awaited();
  const proving = executor.run(await windowTask(local, 4));
  await waiting();
  await redis.client.flushall();
  await awaited();
  await waiting();
  expect(await counted(connected, 'lost_jobs_total')).toBe(1);
  const [job] = await queue.getPrioritized();
  const path = join(site.artefacts, 'objects', job!.data.witness.hash);
  writeFileSync(
    path,
    readFileSync(path).map((byte, n) => (n === 1000 ? byte ^ 1 : byte)),
  );
  await honest();
  expect((await proving).proof).toBeInstanceOf(Uint8Array);
  const failed = await queue.getFailed();
  expect(failed.map(({ failedReason }) => JSON.parse(failedReason!).code)).toEqual([
    expect.stringMatching(/^CLUSTER_(ARTEFACT|REVOKED)$/),
  ]);
  // The SRS alone is left.
  expect(readdirSync(join(site.artefacts, 'objects'))).toHaveLength(1);
});

it('goes on after messages that are none, huge ones and other versions', async () => {
  const { local, executor } = await trainer();
  const ended: (string | undefined)[] = [];
  await honest({ onJob: ({ error }) => ended.push(error) });
  const good = { version: 1, kind: 'window', statement: 'a'.repeat(64), memoryBytes: 1 };
  await queue.add('window', { hello: 'world' });
  await queue.add('window', null);
  await queue.add('window', { ...good, version: 2 });
  await queue.add('window', { ...good, workers: ['x'.repeat(2 ** 24)] });
  await until(() => ended.length === 4);
  expect(new Set(ended)).toEqual(new Set(['CLUSTER_MESSAGE']));
  // No JSON at all: nobody can even look at it.
  const { id } = await queue.add('window', {}, { delay: 100 });
  await redis.client.hset(`${PREFIX}:${QUEUE}:${id}`, 'data', '{');
  expect((await executor.run(await windowTask(local, 5))).proof).toBeInstanceOf(Uint8Array);
});

it('refuses a queue, a folder, a list and workers that cannot do, before anything is proven', async () => {
  const { client } = redis;
  const secret = 'hunter2hunter2';
  const address = new URL(redis.url);
  const refused = async (url: string) => {
    const error = await connect(url, site).catch((e) => e);
    expect(error).toEqual(code('CLUSTER_QUEUE'));
    expect(JSON.stringify([error.message, error.toJSON(), String(error.cause)])).not.toContain(secret);
    return error.message as string;
  };
  await refused(`redis://:${secret}@127.0.0.1:1`);
  await client.config('SET', 'requirepass', 'another');
  expect(await refused(`redis://:${secret}@${address.host}`)).toContain('WRONGPASS');
  await client.config('SET', 'requirepass', '');
  await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await refused(redis.url)).toContain('allkeys-lru');
  await client.config('SET', 'maxmemory-policy', 'noeviction');
  await client.set('pot-cluster:version', '2');
  expect(await refused(redis.url)).toContain('version 2');
  await client.del('pot-cluster:version');

  writeFileSync(site.workerList, '# nobody\n');
  await expect(connect(redis.url, site)).rejects.toEqual(code('CLUSTER_IDENTITY'));
  site.list('honest');
  const { local, executor } = await trainer();
  const task = await windowTask(local, 6);
  const small = await honest({ memoryBudgetMb: 1 });
  await expect(executor.run(task)).rejects.toEqual(code('CLUSTER_NO_WORKER'));
  await small.close();
  const elsewhere = await honest({ artefacts: join(site.dir, 'elsewhere') });
  await expect(executor.run(task)).rejects.toEqual(code('CLUSTER_ARTEFACT'));
  await elsewhere.close();
  await honest();
  // Redis has no memory left; then it has.
  await client.config('SET', 'maxmemory', '1');
  await expect(executor.run(task)).rejects.toEqual(code('CLUSTER_QUEUE'));
  await client.config('SET', 'maxmemory', '0');
  const wrong = { ...task, saltBefore: new Uint8Array(32) };
  const error = await executor.run(wrong).catch((e) => e);
  expect(error).toEqual(code('CLUSTER_FAILED'));
  expect(error.details.causes).toHaveLength(3);
  expect((await queueState(redis.url)).reports[0]).toMatchObject({ what: 'given up' });
  expect((await executor.run(task)).proof).toBeInstanceOf(Uint8Array);
});
