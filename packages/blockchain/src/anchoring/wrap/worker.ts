/** The thread that wraps one aggregate: started by `wrapAggregate`, so that its process still answers meanwhile. */
import { parentPort, workerData } from 'node:worker_threads';
import { asPotError, loadProver } from '@proof-of-training/halo2-wasm';
import type { Wrapped, WrapReply, WrapSetup } from './messages.js';

const reply = (message: WrapReply) => parentPort?.postMessage(message);

async function wrap(): Promise<Wrapped> {
  const { srs, specJson, windowsPerProof, form, aggregateJson, threads } = workerData as WrapSetup;
  const halo2 = await loadProver({ engine: 'native' });
  const chain = halo2.onChain(new Uint8Array(srs), specJson, windowsPerProof, { threads, form });
  try {
    reply({ kind: 'keys' });
    const { proofBytes, calldata } = chain.wrap(aggregateJson);
    return { proofBytes, calldata, contract: chain.contract() };
  } finally {
    chain.free();
  }
}

wrap().then(
  (wrapped) => reply({ kind: 'done', wrapped }),
  (e: unknown) => reply({ kind: 'failed', error: asPotError(e).toJSON() }),
);
