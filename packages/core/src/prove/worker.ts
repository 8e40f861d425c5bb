/** A prover's thread: started by {@link ProverPool}. Keys stay in it from task to task. */
import { workerData } from 'node:worker_threads';
import {
  asPotError,
  type BaseWitness,
  loadProver,
  type PotError,
  type Prover,
  type WindowWitness,
} from '@proof-of-training/halo2-wasm';
import { endsThread } from './crash.js';
import { ProvingKeys } from './keys.js';
import type { ProverReply, ProverResult, ProverTask, WorkerSetup, WorkerTask } from './tasks.js';

/** A prover and its keys. */
interface Held {
  prover: Prover;
  keys: ProvingKeys;
}

/** By threads. A WebAssembly prover has those that it was loaded with; a native one takes any number. */
const held = new Map<number, Promise<Held>>();

export default async function handle(task: WorkerTask): Promise<ProverReply> {
  try {
    return { ok: true, result: await perform(await proverFor(task.threads), task) };
  } catch (e) {
    const error = asPotError(e);
    // The instance is broken: it must not serve another task.
    if (endsThread(error.code)) await end(error);
    return { ok: false, error: error.toJSON() };
  }
}

/** Ends this thread; the pool reads the reason from the message. */
function end(error: PotError): Promise<never> {
  setImmediate(() => {
    throw new Error(JSON.stringify(error.toJSON()));
  });
  return new Promise(() => {});
}

async function proverFor(threads: number): Promise<Held> {
  const { engine, module, srs, keyCache } = workerData as WorkerSetup;
  const which = engine === 'native' ? 0 : threads;
  let found = held.get(which);
  if (!found) {
    found = loadProver({ engine, module, ...(engine === 'wasm' && { threads }) }).then((halo2) => {
      const prover = halo2.prover(new Uint8Array(srs), { threads });
      return { prover, keys: new ProvingKeys(prover, keyCache) };
    });
    held.set(which, found);
    found.catch(() => held.delete(which));
  }
  const { prover, keys } = await found;
  if (engine === 'native') prover.setThreads(threads);
  return { prover, keys };
}

async function perform({ prover, keys }: Held, task: ProverTask): Promise<ProverResult> {
  // Written once a task; the engine takes a text, and parses it at each call.
  const specJson = JSON.stringify(task.spec);
  switch (task.kind) {
    case 'commitWeights': {
      const [points, ms] = timed(() => prover.commitWeights(specJson, task.weights, task.salt));
      return { points, ms };
    }
    case 'commitBase': {
      const [points, ms] = timed(() => prover.commitBase(specJson, task.base, task.salt));
      return { points, ms };
    }
    case 'commitData': {
      const [points, ms] = timed(() => prover.commitData(specJson, task.x, task.y, task.salt));
      return { points, ms };
    }
    case 'vkDigest': {
      const [digest, ms] = timed(() => prover.vkDigest(specJson));
      return { digest, ms };
    }
    case 'verify': {
      const [, ms] = timed(() =>
        prover.verify(specJson, JSON.stringify(task.public), task.proof, task.transcript),
      );
      return { ms };
    }
    case 'renewal': {
      // The engine verifies it before it gives it; its key costs less than the proof.
      const [proof, ms] = timed(() =>
        prover.proveRenewal(specJson, JSON.stringify(task.public), task, task.transcript),
      );
      return { proof, ms };
    }
    case 'genesis': {
      const { key, ms: keygenMs } = await keys.ensure(task.spec, specJson);
      const publicJson = JSON.stringify(task.public);
      const { weights: w0, salt: salt0, transcript } = task;
      const [proof, ms] = timed(() =>
        prover.proveGenesis(specJson, publicJson, { w0, salt0, ...baseOf(task) }, transcript),
      );
      prover.checkOwn(specJson, publicJson, proof, transcript);
      return { proof, ms, keygenMs, key };
    }
    case 'window': {
      const { key, ms: keygenMs } = await keys.ensure(task.spec, specJson);
      const publicJson = JSON.stringify(task.public);
      const [proof, ms] = timed(() =>
        prover.proveWindow(specJson, publicJson, witnessOf(task), task.transcript),
      );
      // No proof leaves this thread that does not verify under the key it was made with.
      prover.checkOwn(specJson, publicJson, proof, task.transcript);
      return { proof, ms, keygenMs, key };
    }
  }
}

function witnessOf(task: Extract<ProverTask, { kind: 'window' }>): WindowWitness {
  return {
    w0: task.before,
    salt0: task.saltBefore,
    wK: task.after,
    saltK: task.saltAfter,
    x: task.x,
    y: task.y,
    dataSalt: task.dataSalt,
    ...(task.points && { points: task.points }),
    ...baseOf(task),
  };
}

function baseOf({ base, baseSalt }: { base?: BigInt64Array; baseSalt?: Uint8Array }): BaseWitness {
  return { ...(base && { base }), ...(baseSalt && { baseSalt }) };
}

function timed<T>(call: () => T): [T, number] {
  const start = performance.now();
  const value = call();
  return [value, performance.now() - start];
}
