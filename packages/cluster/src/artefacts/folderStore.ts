import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { createFileAtomic, makeFolder } from '@proof-of-training/halo2-wasm/node';
import { type Artefact, type ArtefactStore, artefactError, MAX_ARTEFACT, requireHash } from './store.js';

/**
 * Artefacts as files of a folder that all machines share.
 *
 * @example
 * const store = await FolderStore.open('/mnt/shared/artefacts');
 * for await (const chunk of store.get(hash, { maxBytes: 2 ** 20 })) console.log(chunk.length);
 */
export class FolderStore implements ArtefactStore {
  private constructor(
    private readonly dir: string,
    readonly id: string,
  ) {}

  /**
   * Opens a folder, which is made where it is not there.
   *
   * Errors: `CLUSTER_ARTEFACT` where it cannot be written.
   *
   * @example
   * const store = await FolderStore.open('/mnt/shared/artefacts');
   */
  static async open(dir: string): Promise<FolderStore> {
    const path = join(dir, 'store');
    try {
      makeFolder(join(dir, 'objects'));
      // The first one names the folder; the others read its name.
      await createFileAtomic(path, randomBytes(16).toString('hex')).catch((e: NodeJS.ErrnoException) => {
        if (e.code !== 'EEXIST') throw e;
      });
      return new FolderStore(dir, (await readFile(path, 'utf8')).slice(0, 32));
    } catch (cause) {
      throw new PotError('CLUSTER_ARTEFACT', `the folder of artefacts ${dir} cannot be used`, {
        cause,
        hint: 'Give a folder that this process may write, the same on all machines.',
      });
    }
  }

  async put(content: AsyncIterable<Uint8Array>): Promise<Artefact> {
    const temporary = join(this.dir, 'objects', `.${randomBytes(8).toString('hex')}`);
    const hash = createHash('sha256');
    let bytes = 0;
    try {
      const file = await open(temporary, 'wx', 0o644);
      try {
        for await (const chunk of content) {
          bytes += chunk.length;
          if (bytes > MAX_ARTEFACT) throw artefactError('', `has more than ${MAX_ARTEFACT} bytes`);
          hash.update(chunk);
          await writeAll(file, chunk);
        }
      } finally {
        await file.close();
      }
      const name = hash.digest('hex');
      await rename(temporary, this.pathOf(name));
      return { hash: name, bytes };
    } catch (e) {
      await rm(temporary, { force: true });
      if (e instanceof PotError) throw e;
      throw artefactError('', 'cannot be written', e);
    }
  }

  async *get(name: string, { maxBytes }: { maxBytes: number }): AsyncIterable<Uint8Array> {
    const path = this.pathOf(name);
    const size = await stat(path).then(
      (s) => s.size,
      (e) => {
        throw artefactError(name, 'is not there', e);
      },
    );
    if (size > maxBytes) throw artefactError(name, `has ${size} bytes, more than ${maxBytes}`);
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of createReadStream(path)) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > maxBytes) throw artefactError(name, `has more than ${maxBytes} bytes`);
      hash.update(chunk as Uint8Array);
      yield chunk as Uint8Array;
    }
    if (hash.digest('hex') !== name) throw artefactError(name, 'has another content than its name says');
  }

  async remove(name: string): Promise<void> {
    await rm(this.pathOf(name), { force: true });
  }

  private pathOf(name: string): string {
    requireHash(name);
    return join(this.dir, 'objects', name);
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}
