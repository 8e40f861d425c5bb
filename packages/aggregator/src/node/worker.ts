/** The thread that aggregates: started by {@link AggregationThread}. It keeps one circuit and its key. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Aggregation, asPotError, loadProver, loadWithThreads } from '@proof-of-training/halo2-wasm';
import type { Reply, Request, Started, ThreadSetup } from './messages.js';

let made: Promise<Aggregation> | undefined;

async function make(): Promise<Aggregation> {
  const { srs, specJson, places, form, engine, threads } = workerData as ThreadSetup;
  // A native prover is told with each circuit, and may have more.
  const halo2 = await (engine === 'native' ? loadProver({ engine }) : loadWithThreads({ engine, threads }));
  return halo2.aggregation(new Uint8Array(srs), specJson, places, { threads, form });
}

async function answer(request: Request): Promise<unknown> {
  made ??= make();
  const own = await made;
  switch (request.kind) {
    case 'start':
      return { info: own.info(), key: own.key() } satisfies Started;
    case 'prove':
      return own.prove(request.previous, request.members);
    case 'verify':
      return own.verify(request.aggregate);
  }
}

parentPort?.on('message', (request: Request) => {
  const { id } = request;
  const reply = (message: Reply) => parentPort?.postMessage(message);
  answer(request).then(
    (value) => reply({ id, ok: true, value }),
    (e: unknown) => reply({ id, ok: false, error: asPotError(e).toJSON() }),
  );
});
