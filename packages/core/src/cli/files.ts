import { readFile, stat } from 'node:fs/promises';
import { PotError } from 'halo2-wasm';
import { MAX_BUNDLE_BYTES } from '../bundle/schema.js';

/** Reads a proof file that is not too large. Errors: `FILE_READ`, `FORMAT_TOO_LARGE`. */
export async function readProofFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BUNDLE_BYTES) {
      throw new PotError(
        'FORMAT_TOO_LARGE',
        `${path} has ${size} bytes: files up to ${MAX_BUNDLE_BYTES} are read`,
      );
    }
    return new Uint8Array(await readFile(path));
  } catch (cause) {
    if (cause instanceof PotError) throw cause;
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  }
}

/** Whether a file says that it has this format: at its beginning, as all of ours do. It may still be anything. */
export function saysFormat(bytes: Uint8Array, format: string): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 256)).includes(`"${format}"`);
}

/** Reads a JSON file. Errors: `FILE_READ`, `FILE_JSON`. */
export async function readJsonFile(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  });
  try {
    return JSON.parse(text);
  } catch {
    throw new PotError('FILE_JSON', `${path} is not JSON`);
  }
}
