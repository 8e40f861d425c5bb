/** One more thread of a prover's memory, which fails at once. */
import { workerData } from 'node:worker_threads';
import * as glue from '../../../halo2-wasm/wasm-threads/pot_wasm.js';

glue.initSync(workerData);
glue.failThread(JSON.stringify({ code: 'TEST_FAILURE', message: 'a thread failed on purpose' }));
