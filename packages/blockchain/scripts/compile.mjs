#!/usr/bin/env node
/**
 * Compiles contracts/ to artifacts/TrainingRegistry.json, the file that the client deploys from and compares chains with.
 *   node scripts/compile.mjs [--check]
 * --check compares with the file in git and fails where it differs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { keccak256 } from 'ethers';
import { COMPILER, compile, SETTINGS } from './solc.mjs';

const contracts = new URL('../contracts/', import.meta.url);
const artifact = new URL('../artifacts/TrainingRegistry.json', import.meta.url);

const names = readdirSync(contracts)
  .filter((f) => f.endsWith('.sol'))
  .sort();
const sources = Object.fromEntries(
  names.map((name) => [name, readFileSync(new URL(name, contracts), 'utf8')]),
);
const { TrainingRegistry } = compile(sources, ['TrainingRegistry']);
const text = `${JSON.stringify(
  {
    contract: 'TrainingRegistry',
    compiler: COMPILER,
    settings: SETTINGS,
    codeHash: keccak256(TrainingRegistry.deployedBytecode),
    ...TrainingRegistry,
  },
  null,
  2,
)}\n`;

const bytes = (TrainingRegistry.deployedBytecode.length - 2) / 2;
if (process.argv.includes('--check')) {
  if (readFileSync(artifact, 'utf8') !== text) {
    console.error(
      'artifacts/TrainingRegistry.json is not what contracts/ compile to: node scripts/compile.mjs',
    );
    process.exit(1);
  }
  console.log(`artifacts/TrainingRegistry.json is up to date (${bytes} bytes of code)`);
} else {
  writeFileSync(artifact, text);
  console.log(`artifacts/TrainingRegistry.json written (${bytes} bytes of code)`);
}
