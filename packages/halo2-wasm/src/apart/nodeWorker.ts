/** The thread that derives a key's digest, in Node: started by aggregationDigest.ts. */
import { parentPort } from 'node:worker_threads';
import { derive } from './derive.js';
import type { DigestReply, DigestTask } from './request.js';

const reply = (message: DigestReply) => parentPort?.postMessage(message);

parentPort?.once('message', (task: DigestTask) => reply(derive(task)));
reply({ kind: 'ready' });
