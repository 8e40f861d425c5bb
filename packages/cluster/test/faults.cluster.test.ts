/** What fails between processes: workers, Redis, the network, the trainer. Real ones of each, and real proofs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { windowTask } from '../../core/test/helpers/proverTask.js';
import { PREFIX, QUEUE } from '../src/queue/names.js';
import {
  type Connected,
  connect,
  makeSite,
  proves,
  type Site,
  spawnWorker,
  until,
  type WorkerProcess,
} from './helpers/cluster.js';
import { startProxy } from './helpers/proxy.js';
import { type OwnRedis, startRedis } from './helpers/redis.js';

/** Workers killed at random moments; many by hand: POT_KILLS=200. */
const KILLS = Number(process.env.POT_KILLS ?? 3);
const POT = fileURLToPath(new URL('../../core/dist/cli/main.js', import.meta.url));
const HOUR = 3600_000;
const NAMES = ['one', 'two', 'three'] as const;

let redis: OwnRedis;
let site: Site;
let queue: Queue;
let trainer: Connected;
const workers = new Map<string, WorkerProcess>();
const warnings: string[] = [];
let seed = 100;

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always']);
  site = await makeSite(...NAMES);
  queue = new Queue(QUEUE, { connection: redis.client, prefix: PREFIX });
  trainer = await connect(redis.url, site, { warnings });
  await Promise.all([begin('one', HOUR), begin('two', -HOUR)]);
});
afterAll(async () => {
  await trainer?.executor.destroy();
  for (const { child } of workers.values()) child.kill('SIGKILL');
  await queue?.close();
  await redis?.stop();
});

/** Starts a worker, perhaps one whose clock is wrong. */
async function begin(name: string, clockMs = 0): Promise<void> {
  workers.set(name, await spawnWorker(redis.url, site, name, { clockMs }));
}
const active = (count: number) => until(async () => (await queue.getActiveCount()) >= count);
const task = () => windowTask(trainer.local, ++seed);

/** Has some windows proven, and does something meanwhile. */
async function provenDuring(count: number, what: () => Promise<unknown>, by = trainer): Promise<void> {
  const tasks = await Promise.all(Array.from({ length: count }, task));
  const proving = tasks.map((each) => by.executor.run(each));
  await Promise.all([what(), ...proving]);
  for (const [n, each] of tasks.entries()) expect(await proves(each, (await proving[n]!).proof!)).toBe(true);
}

it('proves over workers whose clocks are hours apart', async () => {
  await provenDuring(4, async () => {});
  const by = new Set((await queue.getCompleted()).map(({ processedBy }) => processedBy));
  expect(by.size).toBe(2);
  expect((await queue.getFailed()).length).toBe(0);
});

it('goes on after Redis was killed and started again', async () => {
  await provenDuring(4, async () => {
    await active(1);
    await redis.restart();
  });
});

it('goes on after its own connection was cut, and keeps other runs out of its own', async () => {
  const proxy = await startProxy(redis.url);
  const said: string[] = [];
  const other = await connect(proxy.url, site, { warnings: said });
  await Promise.all([
    provenDuring(2, async () => {}),
    provenDuring(
      2,
      async () => {
        await active(1);
        proxy.cut();
        await sleep(1500);
        proxy.mend();
      },
      other,
    ),
  ]);
  // Said once, without the address.
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^the queue cannot be reached .*trying again$/);
  await other.executor.close();
  proxy.close();
});

it('proves elsewhere what a worker had that was cut off for longer than its lease', async () => {
  await workers.get('two')!.end('SIGTERM');
  const proxy = await startProxy(redis.url);
  const cutOff = await spawnWorker(proxy.url, site, 'two');
  const all = [workers.get('one')!, cutOff];
  await provenDuring(2, async () => {
    await active(2);
    proxy.cut();
    await sleep(7000);
    proxy.mend();
  });
  expect(all.map(({ child }) => child.exitCode)).toEqual([null, null]);
  // It serves again.
  await provenDuring(4, async () => {});
  await cutOff.end('SIGTERM');
  proxy.close();
  await begin('two');
});

it(
  `loses nothing when workers are killed at ${KILLS} random moments`,
  async () => {
    await begin('three');
    for (let n = 0; n < KILLS; n++) {
      const name = NAMES[n % NAMES.length]!;
      await provenDuring(3, async () => {
        await sleep(Math.random() * 1000);
        await workers.get(name)!.end('SIGKILL');
        await begin(name);
      });
    }
    expect(warnings.filter((text) => text.includes('does not verify'))).toEqual([]);
    // Each statement once: two that were delivered twice are one.
    const done = await queue.getCompleted();
    expect(new Set(done.map(({ id }) => id)).size).toBe(done.length);
  },
  60_000 + KILLS * 30_000,
);

it('resumes a training whose process was killed, and takes the proofs that were finished meanwhile', async () => {
  writeFileSync(join(site.dir, 'data.json'), JSON.stringify(rows()));
  const settings = {
    data: { file: 'data.json' },
    layers: [{ units: 3, activation: 'softmax' }],
    loss: 'categoricalCrossentropy',
    learningRate: 0.125,
    batchSize: 4,
    window: 1,
    steps: 4,
    profile: 'compact',
  };
  writeFileSync(join(site.dir, 'config.json'), JSON.stringify(settings));
  const before = (await queue.getCompleted()).length;
  const first = pot('train', 'config.json', '--dir', 'run', '--srs', 'development');
  await until(async () => (await queue.getCompleted()).length > before);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const second = pot('train', '--resume', 'config.json', '--dir', 'run', '--srs', 'development');
  expect((await once(second, 'exit'))[0]).toBe(0);
  const bundle = JSON.parse(readFileSync(join(site.dir, 'run', 'bundle.json'), 'utf8'));
  expect(bundle.windows).toHaveLength(4);
  const checked = pot('verify', join('run', 'bundle.json'), '--allow-development-srs');
  expect((await once(checked, 'exit'))[0]).toBe(0);
  // Five proofs, each made once, however often the process was killed.
  const statements = (await queue.getCompleted()).map(({ data }) => data.statement);
  expect(new Set(statements).size).toBe(statements.length);
  expect(statements.length - before).toBe(5);
});

function rows() {
  const x = Array.from({ length: 8 }, (_, n) =>
    Array.from({ length: 6 }, (_, i) => ((n * 7 + i * 3) % 10) / 10),
  );
  const y = x.map((_, n) => [0, 1, 2].map((c) => (n % 3 === c ? 1 : 0)));
  return { x, y };
}

function pot(...args: string[]) {
  const { artefacts, workerList, dir } = site;
  const env = { ...process.env, ZK_QUEUE: redis.url, ZK_ARTEFACTS: artefacts, ZK_WORKER_LIST: workerList };
  return spawn(process.execPath, [POT, ...args], { cwd: dir, env, stdio: 'ignore' });
}
