import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { freePort } from '../../src/local/freePort.js';

/** A Redis of a test's own: the queue is never a made-up one. */
export interface OwnRedis {
  url: string;
  /** Everything that it has on disk. */
  dir: string;
  client: Redis;
  /** Kills it, and starts it again over what it has on disk. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts Debian's redis-server. Throws with what to install where there is none. */
export async function startRedis(more: readonly string[] = []): Promise<OwnRedis> {
  if (spawnSync('redis-server', ['--version']).status !== 0)
    throw new Error('these tests need redis-server: apt-get install redis-server');
  const dir = mkdtempSync(join(tmpdir(), 'pot-redis-'));
  const port = await freePort();
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', ...more];
  const begin = (): ChildProcess => spawn('redis-server', settings, { stdio: 'ignore' });
  let server = begin();
  const kill = async () => {
    server.kill('SIGKILL');
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  };
  const client = new Redis({ port, maxRetriesPerRequest: null, retryStrategy: () => 50 });
  client.on('error', () => {});
  await client.ping();
  return {
    url: `redis://127.0.0.1:${port}`,
    dir,
    client,
    async restart() {
      await kill();
      server = begin();
      await client.ping();
    },
    async stop() {
      client.disconnect();
      await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
