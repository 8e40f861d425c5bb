import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError, requireText } from '@proof-of-training/halo2-wasm';
import { makeFolder, writeFileAtomic } from '@proof-of-training/halo2-wasm/node';
import { checkArgument } from '@proof-of-training/sgd-circuit';
import { z } from 'zod';
import { CONFIG_FILE, serialisePeftAdapter, WEIGHTS_FILE } from '../adapter.js';
import type { PeftAdapter } from '../types.js';

const optionsSchema = z.strictObject({ overwrite: z.boolean().optional() });

export interface WritePeftOptions {
  /** Replace an adapter that is in the folder already. */
  overwrite?: boolean;
}

/**
 * Writes an adapter's two files into a folder, which is made if it is not there.
 *
 * Both or none: after an error the folder holds what it held before. A process that dies in between leaves the old
 * adapter, the new one, or weights without a configuration, which PEFT and {@link readPeftAdapter} refuse; never one's
 * weights with the other's configuration. An adapter that was being replaced is then beside them, in hidden files `*.old`.
 *
 * Errors: `PEFT_EXISTS` and those of {@link serialisePeftAdapter}, before anything is written; `PEFT_WRITE_FAILED`; `OPTION_INVALID`.
 *
 * @example
 * await writePeftAdapter('my-adapter', createPeftAdapter({ modules, baseModel: 'me/base' }));
 */
export async function writePeftAdapter(
  dir: string,
  adapter: PeftAdapter,
  options: WritePeftOptions = {},
): Promise<void> {
  requireText(dir, 'writePeftAdapter', 'dir');
  checkArgument(optionsSchema, options, 'writePeftAdapter', 'options');
  const { overwrite = false } = options;
  const { config, weights } = serialisePeftAdapter(adapter);
  // Moved away in this order: without its configuration, an adapter cannot be read.
  const existing = [CONFIG_FILE, WEIGHTS_FILE].filter((name) => existsSync(join(dir, name)));
  if (existing.length > 0 && !overwrite) {
    throw new PotError('PEFT_EXISTS', `${join(dir, existing[0]!)} exists`, {
      hint: 'Write into another folder, or ask for it to be overwritten.',
    });
  }
  const old = (name: string) => join(dir, `.${name}.${suffix}.old`);
  const suffix = randomBytes(6).toString('hex');
  const undo: (() => Promise<void>)[] = [];
  try {
    makeFolder(dir);
    for (const name of existing) {
      await rename(join(dir, name), old(name));
      undo.unshift(() => rename(old(name), join(dir, name)));
    }
    await writeFileAtomic(join(dir, WEIGHTS_FILE), weights);
    undo.unshift(() => rm(join(dir, WEIGHTS_FILE), { force: true }));
    await writeFileAtomic(join(dir, CONFIG_FILE), config);
  } catch (cause) {
    // One that fails, on a broken disk, must not keep the others from being tried, nor hide the cause.
    for (const step of undo) await step().catch(() => {});
    throw new PotError('PEFT_WRITE_FAILED', `the adapter could not be written to ${dir}`, {
      cause,
      ...(existing.length > 0 && {
        hint: 'Files .*.old in the folder, if there are any, are the old adapter.',
      }),
    });
  }
  // The new adapter is written; a hidden copy of the old one that stays is no failure of that.
  for (const name of existing) await rm(old(name), { force: true }).catch(() => {});
}
