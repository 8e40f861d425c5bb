import { PotError } from '@proof-of-training/errors';

/** Bytes under the SHA-256 of their content. */
export interface Artefact {
  /** 64 hex digits. */
  hash: string;
  bytes: number;
}

/**
 * Where trainer and workers hand each other what is too large for a queue, by content address: reference strings, and
 * witnesses, which are encrypted before they come here.
 *
 * @example
 * const { hash } = await store.put(chunks);
 * for await (const chunk of store.get(hash, { maxBytes: 2 ** 30 })) file.write(chunk);
 * await store.remove(hash);
 */
export interface ArtefactStore {
  /** Says which store it is: two folders of one id are one folder. */
  readonly id: string;
  /** Takes bytes in as they come. Errors: `CLUSTER_ARTEFACT`. */
  put(content: AsyncIterable<Uint8Array>): Promise<Artefact>;
  /**
   * The bytes of a name, as they are read; ends with an error where they were not those.
   *
   * Errors: `CLUSTER_ARTEFACT` where it is missing, has more than `maxBytes` or another content.
   */
  get(hash: string, options: { maxBytes: number }): AsyncIterable<Uint8Array>;
  /** Removes what nobody needs any more; nothing happens where it is gone. */
  remove(hash: string): Promise<void>;
}

/** What an artefact may have at most: 1 GiB. */
export const MAX_ARTEFACT = 2 ** 30;

/** All bytes of an artefact, checked. Errors: as of {@link ArtefactStore.get}. */
export async function readAll(store: ArtefactStore, { hash, bytes }: Artefact): Promise<Uint8Array> {
  const all = new Uint8Array(bytes);
  let at = 0;
  for await (const chunk of store.get(hash, { maxBytes: bytes })) {
    all.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytes) throw artefactError(hash, `has ${at} bytes, not ${bytes}`);
  return all;
}

export function artefactError(hash: string, what: string, cause?: unknown): PotError {
  return new PotError('CLUSTER_ARTEFACT', `artefact ${hash.slice(0, 16)} ${what}`, {
    cause,
    hint: 'See that trainer and workers have one and the same folder or bucket of artefacts, and that it has space.',
  });
}

const HASH = /^[0-9a-f]{64}$/;

/** Names are hashes, so that none leads anywhere else. Errors: `CLUSTER_ARTEFACT`. */
export function requireHash(name: string): void {
  if (!HASH.test(name)) throw artefactError('', 'has no SHA-256 as its name');
}
