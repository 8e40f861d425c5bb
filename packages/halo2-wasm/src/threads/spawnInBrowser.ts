import type { Joining } from './artifact.js';
import type { Thread } from './thread.js';

/** Starts a worker; resolves when it is about to wait for work. */
export async function spawnThread(joining: Joining): Promise<Thread> {
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
