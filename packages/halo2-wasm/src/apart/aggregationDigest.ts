import { asPotError, PotError } from '@proof-of-training/errors';
import { mayLackFiles, startDigestThread } from '#platform';
import { formJson } from '../aggregateForm.js';
import { requireArgument, requireBytes, requireText, requireWhole } from '../argument.js';
import { proverModule } from '../loader.js';
import type { DigestRequest, DigestTask } from './request.js';
import type { DigestThread, Listener } from './thread.js';

/**
 * Digest of the aggregation key (`Halo2.aggregation`, `info().digest`), derived by a WebAssembly instance in a thread of its
 * own: the gigabytes that it takes are given back, and where they do not suffice or it panics, no other prover is broken.
 *
 * Errors: those of `Halo2.aggregation`, `WASM_*`; `OPTION_INVALID`; `PROVER_FAILED` where the thread ended before it was
 * done; `THREADS_UNAVAILABLE` where none could be started, with `details.reason`: `none` where there can be none here,
 * `failed` where one was made and did not begin.
 *
 * @param signal ends the thread; the digest is then rejected with its reason
 *
 * @example
 * const digest = await aggregationDigest({ srs: srs.bytes, specJson: JSON.stringify(spec), places: 4 });
 */
export async function aggregationDigest(request: DigestRequest, signal?: AbortSignal): Promise<string> {
  const { srs, specJson, places, form } = request;
  requireBytes(srs, 'aggregationDigest', 'srs');
  requireText(specJson, 'aggregationDigest', 'specJson');
  requireWhole(places, 'aggregationDigest', 'places');
  formJson(form, 'aggregationDigest');
  const right = signal === undefined || signal instanceof AbortSignal;
  requireArgument(right, 'aggregationDigest', 'signal', 'be an AbortSignal', signal);
  const task = { srs, specJson, places, form, module: await proverModule() };
  signal?.throwIfAborted();
  let thread: DigestThread | undefined;
  let abort: (() => void) | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      abort = () => reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      thread = started(listener(task, () => thread, resolve, reject));
    });
  } finally {
    if (abort) signal?.removeEventListener('abort', abort);
    thread?.end();
  }
}

function started(listener: Listener): DigestThread {
  try {
    return startDigestThread(listener);
  } catch (cause) {
    throw unavailable('none', cause);
  }
}

/** Sends the thread its task once it is ready, and settles the digest with what it answers. */
function listener(
  task: DigestTask,
  thread: () => DigestThread | undefined,
  resolve: (digest: string) => void,
  reject: (error: PotError) => void,
): Listener {
  let ready = false;
  return {
    message: (reply) => {
      if (reply.kind === 'done') return resolve(reply.digest);
      if (reply.kind === 'failed') return reject(PotError.fromJSON(reply.error));
      ready = true;
      // Nobody hears what is thrown here: it runs in the thread's own event.
      try {
        thread()?.send(task);
      } catch (e) {
        reject(asPotError(e));
      }
    },
    stopped: (cause) =>
      reject(ready ? asPotError(cause) : unavailable(mayLackFiles ? 'none' : 'failed', cause)),
  };
}

function unavailable(reason: 'none' | 'failed', cause: unknown): PotError {
  return new PotError(
    'THREADS_UNAVAILABLE',
    'a thread that derives the aggregation key could not be started',
    {
      cause,
      details: { reason },
      hint: 'Let the page start workers and load their files, or derive the key elsewhere and pin it (aggregationKey).',
    },
  );
}
