/** One thread of a prover, in Node: started by spawnInNode.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Joining } from './artifact.js';
import { work } from './work.js';

work(workerData as Joining, () => parentPort?.postMessage('ready'));
