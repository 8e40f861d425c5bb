#!/usr/bin/env node
/**
 * Builds the Node addon of the native engine for this machine: packages/halo2-wasm/addon/pot_native.node.
 * Needs cargo (Rust 1.88 or newer) and patch; nothing else in this repository needs the addon.
 *
 *   node scripts/build-native.mjs             assembly for the field where this processor has ADX and BMI2
 *   node scripts/build-native.mjs --no-asm    without, for a processor that is older than this one
 *
 *   node scripts/build-native.mjs --features  builds nothing; prints the features that the addon has here, for cargo
 *
 * For CI, where cargo has compiled the same for its tests (scripts/pinned-rust.sh):
 *   --workspace    with cargo's features of the whole workspace, and without link-time optimisation
 *
 * The prebuilt addon for Linux on x86-64 is scripts/build-addon.sh's.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FOLDER = join(ROOT, 'packages/halo2-wasm/addon');

/** Ends with an error as a PotError prints one. */
function fail(code, message, hint) {
  console.error(`build-native: ${message}\nWhat to do: ${hint}\nCode: ${code}`);
  process.exit(1);
}

/** Runs a program; gives its status (undefined where there is no such program) and what it printed. */
function run(program, args, options = {}) {
  const { error, status, stdout } = spawnSync(program, args, {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 2 ** 28,
    ...options,
  });
  return { status: error ? undefined : status, stdout: stdout ?? '' };
}

function failed(what) {
  fail(
    'NATIVE_BUILD_FAILED',
    `${what} failed`,
    'Read the output above. The WASM engine works without the addon.',
  );
}

const unknown = process.argv
  .slice(2)
  .find((word) => !['--no-asm', '--features', '--workspace'].includes(word));
if (unknown !== undefined) {
  fail(
    'OPTION_UNKNOWN',
    `there is no option ${unknown}`,
    'Options: --no-asm; the head of this file says the others.',
  );
}
const processor = run('rustc', ['--print', 'cfg', '-Ctarget-cpu=native']).stdout.split('\n');
const asm =
  !process.argv.includes('--no-asm') &&
  processor.includes('target_arch="x86_64"') &&
  ['adx', 'bmi2'].every((feature) => processor.includes(`target_feature="${feature}"`));
const shared = process.argv.includes('--workspace');
const features = asm ? 'pot-native/asm' : '';

if (process.argv.includes('--features')) {
  console.log(features);
  process.exit();
}

for (const program of ['cargo', 'patch']) {
  if (run(program, ['--version']).status !== 0) {
    fail(
      'NATIVE_BUILD_TOOLS',
      `${program} is not installed, so the native engine cannot be built`,
      'Install Rust from https://rustup.rs (and patch from your system). Without them everything works with the WASM engine.',
    );
  }
}
if (run('bash', ['scripts/vendor.sh'], { stdio: 'inherit' }).status !== 0) failed('scripts/vendor.sh');

const wasm = readFileSync(join(ROOT, 'packages/halo2-wasm/wasm/pot_wasm_bg.wasm'));
const cargo = run(
  'cargo',
  [
    ...['build', '--locked', '--release', '--lib', '--features', features, '--message-format=json'],
    ...(shared ? ['--workspace'] : ['--package', 'pot-native']),
  ],
  {
    env: {
      ...process.env,
      // The workspace's profile has none, for the tests' sake.
      ...(!shared && { CARGO_PROFILE_RELEASE_LTO: 'thin' }),
      POT_WASM_SHA256: createHash('sha256').update(wasm).digest('hex'),
    },
  },
);
const messages = cargo.stdout
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line));
if (cargo.status !== 0) {
  // Errors alone: the vendored crates give many warnings.
  for (const { message } of messages) if (message?.level === 'error') console.error(message.rendered);
  failed('cargo build');
}
const library = messages.find((m) => m.reason === 'compiler-artifact' && m.target.name === 'pot_native')
  .filenames[0];

// Renamed into its place: a process that has the old addon open keeps it.
mkdirSync(FOLDER, { recursive: true });
const file = join(FOLDER, 'pot_native.node');
copyFileSync(library, `${file}.${process.pid}.tmp`);
renameSync(`${file}.${process.pid}.tmp`, file);
console.log(`build-native: ${file} (${asm ? 'with' : 'without'} assembly for the field)`);
