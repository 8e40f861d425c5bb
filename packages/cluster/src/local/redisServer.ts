import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { PotError } from '@proof-of-training/errors';
import { makeFolder } from '@proof-of-training/halo2-wasm/node';
import { Redis } from 'ioredis';
import { childOf, end } from './children.js';
import { freePort } from './freePort.js';

const PROGRAMS = ['redis-server', 'valkey-server'];
const START_MS = 10_000;

/** A Redis of this process' own, on this machine alone. */
export interface LocalRedis {
  /** With its password. */
  url: string;
  pid: number;
  stop(): Promise<void>;
}

/**
 * Starts Redis or Valkey on a free port of this machine, with a password that no list of processes shows. What it holds is kept in
 * `dir`.
 *
 * Errors: `REDIS_MISSING` where neither is installed; `CLUSTER_QUEUE` where it does not start.
 */
export async function startRedis(dir: string, port?: number): Promise<LocalRedis> {
  const program = PROGRAMS.find((name) => spawnSync(name, ['--version']).status === 0);
  if (!program) {
    throw new PotError('REDIS_MISSING', 'neither redis-server nor valkey-server is installed', {
      hint: 'apt-get install redis-server (brew install redis), or give the address of one that runs: ZK_QUEUE.',
    });
  }
  makeFolder(dir, 0o700);
  const password = randomBytes(24).toString('base64url');
  const own = port ?? (await freePort());
  // Its settings come over its standard input: arguments would be in every list of processes.
  const child = childOf(spawn(program, ['-'], { stdio: ['pipe', 'ignore', 'ignore'] }));
  const settings = {
    port: own,
    bind: '127.0.0.1',
    dir: JSON.stringify(dir),
    requirepass: password,
    'maxmemory-policy': 'noeviction',
    appendonly: 'yes',
    save: '""',
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
  child.stdin!.end(lines.join(''));
  const url = `redis://:${password}@127.0.0.1:${own}`;
  await answers(url, child);
  return { url, pid: child.pid!, stop: () => end(child) };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  redis.on('error', () => {});
  try {
    for (const until = Date.now() + START_MS; ; await sleep(50)) {
      const up = await redis.connect().then(
        () => true,
        () => false,
      );
      if (up) return;
      if (child.exitCode !== null || Date.now() > until) break;
    }
  } finally {
    redis.disconnect();
  }
  await end(child);
  throw new PotError('CLUSTER_QUEUE', 'Redis does not start here', {
    hint: 'See that its port is free and that its folder can be written.',
  });
}
