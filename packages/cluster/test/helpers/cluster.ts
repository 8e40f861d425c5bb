import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ProverPool, type ProverTask } from '@proof-of-training/core';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { expect } from 'vitest';
import { tinySpecs } from '../../../core/test/helpers/proverTask.js';
import { makeIdentity } from '../../src/identity/identity.js';
import { connectQueue } from '../../src/submit/connectQueue.js';
import type { QueueExecutor } from '../../src/submit/queueExecutor.js';

const POT = fileURLToPath(new URL('../../../core/dist/cli/main.js', import.meta.url));

/** A folder for a test, with a list of workers in it. */
export interface Site {
  dir: string;
  artefacts: string;
  workerList: string;
  /** Files of the workers' keys, by name. */
  identities: Record<string, string>;
  /** Lists these workers, and no others. */
  list(...names: string[]): void;
}

/** Makes keys of workers, and lists them all. */
export async function makeSite(...names: string[]): Promise<Site> {
  const dir = mkdtempSync(join(tmpdir(), 'pot-cluster-'));
  const identities: Record<string, string> = {};
  const lines: Record<string, string> = {};
  for (const name of names) {
    identities[name] = join(dir, `${name}.identity`);
    lines[name] = await makeIdentity(name, identities[name]);
  }
  const workerList = join(dir, 'workers.txt');
  const list = (...some: string[]) =>
    writeFileSync(workerList, `${some.map((name) => lines[name]).join('\n')}\n`);
  list(...names);
  return { dir, artefacts: join(dir, 'artefacts'), workerList, identities, list };
}

/** A trainer: what it proves with, and its own threads. */
export interface Connected {
  executor: QueueExecutor;
  local: ProverPool;
}

/** A trainer's executor over a queue, with the SRS of the tiny circuits. */
export async function connect(
  url: string,
  { artefacts, workerList }: Pick<Site, 'artefacts' | 'workerList'>,
  { warnings = [], holdMs }: { warnings?: string[]; holdMs?: number } = {},
): Promise<Connected> {
  const { srs } = await tinySpecs();
  const local = await ProverPool.start({ srs, workers: 1 });
  const queue = { url, artefacts, workerList };
  const onWarning = (message: string) => void warnings.push(message);
  const executor = await connectQueue({ local, srs, queue, onWarning }, { ...(holdMs && { holdMs }) });
  return { executor, local };
}

/** A worker in a process of its own, as its owner starts it; `said` grows with what it prints. */
export interface WorkerProcess {
  child: ChildProcess;
  said: string[];
  /** Waits until it has printed this. */
  says(part: string): Promise<void>;
  /** Ends it, and waits until it has ended. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

export async function spawnWorker(
  url: string,
  site: Site,
  name: string,
  { clockMs = 0 }: { clockMs?: number } = {},
): Promise<WorkerProcess> {
  const args = [...shifted(clockMs), POT, 'worker', '--identity', site.identities[name]!, '--workers', '1'];
  const env = { ...process.env, ZK_QUEUE: url, ZK_ARTEFACTS: site.artefacts };
  const child = spawn(process.execPath, args, { env, cwd: site.dir });
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => said.push(String(text)));
  const exited = once(child, 'exit');
  const worker = {
    child,
    said,
    async says(part: string) {
      while (!said.join('').includes(part)) {
        if (child.exitCode !== null) throw new Error(`the worker ended: ${said.join('')}`);
        await new Promise((r) => setTimeout(r, 20));
      }
    },
    async end(signal: NodeJS.Signals = 'SIGTERM') {
      child.kill(signal);
      await exited;
    },
  };
  await worker.says('ready');
  return worker;
}

/** Arguments of Node for a process whose clock goes wrong by so much. */
function shifted(ms: number): string[] {
  if (ms === 0) return [];
  const text = `const now = Date.now, D = Date; globalThis.Date = class extends D {
    constructor(...a) { a.length ? super(...a) : super(now() + ${ms}); } static now() { return now() + ${ms}; } };`;
  return ['--import', `data:text/javascript,${encodeURIComponent(text)}`];
}

/** A proof of the tiny circuit that its own commitments are made for. */
export async function proves(task: Tiny, proof: Uint8Array): Promise<boolean> {
  const prover = (await loadProver()).prover((await tinySpecs()).srs);
  try {
    return prover.verify(JSON.stringify(task.spec), JSON.stringify(task.public), proof).ok;
  } finally {
    prover.free();
  }
}

/** Waits until `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((r) => setTimeout(r, 10));
}

export const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });

type Tiny = Extract<ProverTask, { kind: 'window' | 'genesis' }>;
