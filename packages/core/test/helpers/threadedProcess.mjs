/** A process that uses a prover with threads, in its main thread or in a worker, closes it or not, and must end. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { loadProver } from '@proof-of-training/halo2-wasm';

const where = process.argv[2] ?? workerData;
if (where === 'worker' && isMainThread) {
  new Worker(new URL(import.meta.url), { workerData: 'worker', argv: ['worker'] });
} else {
  const halo2 = await loadProver({ engine: 'wasm', threads: 2 });
  halo2.srsDevelopment(8);
  console.log(`threads ${halo2.threads}, string made`);
  if (where === 'closed') await halo2.close();
}
