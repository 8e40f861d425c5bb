import { Worker } from 'node:worker_threads';
import type { DigestThread, Listener } from './thread.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const NODE_WORKER = new URL('../../dist/apart/nodeWorker.js', import.meta.url);

/** Starts a thread that derives a digest; throws where this process may start none. */
export function startDigestThread({ message, stopped }: Listener): DigestThread {
  // Not the parent's flags: `--input-type` or a loader of its own would stop the worker.
  const worker = new Worker(NODE_WORKER, { execArgv: [] });
  worker.on('message', message);
  worker.on('messageerror', stopped);
  worker.on('error', stopped);
  worker.on('exit', (code) => stopped(new Error(`the thread ended with code ${code}`)));
  return { send: (task) => worker.postMessage(task), end: () => void worker.terminate() };
}
