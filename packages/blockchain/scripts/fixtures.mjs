#!/usr/bin/env node
/**
 * Makes test/fixtures/: a small real run (run.json), and proofs.json, real proofs with the wrapper's public inputs, of a circuit that takes milliseconds, and
 * that circuit's verifier contract. Needs Rust.
 *   pnpm build && node packages/blockchain/scripts/fixtures.mjs
 * The statements but those of the real run follow from names by SHA-256.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fixtureRun } from './fixtureRun.mjs';
import { compileVerifier } from './solc.mjs';

const R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001n;

const hex = (x) => `0x${BigInt(x).toString(16).padStart(64, '0')}`;
const digest = (name) => hex(BigInt(`0x${createHash('sha256').update(name).digest('hex')}`) % R);

/** Steps of one aggregate. */
const STEPS = 32n;

function statement(run, name, { first, end, from, to, eta = 1311n, root, base = 0n, depth = 6n }) {
  return {
    name: `${run}/${name}`,
    aggregate: [
      digest(`${run} run id`),
      hex(eta),
      hex(first),
      hex(end),
      from,
      to,
      root ?? digest(`${run} data`),
      digest(`${run}/${name} schedule`),
      hex(base),
      hex(depth),
    ],
  };
}

/** Aggregate `i` of a run's chain; `changed` fields make it one that the registry must refuse. */
function link(run, i, changed = {}, name = String(i)) {
  const at = (step) => (step === 0n ? digest(`${run} genesis`) : digest(`${run} weights ${step}`));
  const first = BigInt(i) * STEPS;
  const end = first + STEPS;
  return statement(run, name, { first, end, from: at(first), to: at(end), ...changed });
}

const weights = (run, step) => digest(`${run} weights ${step}`);
const out = [];
for (let i = 0; i < 6; i++) out.push(link('main', i));
for (let i = 0; i < 4; i++) out.push(link('other', i));
for (let i = 0; i < 100; i++) out.push(link(`many${i}`, 0));
out.push(
  // Two continuations of the same anchor.
  link('main', 1, { to: digest('main fork') }, '1-fork'),
  // The whole run so far, where a part of it is anchored already.
  link('main', 0, { end: 3n * STEPS, to: weights('main', 3n * STEPS) }, 'whole'),
  link('main', 1, { first: STEPS - 8n }, 'overlap'),
  link('main', 1, { from: digest('elsewhere') }, 'other-weights'),
  link('main', 1, { eta: 1312n }, 'other-rate'),
  link('main', 1, { root: digest('other data') }, 'other-data'),
  link('main', 1, { depth: 7n }, 'other-depth'),
  link('main', 1, { base: 5n }, 'other-base'),
  link('main', 1, { end: STEPS }, 'empty'),
  link('main', 1, { end: STEPS - 1n }, 'backwards'),
  link('main', 1, { end: 1n << 53n }, 'endless'),
  link('main', 1, { to: hex(R - 1n) }, 'largest'),
);
// A real run, and a third aggregate of it that used other shards than the schedule names.
const { aggregates, ...description } = await fixtureRun();
for (const [i, aggregate] of aggregates.entries()) out.push({ name: `run/${i}`, aggregate });
out.push({ name: 'run/other-order', aggregate: aggregates[1].with(7, digest('another order')) });

const made = JSON.parse(
  execFileSync('cargo', ['run', '--locked', '--release', '--quiet', '-p', 'pot-chain-fixtures'], {
    cwd: fileURLToPath(new URL('../../..', import.meta.url)),
    input: JSON.stringify(out),
    stdio: ['pipe', 'pipe', 'inherit'],
    maxBuffer: 64 << 20,
  }).toString(),
);
const { bytecode, deployedBytecode } = compileVerifier(made.solidity);
const fixture = { ...made, verifier: { bytecode, deployedBytecode } };
save('proofs.json', fixture);
save('run.json', description);

function save(name, value) {
  const file = new URL(`../test/fixtures/${name}`, import.meta.url);
  writeFileSync(file, `${JSON.stringify(value, null, 1)}\n`);
}
