import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PotError } from '@proof-of-training/halo2-wasm';
import { parseStrictJson } from '@proof-of-training/sgd-circuit';
import { MAX_BUNDLE_BYTES } from '@proof-of-training/verifier/files';

/** Bytes that are read at once. */
const CHUNK = 1 << 20;

/** Reads a proof file that is not too large. Errors: `FILE_READ`, `FORMAT_TOO_LARGE`. */
export async function readProofFile(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BUNDLE_BYTES) throw tooLarge(path, `${size} bytes`);
    return await bytesOf(path);
  } catch (cause) {
    if (cause instanceof PotError) throw cause;
    throw new PotError('FILE_READ', `${path} cannot be read`, { cause });
  }
}

/** No more than that are read of what says no size, or another than it has: a device, a pipe, a file that grows. */
async function bytesOf(path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of createReadStream(path, { highWaterMark: CHUNK }) as AsyncIterable<Uint8Array>) {
    size += part.length;
    if (size > MAX_BUNDLE_BYTES) throw tooLarge(path, 'more bytes than it says');
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

function tooLarge(path: string, has: string): PotError {
  return new PotError('FORMAT_TOO_LARGE', `${path} has ${has}: files up to ${MAX_BUNDLE_BYTES} are read`);
}

/** Whether a file says that it has this format: at its beginning, as all of ours do. It may still be anything. */
export function saysFormat(bytes: Uint8Array, format: string): boolean {
  return new TextDecoder().decode(bytes.subarray(0, 256)).includes(`"${format}"`);
}

/** Reads a JSON file, strictly. Errors: `FILE_READ`, `FILE_JSON`, `FORMAT_TOO_LARGE`. */
export async function readJsonFile(path: string): Promise<unknown> {
  const json = parseStrictJson(await readProofFile(path));
  if (!('problem' in json)) return json.value;
  const why = json.problem === 'duplicate' ? 'has a name twice in one object' : 'is not JSON';
  throw new PotError('FILE_JSON', `${path} ${why}`, {
    details: { problem: json.problem },
    hint: 'The file must be one JSON text in UTF-8, with no name twice and no name __proto__.',
  });
}
