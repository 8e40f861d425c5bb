import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isPotError, PotError } from '@proof-of-training/errors';
import { type AddonFile, addonFile } from './addonFile.js';
import type { NativeExports } from './exports.js';
import { VERSION } from './version.js';
import { guarded } from './wasmError.js';

/** Why the addon cannot be used. */
type Reason = 'missing' | 'stale' | 'processor' | 'damaged' | 'disabled';

/**
 * The Node addon ({@link addonFile}), checked: before it is loaded, that its package has the version of this one; then
 * that it loads here, that this processor has its instructions, and that it was built beside the WebAssembly module of
 * this package, so that keys and proofs of the two are the same.
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
  checkVersion(file);
  let addon: NativeExports;
  let info: { asm: boolean; wasm: string };
  try {
    addon = createRequire(import.meta.url)(file.path) as NativeExports;
    info = JSON.parse(guarded(() => addon.info()));
  } catch (cause) {
    if (isPotError(cause, 'CPU_UNSUPPORTED')) throw unavailable(file, 'processor', cause.shortMessage, cause);
    if (cause instanceof Error && 'code' in cause && cause.code === 'ERR_DLOPEN_DISABLED') {
      throw unavailable(file, 'disabled', 'this process may load no addons, so no native engine', cause);
    }
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unavailable(file, 'damaged', `the native engine cannot be loaded from ${file.path}: ${why}`, cause);
  }
  const wasm = readFileSync(fileURLToPath(new URL('../wasm/pot_wasm_bg.wasm', import.meta.url)));
  if (info.wasm !== createHash('sha256').update(wasm).digest('hex')) {
    throw unavailable(file, 'stale', `${file.path} was built from another version of this package`);
  }
  return addon;
}

/** Refuses a package of another version: by what it says of itself, since code that is loaded may do anything. */
function checkVersion(file: AddonFile): void {
  if (file.manifest === undefined) return;
  let version: unknown;
  try {
    version = (JSON.parse(readFileSync(file.manifest, 'utf8')) as { version?: unknown }).version;
  } catch (cause) {
    throw unavailable(file, 'damaged', `${file.manifest} cannot be read`, cause);
  }
  if (version === VERSION) return;
  const is = typeof version === 'string' ? `is version ${version}` : 'names no version';
  throw unavailable(
    file,
    'stale',
    `${file.package} ${is}, another version than ${VERSION} of this package; it was not loaded`,
  );
}

function unavailable(file: AddonFile, reason: Reason, message: string, cause?: unknown): PotError {
  return new PotError('ENGINE_UNAVAILABLE', message, {
    details: { engine: 'native', reason, ...(file.package && { package: file.package }) },
    hint: `${whatToDo(file, reason)} Or choose wasm or auto.`,
    ...(cause !== undefined && { cause }),
  });
}

function whatToDo(file: AddonFile, reason: Reason): string {
  if (reason === 'disabled') {
    return 'Start Node without --no-addons, under its permission model with --allow-addons.';
  }
  const first = file.package && FOR_PACKAGES[reason]?.(file.package);
  const build = 'uild it in a clone of the repository (needs Rust): npx --yes pnpm@12.21.0 build:native.';
  return `${first ? `${first}; or b` : 'B'}${build}`;
}

/** What to do about a package, by reason, before one builds it for this machine. */
const FOR_PACKAGES: Readonly<Partial<Record<Reason, (name: string) => string>>> = {
  missing: (name) =>
    `Install ${name}@${VERSION} beside this package; it comes along where optional dependencies are not left out`,
  stale: (name) => `Install ${name}@${VERSION}, the version of this package`,
  damaged: (name) => `Install ${name} again, on a system with the glibc that its README names`,
};
