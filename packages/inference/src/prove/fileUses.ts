import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { createFileAtomic, makeFolder } from '@proof-of-training/halo2-wasm/node';
import { exhausted, requireCount, USES_OF_A_RUN, type UseCounter } from './uses.js';

/**
 * A count on disk: a folder with one file a proof, each made by one process alone. Keep it beside the opening, and move or copy both
 * together: a copy of the opening without the folder counts from the beginning.
 *
 * @param folder made where it is not there; `used`: proofs before the first of these, those of the run included
 * @example
 * const uses = fileUses('runs/digits/opening.json.uses');
 */
export function fileUses(folder: string, used = USES_OF_A_RUN): UseCounter {
  if (typeof folder !== 'string' || folder === '') {
    throw new PotError('OPTION_INVALID', "fileUses: folder must be a folder's path", {
      details: { option: 'folder' },
    });
  }
  requireCount(used, 'fileUses');
  return {
    async take(most) {
      const count = await counted(folder, used, most).catch((cause) => {
        throw new PotError('FILE_WRITE', `${folder}: proofs cannot be counted there`, { cause });
      });
      if (count === undefined) throw exhausted(most);
      return count;
    },
  };
}

/** Proofs before the one that is counted now; undefined where there were `most`. Errors: those of the file system. */
async function counted(folder: string, used: number, most: number): Promise<number | undefined> {
  makeFolder(folder, 0o700);
  for (let count = used + (await readdir(folder)).filter(isUse).length; count < most; count++) {
    if (await created(join(folder, `${count + 1}.use`))) return count;
  }
  return undefined;
}

const isUse = (name: string) => /^[1-9][0-9]*\.use$/.test(name);

/** False where another process was first. */
async function created(path: string): Promise<boolean> {
  try {
    await createFileAtomic(path, '', 0o600);
    return true;
  } catch (e) {
    if ((e as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw e;
  }
}
