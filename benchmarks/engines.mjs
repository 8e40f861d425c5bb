#!/usr/bin/env node
/**
 * The native engine against WebAssembly: one exact step, each measurement in a process of its own, the engines in turn so
 * that the machine's load falls on all alike. Needs the addon (pnpm build:native).
 *
 *   node benchmarks/engines.mjs [ROUNDS] [WIDTHS] [BATCH]      default: 3 '[784,128,10]' 32
 */
import { spawnSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';

const [rounds, widths, batch] = [3, [784, 128, 10], 32].map((v, i) =>
  JSON.parse(process.argv[2 + i] ?? JSON.stringify(v)),
);
const CONTESTANTS = [
  ['WebAssembly', { engine: 'wasm' }],
  ['native, 1 thread', { engine: 'native', threads: 1 }],
  [`native, ${availableParallelism()} threads`, { engine: 'native' }],
];

const load = () => loadavg()[0].toFixed(1);
console.log(`${cpus()[0].model}, ${availableParallelism()} cores, load ${load()} before`);
const results = new Map(CONTESTANTS.map(([name]) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, engine] of CONTESTANTS) results.get(name).push(measure({ batch, steps: 1, ...engine }));
}
console.log(
  `load ${load()} after. ${widths.join('-')}, batch ${batch}, one exact step, median of ${rounds}:\n`,
);
console.log('| engine | prove, s | processor, s | key, s | verify, ms | peak memory, MiB | faster |');
console.log('|---|---|---|---|---|---|---|');
const base = median(results.get('WebAssembly'), 'provingMs');
for (const [name, all] of results) {
  const of = (field, scale, digits) => (median(all, field) / scale).toFixed(digits);
  const ratio = (base / median(all, 'provingMs')).toFixed(1);
  console.log(
    `| ${name} | ${of('provingMs', 1000, 2)} | ${of('provingCpuMs', 1000, 2)} | ${of('keygenMs', 1000, 2)} | ` +
      `${of('verifyingMs', 1, 1)} | ${of('peakBytes', 2 ** 20, 0)} | ${ratio} |`,
  );
}

function measure(options) {
  const child = spawnSync(
    process.execPath,
    [fileURLToPath(new URL('prove.mjs', import.meta.url)), JSON.stringify(widths), JSON.stringify(options)],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  if (child.status !== 0) throw new Error(`prove.mjs failed for ${JSON.stringify(options)}`);
  return JSON.parse(child.stdout.trim().split('\n').at(-1));
}

function median(all, field) {
  const sorted = all.map((r) => r[field]).sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
