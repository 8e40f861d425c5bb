import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beatPath } from './claim.js';

// The same file whether this one runs from src/ (tests) or from dist/.
const FILE = fileURLToPath(new URL('../../../dist/session/lease/beatThread.js', import.meta.url));

/** Begins an owner's heartbeat. It does not keep the process alive. Gives what ends it. */
export async function startHeartbeat(
  dir: string,
  generation: number,
  beatMs: number,
): Promise<() => Promise<void>> {
  const path = beatPath(dir, generation);
  await writeFile(path, '0\n');
  const worker = new Worker(FILE, { workerData: { path, beatMs }, execArgv: [], env: {} });
  // Without a heartbeat others may take the run; then the next write says so.
  worker.on('error', () => {});
  worker.unref();
  return async () => {
    await worker.terminate();
  };
}
