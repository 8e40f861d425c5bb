import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { PotError } from '@proof-of-training/errors';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import * as kinds from '@proof-of-training/verifier/options';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { lineOf, makeIdentity, readIdentity } from '../identity/identity.js';
import { childOf, end } from './children.js';
import { type LocalRedis, startRedis } from './redisServer.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const MAIN = fileURLToPath(new URL('../../dist/cli/workerMain.js', import.meta.url));

export interface LocalClusterOptions {
  /** Where keys, artefacts and the queue's data are. Secret: mode 0700. */
  dir: string;
  /** Processes that prove; default 2. */
  workers?: number;
  /** Proofs that each makes at once; default 1. */
  threads?: number;
  /** Threads inside each proof; default: as many as are free. */
  proofThreads?: number;
  /** Port of Redis; default: a free one. */
  port?: number;
  engine?: 'auto' | 'wasm' | 'native';
  /** What a worker prints, a line each. */
  onLine?: (worker: string, line: string) => void;
}

const localOptions = z.strictObject({
  dir: kinds.text,
  workers: kinds.whole(1, 256).optional(),
  threads: kinds.whole(1, 1024).optional(),
  proofThreads: kinds.whole(1, 1024).optional(),
  port: kinds.whole(1, 65_535).optional(),
  engine: kinds.engine.optional(),
  onLine: kinds.callback.optional(),
} satisfies ShapeFor<LocalClusterOptions>);

/** A worker in a process of its own. */
export interface LocalWorker {
  /** Its id in the queue. */
  id: string;
  name: string;
  pid: number;
  /** Sends it a signal: `SIGTERM` lets it finish what it has. */
  kill(signal?: NodeJS.Signals): void;
  /** Has ended, however. */
  ended: Promise<void>;
}

/** What a program that trains needs of it: settings of `prover`. */
export interface LocalSettings {
  queue: string;
  artefacts: string;
  workerList: string;
}

/**
 * A queue and workers on this machine alone, for trying: Redis or Valkey, and processes that prove. They end with this process.
 *
 * @example
 * const cluster = await LocalCluster.start({ dir: 'cluster', workers: 2 });
 * const config = await loadConfig({ overrides: { prover: cluster.settings } });
 * await cluster.close();
 */
export class LocalCluster implements AsyncDisposable {
  private constructor(
    readonly settings: LocalSettings,
    readonly workers: readonly LocalWorker[],
    private readonly redis: LocalRedis,
    private readonly children: readonly ChildProcess[],
  ) {}

  /** Errors: `OPTION_*`; `REDIS_MISSING`, `CLUSTER_QUEUE`, `CLUSTER_IDENTITY`; `CLUSTER_FAILED` where a worker does not begin. */
  static async start(options: LocalClusterOptions): Promise<LocalCluster> {
    checkOptions(localOptions, options, 'LocalCluster.start');
    const { workers: count = 2, port } = options;
    const dir = resolve(options.dir);
    makeFolder(dir, 0o700);
    const names = Array.from({ length: count }, (_, n) => `local-${n + 1}`);
    const lines = await Promise.all(names.map((name) => keysOf(dir, name)));
    const [artefacts, workerList] = [join(dir, 'artefacts'), join(dir, 'workers.txt')];
    await writeFileAtomic(workerList, `${lines.join('\n')}\n`);
    const redis = await startRedis(join(dir, 'redis'), port);
    const settings = { queue: redis.url, artefacts, workerList };
    const children: ChildProcess[] = [];
    try {
      const workers = await Promise.all(
        names.map(async (name) => {
          const { child, worker } = await begin(dir, name, settings, options);
          children.push(child);
          return worker;
        }),
      );
      return new LocalCluster(settings, workers, redis, children);
    } catch (e) {
      await Promise.all(children.map((child) => end(child)));
      await redis.stop();
      throw e;
    }
  }

  /** Ends the workers, which give back what they have, then Redis. */
  async close(): Promise<void> {
    await Promise.all(this.children.map((child) => end(child, 'SIGTERM')));
    await this.redis.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** A worker's keys, made where there are none. Gives its line. */
async function keysOf(dir: string, name: string): Promise<string> {
  const path = identityOf(dir, name);
  return existsSync(path) ? lineOf(await readIdentity(path)) : makeIdentity(name, path);
}

async function begin(
  dir: string,
  name: string,
  { queue, artefacts }: LocalSettings,
  { threads = 1, proofThreads, engine, onLine }: LocalClusterOptions,
): Promise<{ child: ChildProcess; worker: LocalWorker }> {
  const inside = proofThreads === undefined ? [] : ['--proof-threads', String(proofThreads)];
  const args = ['worker', '--identity', identityOf(dir, name), '--workers', String(threads), ...inside];
  const env = { ...process.env, ZK_QUEUE: queue, ZK_ARTEFACTS: artefacts };
  const child = childOf(
    spawn(process.execPath, [MAIN, ...args, ...(engine ? ['--engine', engine] : [])], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    }),
  );
  const ended = new Promise<void>((resolved) => void child.once('exit', () => resolved()));
  let last = '';
  await new Promise<void>((ready, failed) => {
    createInterface({ input: child.stderr! }).on('line', (line) => {
      last = line;
      if (line === 'ready') ready();
      else onLine?.(name, line);
    });
    void ended.then(() => failed(new PotError('CLUSTER_FAILED', `a worker ended before it began: ${last}`)));
  });
  const { id } = await readIdentity(identityOf(dir, name));
  const kill = (signal?: NodeJS.Signals) => void child.kill(signal);
  return { child, worker: { id, name, pid: child.pid!, kill, ended } };
}

function identityOf(dir: string, name: string): string {
  return join(dir, `${name}.identity`);
}

/** The settings as a file for a shell. */
export async function writeEnvironment(path: string, settings: LocalSettings): Promise<void> {
  const { queue, artefacts, workerList } = settings;
  const variables = { ZK_QUEUE: queue, ZK_ARTEFACTS: artefacts, ZK_WORKER_LIST: workerList };
  const lines = Object.entries(variables).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'\n`,
  );
  await writeFileAtomic(path, lines.join(''), 0o600);
}
