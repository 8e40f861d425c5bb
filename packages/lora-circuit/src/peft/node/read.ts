import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError, type PotErrorCode, requireText } from '@proof-of-training/halo2-wasm';
import { checkArgument } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { CONFIG_FILE, MAX_ADAPTER_BYTES, parsePeftAdapter, WEIGHTS_FILE } from '../adapter.js';
import { MAX_CONFIG_BYTES } from '../config.js';
import type { PeftAdapter } from '../types.js';

const optionsSchema = z.strictObject({ maxBytes: z.int().min(1).optional() });

export interface ReadPeftOptions {
  /** Largest weights file that is read, in bytes, up to {@link MAX_ADAPTER_BYTES}, the default. */
  maxBytes?: number;
}

/**
 * Reads the adapter in a folder: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * Errors: `PEFT_FILE_MISSING` (missing, no plain file, or not readable), `PEFT_CONFIG_TOO_LARGE`, `PEFT_TOO_LARGE`, and those
 * of {@link parsePeftAdapter}; `OPTION_INVALID`.
 *
 * @example
 * const { modules } = await readPeftAdapter('my-adapter');
 */
export async function readPeftAdapter(dir: string, options: ReadPeftOptions = {}): Promise<PeftAdapter> {
  requireText(dir, 'readPeftAdapter', 'dir');
  checkArgument(optionsSchema, options, 'readPeftAdapter', 'options');
  const limit = Math.min(options.maxBytes ?? MAX_ADAPTER_BYTES, MAX_ADAPTER_BYTES);
  const config = await readLimited(join(dir, CONFIG_FILE), MAX_CONFIG_BYTES, 'PEFT_CONFIG_TOO_LARGE');
  const weights = await readLimited(join(dir, WEIGHTS_FILE), limit, 'PEFT_TOO_LARGE');
  return parsePeftAdapter(config, weights);
}

/** A file's bytes, never more than `limit`, also where it grows meanwhile. */
async function readLimited(path: string, limit: number, code: PotErrorCode): Promise<Uint8Array> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    // Non-blocking, since opening a named pipe would wait for its writer.
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    throw missing(path, cause);
  }
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw missing(path);
    if (stat.size > limit) {
      throw new PotError(code, `${path} has ${stat.size} bytes: up to ${limit} are read`);
    }
    const bytes = new Uint8Array(stat.size);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

function missing(path: string, cause?: unknown): PotError {
  return new PotError('PEFT_FILE_MISSING', `${path} is missing or cannot be read`, {
    cause,
    hint: 'An adapter is a folder with adapter_config.json and adapter_model.safetensors; adapter_model.bin (pickle) is not read.',
  });
}
