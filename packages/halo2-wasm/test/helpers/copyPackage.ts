import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = fileURLToPath(new URL('../..', import.meta.url));

/** This package without an addon in a folder of its own, as it is installed without Rust and optional dependencies. */
export function copyPackage(): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'pot-package-'));
  for (const part of ['dist', 'wasm', 'wasm-threads', 'package.json']) {
    cpSync(join(PACKAGE, part), join(folder, part), { recursive: true });
  }
  // What it imports, as an installation has it.
  const beside = join(folder, 'node_modules/@proof-of-training/errors');
  for (const part of ['dist', 'package.json']) {
    cpSync(join(PACKAGE, '../errors', part), join(beside, part), { recursive: true });
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
