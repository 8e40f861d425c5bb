import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';

const PLATFORMS: Record<string, string> = {
  'linux-x64': 'linux-amd64',
  'linux-arm64': 'linux-arm64',
  'darwin-x64': 'darwin-amd64',
  'darwin-arm64': 'darwin-arm64',
  'win32-x64': 'win32-amd64',
};

/**
 * Path of Anvil's program: `POT_ANVIL`, else the npm package's. The program itself and not the package's launcher, so
 * that a signal ends the chain and not only its launcher.
 *
 * Errors: `ANVIL_MISSING`.
 *
 * @example
 * const program = anvilBinary();
 */
export function anvilBinary(): string {
  if (process.env.POT_ANVIL) return process.env.POT_ANVIL;
  const platform = PLATFORMS[`${process.platform}-${process.arch}`];
  const file = process.platform === 'win32' ? 'anvil.exe' : 'anvil';
  try {
    const require = createRequire(import.meta.url);
    const launcher = createRequire(require.resolve('@foundry-rs/anvil/package.json'));
    return join(dirname(launcher.resolve(`@foundry-rs/anvil-${platform}/package.json`)), 'bin', file);
  } catch (cause) {
    throw new PotError('ANVIL_MISSING', 'Anvil is not installed', {
      cause,
      hint: 'Install the npm package @foundry-rs/anvil with its optional dependencies, or name the program in POT_ANVIL.',
    });
  }
}
