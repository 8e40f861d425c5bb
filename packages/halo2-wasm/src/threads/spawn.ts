import type { Joining } from './artifact.js';

/** A worker that has joined. */
export interface Thread {
  end(): Promise<void>;
}

// The same files whether this one runs from src/ (tests) or from dist/.
const NODE_WORKER = new URL('../../dist/threads/nodeWorker.js', import.meta.url);

/** Starts a worker; resolves when it is about to wait for work. It does not keep a process alive. */
export function spawnThread(joining: Joining): Promise<Thread> {
  return typeof process === 'object' && process.versions?.node !== undefined
    ? spawnInNode(joining)
    : spawnInBrowser(joining);
}

async function spawnInNode(workerData: Joining): Promise<Thread> {
  const { Worker } = await import('node:worker_threads');
  // Not the parent's flags: `--input-type` or a loader of its own would stop the worker.
  const worker = new Worker(NODE_WORKER, { workerData, execArgv: [] });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the worker ended with code ${code}`)));
  });
  worker.unref();
  // A thread that stops says so through the memory (work.ts).
  worker.on('error', () => {});
  return {
    end: async () => {
      await worker.terminate();
    },
  };
}

async function spawnInBrowser(joining: Joining): Promise<Thread> {
  const worker = new Worker(new URL('../../dist/threads/browserWorker.js', import.meta.url), {
    type: 'module',
  });
  await new Promise<void>((resolve, reject) => {
    worker.onmessage = () => resolve();
    worker.onerror = (e) => reject(new Error(e.message || 'the worker could not be loaded'));
    worker.postMessage(joining);
  });
  worker.onerror = (e) => e.preventDefault();
  return { end: async () => worker.terminate() };
}
