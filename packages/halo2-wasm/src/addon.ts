import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isPotError, PotError } from '@proof-of-training/errors';
import type { NativeExports } from './exports.js';
import { guarded } from './wasmError.js';

/** Why the addon cannot be used. */
type Reason = 'missing' | 'stale' | 'processor' | 'damaged';

/**
 * The Node addon that `pnpm build:native` made, checked: it loads here, this processor has its instructions, and it was
 * built beside the WebAssembly module of this package, so that keys and proofs of the two are the same.
 *
 * Errors: `ENGINE_UNAVAILABLE`, with the reason in its details.
 */
export async function loadAddon(): Promise<NativeExports> {
  const beside = (path: string) => fileURLToPath(new URL(path, import.meta.url));
  const file = beside('../addon/pot_native.node');
  if (!existsSync(file)) throw unavailable('missing', `the native engine is not built: there is no ${file}`);
  let addon: NativeExports;
  let info: { asm: boolean; wasm: string };
  try {
    addon = createRequire(import.meta.url)(file) as NativeExports;
    info = JSON.parse(guarded(() => addon.info()));
  } catch (cause) {
    if (isPotError(cause, 'CPU_UNSUPPORTED')) throw unavailable('processor', cause.shortMessage, cause);
    throw unavailable('damaged', `the native engine cannot be loaded from ${file}`, cause);
  }
  const wasm = createHash('sha256').update(readFileSync(beside('../wasm/pot_wasm_bg.wasm')));
  if (info.wasm !== wasm.digest('hex')) {
    throw unavailable('stale', 'the native engine was built from another version of this package');
  }
  return addon;
}

function unavailable(reason: Reason, message: string, cause?: unknown): PotError {
  return new PotError('ENGINE_UNAVAILABLE', message, {
    details: { engine: 'native', reason },
    hint: 'Build it here (needs Rust): npx --yes pnpm@12.21.0 build:native. Or choose wasm or auto.',
    ...(cause !== undefined && { cause }),
  });
}
