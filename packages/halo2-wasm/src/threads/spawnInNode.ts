import { Worker } from 'node:worker_threads';
import type { Joining } from './artifact.js';
import type { Thread } from './thread.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const NODE_WORKER = new URL('../../dist/threads/nodeWorker.js', import.meta.url);

/** Starts a worker; resolves when it is about to wait for work. It does not keep a process alive. */
export async function spawnThread(workerData: Joining): Promise<Thread> {
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
