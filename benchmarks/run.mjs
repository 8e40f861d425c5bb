#!/usr/bin/env node
/**
 * Speed and memory of proving in WebAssembly, one thread. `--large` adds a million weights (minutes, 3 GB);
 * `--accuracy` adds exact mode against float32 tfjs, and what tolerance mode makes of real steps (minutes).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { row } from './lib.mjs';

const has = (flag) => process.argv.includes(flag);

function measure(script, ...args) {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawnSync(process.execPath, [path, ...args.map((a) => JSON.stringify(a))], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (child.status !== 0) throw new Error(`${script} failed`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1));
}
const prove = (widths, options) => measure('prove.mjs', widths, options);

console.log('Proving and verifying, WebAssembly, one thread');
const single32 = prove([784, 128, 10], { batch: 32, steps: 1 });
console.log(row('784-128-10, batch 32, 1 step', single32));
const single8 = prove([784, 128, 10], { batch: 8, steps: 1 });
console.log(row('784-128-10, batch 8, 1 step', single8));
const window8 = prove([784, 128, 10], { batch: 8, steps: 8 });
console.log(row('784-128-10, batch 8, window of 8', window8));
const small = prove([16, 16, 4], { batch: 4, steps: 1, profile: 'compact' });
console.log(row('16-16-4, batch 4, compact', small));
if (has('--large'))
  console.log(row('1000-1000-10, batch 8, 1 step', prove([1000, 1000, 10], { batch: 8, steps: 1 })));

const ratio = window8.provingCpuMs / (8 * single8.provingCpuMs);
console.log(
  `\nA step in a window of 8 costs ${(100 * ratio).toFixed(0)} % of a step alone, by processor time (wanted: at most 50 %)`,
);
console.log(
  `Verification: ${small.verifyingMs.toFixed(0)} ms (small) to ${window8.verifyingMs.toFixed(0)} ms (window of 8)`,
);

const steps = measure('executor.mjs');
console.log(`\nOne step at 784-128-10, batch 32 (median):`);
for (const [name, ms] of Object.entries(steps)) console.log(`  ${name.padEnd(10)} ${ms.toFixed(2)} ms`);

if (has('--accuracy')) {
  console.log('\nAccuracy, exact mode against float32 tfjs, same order of batches:');
  for (const r of measure('accuracy.mjs')) {
    const [exact, float, difference] = [r.exact, r.float, r.difference].map((v) => v.toFixed(2));
    console.log(
      `  ${r.name.padEnd(36)} exact ${exact}  float32 ${float}  difference ${difference}  (${r.unit})`,
    );
  }
  console.log('\nTolerance mode: real float32 steps, before proving:');
  for (const r of measure('tolerance.mjs')) {
    console.log(`  ${r.name.padEnd(48)} ${r.result}`);
  }
}
