/** The thread that derives a key's digest, in Node: started by startInNode.ts. */
import { parentPort } from 'node:worker_threads';
import { derive, unreadable } from './derive.js';
import type { DigestReply, DigestTask } from './request.js';

const reply = (message: DigestReply) => parentPort?.postMessage(message);

parentPort?.once('message', (task: DigestTask) => reply(derive(task)));
parentPort?.once('messageerror', () => reply(unreadable()));
reply({ kind: 'ready' });
