import { PotError } from '@proof-of-training/errors';
import { Decrypter, Encrypter } from 'age-encryption';
import type { Artefact, ArtefactStore } from '../artefacts/store.js';
import type { WorkerPublic } from '../identity/identity.js';
import type { RemoteTask } from './statement.js';
import { taskBytes, taskOf } from './taskBytes.js';

/** Encrypts a task to workers, and stores it. It is never on disk in clear. Errors: `CLUSTER_ARTEFACT`. */
export async function sealTask(
  store: ArtefactStore,
  task: RemoteTask,
  workers: readonly Pick<WorkerPublic, 'recipient'>[],
): Promise<Artefact> {
  const encrypter = new Encrypter();
  for (const { recipient } of workers) encrypter.addRecipient(recipient);
  return store.put(chunksOf(await encrypter.encrypt(streamOf(taskBytes(task)))));
}

/**
 * Opens what {@link sealTask} stored.
 *
 * Errors: `CLUSTER_ARTEFACT` where it is gone, too large or altered; `CLUSTER_REVOKED` where it is for other workers;
 * `CLUSTER_MESSAGE`.
 */
export async function openTask(
  store: ArtefactStore,
  { hash, bytes }: Artefact,
  identity: { decrypt: string },
): Promise<RemoteTask> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity.decrypt);
  const chunks: Uint8Array[] = [];
  try {
    const clear = await decrypter.decrypt(streamOf(store.get(hash, { maxBytes: bytes })));
    for await (const chunk of chunksOf(clear)) chunks.push(chunk);
  } catch (e) {
    if (e instanceof PotError) throw e;
    throw new PotError('CLUSTER_REVOKED', 'the witness is not for this worker, or was altered', { cause: e });
  }
  return taskOf(Buffer.concat(chunks));
}

function streamOf(chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = (
    Symbol.asyncIterator in chunks ? chunks[Symbol.asyncIterator]() : chunks[Symbol.iterator]()
  ) as AsyncIterator<Uint8Array>;
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await iterator.return?.();
    },
  });
}

/** TypeScript's streams of pages cannot be iterated. */
async function* chunksOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } finally {
    await reader.cancel();
  }
}
