#!/usr/bin/env node
/**
 * Compiles contracts/ to artifacts/, the files that clients deploy from and compare chains with: one for each of CONTRACTS.
 *   node scripts/compile.mjs [--check]
 * --check compares with the files in git and fails where one differs.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { keccak256 } from 'ethers';
import { COMPILER, compile, SETTINGS } from './solc.mjs';

const CONTRACTS = ['TrainingRegistry', 'EvaluationDraws'];

const contracts = new URL('../contracts/', import.meta.url);
const names = readdirSync(contracts)
  .filter((f) => f.endsWith('.sol'))
  .sort();
const sources = Object.fromEntries(
  names.map((name) => [name, readFileSync(new URL(name, contracts), 'utf8')]),
);
const compiled = compile(sources, CONTRACTS);
for (const contract of CONTRACTS) keep(contract, compiled[contract]);

function keep(contract, { abi, bytecode, deployedBytecode }) {
  const name = `artifacts/${contract}.json`;
  const artifact = new URL(`../${name}`, import.meta.url);
  const codeHash = keccak256(deployedBytecode);
  const parts = {
    contract,
    compiler: COMPILER,
    settings: SETTINGS,
    codeHash,
    abi,
    bytecode,
    deployedBytecode,
  };
  const text = `${JSON.stringify(parts, null, 2)}\n`;
  const bytes = (deployedBytecode.length - 2) / 2;
  if (!process.argv.includes('--check')) {
    writeFileSync(artifact, text);
    console.log(`${name} written (${bytes} bytes of code)`);
  } else if (readFileSync(artifact, 'utf8') === text) {
    console.log(`${name} is up to date (${bytes} bytes of code)`);
  } else {
    console.error(`${name} is not what contracts/ compile to: node scripts/compile.mjs`);
    process.exitCode = 1;
  }
}
