import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isPotError, PotError } from '@proof-of-training/errors';
import { type AddonFile, addonFile } from './addonFile.js';
import type { NativeExports } from './exports.js';
import { guarded } from './wasmError.js';

/** Why the addon cannot be used. */
type Reason = 'missing' | 'stale' | 'processor' | 'damaged';

/**
 * The Node addon ({@link addonFile}), checked: it loads here, this processor has its instructions, and it was built
 * beside the WebAssembly module of this package, so that keys and proofs of the two are the same.
 *
 * Errors: `ENGINE_UNAVAILABLE`; its details have the reason, and `package` where it is not the one that was built here.
 */
export async function loadAddon(): Promise<NativeExports> {
  const file = addonFile();
  if (file.path === undefined) {
    const installed = file.package ? `, and ${file.package} is not installed` : '';
    throw unavailable(
      file,
      'missing',
      `the native engine is not built: there is no ${file.built}${installed}`,
    );
  }
  let addon: NativeExports;
  let info: { asm: boolean; wasm: string };
  try {
    addon = createRequire(import.meta.url)(file.path) as NativeExports;
    info = JSON.parse(guarded(() => addon.info()));
  } catch (cause) {
    if (isPotError(cause, 'CPU_UNSUPPORTED')) throw unavailable(file, 'processor', cause.shortMessage, cause);
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unavailable(file, 'damaged', `the native engine cannot be loaded from ${file.path}: ${why}`, cause);
  }
  const wasm = readFileSync(fileURLToPath(new URL('../wasm/pot_wasm_bg.wasm', import.meta.url)));
  if (info.wasm !== createHash('sha256').update(wasm).digest('hex')) {
    throw unavailable(file, 'stale', `${file.path} was built from another version of this package`);
  }
  return addon;
}

function unavailable(file: AddonFile, reason: Reason, message: string, cause?: unknown): PotError {
  const first = file.package && FOR_PACKAGES[reason]?.(file.package);
  const build = 'uild it in a clone of the repository (needs Rust): npx --yes pnpm@12.21.0 build:native.';
  return new PotError('ENGINE_UNAVAILABLE', message, {
    details: { engine: 'native', reason, ...(file.package && { package: file.package }) },
    hint: `${first ? `${first}; or b` : 'B'}${build} Or choose wasm or auto.`,
    ...(cause !== undefined && { cause }),
  });
}

/** What to do about a package, by reason, before one builds it for this machine. */
const FOR_PACKAGES: Readonly<Partial<Record<Reason, (name: string) => string>>> = {
  missing: (name) => `Install ${name}, which comes along where optional dependencies are not left out`,
  stale: (name) => `Install ${name} in the version of this package`,
  damaged: (name) => `Install ${name} again, on a system with the glibc that its README names`,
};
