/** Proofs over a real queue, by workers in processes of their own: what holds while nobody lies. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ProverMetrics } from '@proof-of-training/core';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { genesisTask, windowTask } from '../../core/test/helpers/proverTask.js';
import { readIdentity } from '../src/identity/identity.js';
import { PREFIX, QUEUE } from '../src/queue/names.js';
import { queueState } from '../src/queue/state.js';
import { ClusterWorker } from '../src/worker/clusterWorker.js';
import {
  type Connected,
  code,
  connect,
  makeSite,
  proves,
  type Site,
  spawnWorker,
  until,
  type WorkerProcess,
} from './helpers/cluster.js';
import { type OwnRedis, startRedis } from './helpers/redis.js';

let redis: OwnRedis;
let site: Site;
let trainer: Connected;
let [one, two]: WorkerProcess[] = [];
let queue: Queue;
const warnings: string[] = [];

beforeAll(async () => {
  // It writes everything down: what is searched for must not be there.
  redis = await startRedis(['--appendonly', 'yes']);
  site = await makeSite('one', 'two', 'three');
  [one, two, trainer] = await Promise.all([
    spawnWorker(redis.url, site, 'one'),
    spawnWorker(redis.url, site, 'two'),
    connect(redis.url, site, { warnings }),
  ]);
  queue = new Queue(QUEUE, { connection: redis.client, prefix: PREFIX });
});
afterAll(async () => {
  await trainer?.executor.destroy();
  await queue?.close();
  one?.child.kill('SIGKILL');
  two?.child.kill('SIGKILL');
  await redis?.stop();
});

/** Files of a folder that hold some bytes. */
function filesWith(dir: string, bytes: Buffer): string[] {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  return files.map((f) => join(f.parentPath, f.name)).filter((path) => readFileSync(path).includes(bytes));
}
const objects = () => readdirSync(join(site.artefacts, 'objects')).length;
const active = (count: number) => until(async () => (await queue.getActiveCount()) === count);

it('keeps secrets out of the queue, the store and logs, and removes what was used', async () => {
  const { local, executor } = trainer;
  const task = await windowTask(local);
  const proving = executor.run(task);
  await active(1);
  expect(objects()).toBe(2);
  await redis.client.call('SAVE');
  const { saltBefore, saltAfter, dataSalt, before, x } = task;
  const secrets = [saltBefore, saltAfter, dataSalt, before, x].flatMap(
    ({ buffer, byteOffset, byteLength }) => {
      const raw = Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
      return [
        raw,
        ...(['hex', 'base64', 'base64url'] as const).map((form) =>
          Buffer.from(raw.toString(form).slice(0, 40)),
        ),
      ];
    },
  );
  const found = secrets.flatMap((s) => [...filesWith(redis.dir, s), ...filesWith(site.artefacts, s)]);
  expect(found).toEqual([]);
  // The search finds what is there.
  const [job] = await queue.getActive();
  expect(filesWith(redis.dir, Buffer.from(job!.data.statement)).length).toBeGreaterThan(1);
  expect(filesWith(site.artefacts, Buffer.from('age-encryption.org')).length).toBe(1);

  const { proof } = await proving;
  expect(await proves(task, proof!)).toBe(true);
  const logs = Buffer.from([...one!.said, ...two!.said].join(''));
  expect(secrets.filter((s) => logs.includes(s))).toEqual([]);
  // The SRS alone is left.
  await until(() => objects() === 1);
});

it('makes a proof once, however often and by whomever it is asked for', async () => {
  const { local, executor } = trainer;
  const task = await genesisTask(local);
  const [a, b] = await Promise.all([executor.run(task), executor.run(task)]);
  expect(await proves(task, a.proof!)).toBe(true);
  // A trainer that was killed, and comes back.
  const again = await connect(redis.url, site);
  const c = await again.executor.run(task);
  expect([b.proof, c.proof]).toEqual([a.proof, a.proof]);
  expect(await again.executor.metrics.prometheus()).toMatch(/^pot_cluster_attempts_total 0$/m);
  await again.executor.close();
});

it('gives the jobs of a killed and of a frozen worker to another one, and lets no late answer change anything', async () => {
  const { local, executor } = trainer;
  const tasks = [await windowTask(local, 2), await windowTask(local, 3)];
  const proving = tasks.map((task) => executor.run(task));
  await active(2);
  one!.child.kill('SIGSTOP');
  await two!.end('SIGKILL');
  const since = Date.now();
  const metrics = new ProverMetrics();
  const three = await ClusterWorker.start({
    identity: await readIdentity(site.identities.three!),
    queue: redis.url,
    artefacts: site.artefacts,
    workers: 1,
    metrics,
  });
  const made = await Promise.all(proving);
  // The lease is 5 s, and another second passes before one looks.
  expect(Date.now() - since).toBeLessThan(15_000);
  for (const [n, { proof }] of made.entries()) expect(await proves(tasks[n]!, proof!)).toBe(true);
  expect(await metrics.snapshot()).toMatchObject({ proofs: { succeeded: 2, failed: 0 } });

  one!.child.kill('SIGCONT');
  await one!.says('proven');
  const now = await Promise.all(tasks.map((task) => executor.run(task)));
  expect(now.map(({ proof }) => proof)).toEqual(made.map(({ proof }) => proof));
  expect((await queueState(redis.url)).jobs).toMatchObject({ active: 0, failed: 0 });

  // Drained: what was begun is finished, and the process ends well.
  const last = executor.run(await windowTask(local, 4));
  await active(1);
  await Promise.all([three.close(), one!.end('SIGTERM')]);
  expect((await last).proof).toBeInstanceOf(Uint8Array);
  expect(one!.child.exitCode).toBe(0);
  expect(warnings).toEqual([]);
});

it('begins higher priorities first, and takes back what is not wanted any more', async () => {
  const { local, executor } = trainer;
  const stop = new AbortController();
  const order: number[] = [];
  const identity = await readIdentity(site.identities.three!);
  const options = { identity, queue: redis.url, artefacts: site.artefacts, workers: 1 };
  const three = await ClusterWorker.start(options);
  const tasks = await Promise.all([5, 6, 7, 8].map((seed) => windowTask(local, seed)));
  const running = executor.run(tasks[0]!, { signal: stop.signal });
  await active(1);
  const waiting = executor.run(tasks[1]!, { signal: stop.signal });
  const done = [1, 9].map((priority, n) =>
    executor.run(tasks[n + 2]!, { priority }).then(() => order.push(priority)),
  );
  await until(async () => (await queue.getPrioritizedCount()) >= 1);
  // Both are looked at before either ends.
  const ends = [running, waiting].map((end) => expect(end).rejects.toEqual(code('PROVER_ABORTED')));
  stop.abort();
  await Promise.all(ends);
  await Promise.all(done);
  expect(order).toEqual([9, 1]);
  expect((await queueState(redis.url)).jobs).toMatchObject({ active: 0, prioritized: 0 });
  await until(() => objects() === 1);

  // Given up by force: it goes back, and the next worker has it at once.
  const last = executor.run(await windowTask(local, 9));
  await active(1);
  const since = Date.now();
  await three.close({ force: true });
  const again = await ClusterWorker.start(options);
  expect((await last).proof).toBeInstanceOf(Uint8Array);
  expect(Date.now() - since).toBeLessThan(4500);
  await again.close();
});
