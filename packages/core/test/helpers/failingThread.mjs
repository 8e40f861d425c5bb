/** One more thread of a prover's memory, which soon fails: what a worker does where its work ends with an exception. */
import { parentPort, workerData } from 'node:worker_threads';
import * as glue from '../../../halo2-wasm/wasm-threads/pot_wasm.js';

glue.initSync(workerData);
parentPort.postMessage('ready');
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
glue.failThread(JSON.stringify({ code: 'TEST_FAILURE', message: 'a thread failed on purpose' }));
