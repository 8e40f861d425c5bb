#!/usr/bin/env node
/**
 * Writes packages/sgd-circuit/src/limits.ts: what the engine says of the circuit's limits (packages/sgd-circuit/rust/src/limits.rs). Run it
 * after scripts/build-wasm.sh where a limit has changed; packages/sgd-circuit/test/limits.test.ts holds the two together.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { loadProver } from '../packages/halo2-wasm/dist/index.js';

const FILE = new URL('../packages/sgd-circuit/src/limits.ts', import.meta.url);

/** The file's text for these limits, by the text that is there: what stands around the numbers stays. */
export function limitsText(limits, text = readFileSync(FILE, 'utf8')) {
  const [head] = text.split('export const LIMITS');
  const line = ([name, value]) =>
    `  ${name}: ${name.endsWith('Domain') ? `0x${value.toString(16)}` : value},`;
  return `${head}export const LIMITS = {\n${Object.entries(limits).map(line).join('\n')}\n} as const;\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(FILE, limitsText(JSON.parse((await loadProver()).limits())));
}
