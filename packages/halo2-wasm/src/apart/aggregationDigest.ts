import { asPotError, PotError } from '@proof-of-training/errors';
import { requireBytes, requireText } from '../argument.js';
import { proverModule } from '../loader.js';
import type { DigestReply, DigestRequest, DigestTask } from './request.js';

/** A thread, in Node or in a browser. */
interface Thread {
  send(task: DigestTask): void;
  end(): void;
}

/** What hears of a thread. */
interface Listener {
  message(reply: DigestReply): void;
  stopped(cause: unknown): void;
}

// The same files whether this one runs from src/ (tests) or from dist/.
const NODE_WORKER = new URL('../../dist/apart/nodeWorker.js', import.meta.url);

/**
 * Digest of the aggregation key (`Halo2.aggregation`, `info().digest`), derived by a WebAssembly instance in a thread of its
 * own: the gigabytes that it takes are given back, and where they do not suffice or it panics, no other prover is broken.
 *
 * Errors: those of `Halo2.aggregation`, `WASM_*`; `THREADS_UNAVAILABLE` where no thread can be started.
 *
 * @example
 * const digest = await aggregationDigest({ srs: srs.bytes, specJson: JSON.stringify(spec), places: 4 });
 */
export async function aggregationDigest(request: DigestRequest): Promise<string> {
  const { srs, specJson, places } = request;
  requireBytes(srs, 'aggregationDigest', 'srs');
  requireText(specJson, 'aggregationDigest', 'specJson');
  const task = { srs, specJson, places, module: await proverModule() };
  const inNode = typeof process === 'object' && process.versions?.node !== undefined;
  let thread: Thread | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      let ready = false;
      const listener: Listener = {
        message: (reply) => {
          if (reply.kind === 'done') resolve(reply.digest);
          else if (reply.kind === 'failed') reject(PotError.fromJSON(reply.error));
          else {
            ready = true;
            thread?.send(task);
          }
        },
        stopped: (cause) => reject(ready ? asPotError(cause) : unavailable(cause)),
      };
      (inNode ? startInNode(listener) : startInBrowser(listener)).then(
        (started) => {
          thread = started;
        },
        (cause) => reject(unavailable(cause)),
      );
    });
  } finally {
    thread?.end();
  }
}

function unavailable(cause: unknown): PotError {
  return new PotError(
    'THREADS_UNAVAILABLE',
    'a thread that derives the aggregation key could not be started',
    {
      cause,
      hint: 'Let the page start workers, or derive the key elsewhere and pin it (aggregationKey).',
    },
  );
}

async function startInNode({ message, stopped }: Listener): Promise<Thread> {
  const { Worker } = await import('node:worker_threads');
  // Not the parent's flags: `--input-type` or a loader of its own would stop the worker.
  const worker = new Worker(NODE_WORKER, { execArgv: [] });
  worker.on('message', message);
  worker.on('error', stopped);
  worker.on('exit', (code) => stopped(new Error(`the thread ended with code ${code}`)));
  return { send: (task) => worker.postMessage(task), end: () => void worker.terminate() };
}

async function startInBrowser({ message, stopped }: Listener): Promise<Thread> {
  const worker = new Worker(new URL('../../dist/apart/browserWorker.js', import.meta.url), {
    type: 'module',
  });
  worker.onmessage = ({ data }: MessageEvent<DigestReply>) => message(data);
  worker.onerror = (e) => {
    e.preventDefault();
    stopped(new Error(e.message || 'the thread could not be loaded'));
  };
  return { send: (task) => worker.postMessage(task), end: () => worker.terminate() };
}
