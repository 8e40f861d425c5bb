/** The thread that aggregates: started by {@link AggregationThread}. It keeps one circuit and its key. */
import { parentPort, workerData } from 'node:worker_threads';
import { type Aggregation, asPotError } from '@proof-of-training/halo2-wasm';
import { proverWithThreads } from './engine.js';
import type { Reply, Request, Started, ThreadSetup } from './messages.js';

let made: Promise<Aggregation> | undefined;

function aggregation(): Promise<Aggregation> {
  const { srs, specJson, places, engine, threads } = workerData as ThreadSetup;
  made ??= proverWithThreads(engine, threads).then((halo2) =>
    halo2.aggregation(new Uint8Array(srs), specJson, places, { threads }),
  );
  return made;
}

async function answer(request: Request): Promise<unknown> {
  const own = await aggregation();
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
