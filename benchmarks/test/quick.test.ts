/** Which cases the quick tier has, and that they end within ten minutes by what stored reports say of them. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { allJobs } from './helpers/run.js';

const RESULTS = new URL('../results/', import.meta.url);

/** One of each kind. What is added here must be paid for by the sum below. */
const QUICK = [
  'prove/32-24-8/b8/k1/compact/wasm',
  'prove/32-24-8/b8/k1/compact/wasm-threads',
  'prove/32-24-8/b8/k1/compact/native',
  'prove/32-24-8/b8/k1/default/native',
  'prove/128-72-10/b8/k1/default/native',
  'prove/128-72-10/b8/k1/compact/native',
  'prove/784-128-10/b32/k1/default/wasm-threads',
  'prove/784-128-10/b32/k1/default/native',
  'prove/784-128-10/b8/k1/default/wasm',
  'prove/784-128-10/b8/k1/default/native',
  'prove/784-128-10/b8/k8/default/native',
  'prove/784-128-10/b8/k32/default/native',
  'prove/1000-1000-10/b8/k1/default/native',
  'prove/16-16-4/b4/k1/compact/native',
  'prove/128-72-10/b8/k8/default/native',
  'prove/128-72-10/b8/k1/default/c1/native',
  'prove/784-128-10/b8/k1/default/c1/native',
  'pool/128-72-10/1/short',
  'pool/128-72-10/2/short',
  'executor',
  'ezkl/960',
  'statement/960/native',
  'statement/8832/native',
  'lora/local/768-768/r8/b8/k1/default/wasm-threads',
  'lora/local/768-768/r8/b8/k1/default/native',
  'lora/local/768-768/r8/b8/k1/compact/native',
  'lora/small/64-64/r4/b1/k1/default/native',
  'lora/small/64-64/r4/b1/k1/compact/native',
  'lora/mlp/1000-1000-10/r8/b8/k16/default/native',
  'lora/local-adamw/768-768/r8/b8/k1/default/native',
  'accuracy/short',
  'lora/batch/layers/native',
  'lora/batch/steps/native',
  'aggregate/16-16-4/b4/k1/w4/m2/native',
];

/** Seconds that each case took in the stored reports of two idle cores, start of its process included. */
function storedSeconds(): Map<string, number[]> {
  const seconds = new Map<string, number[]>();
  for (const name of readdirSync(RESULTS).filter((n) => n.endsWith('.json'))) {
    const { records } = JSON.parse(readFileSync(new URL(name, RESULTS), 'utf8')) as {
      records: { id: string; status: string; ms?: number }[];
    };
    for (const { id, status, ms } of records) {
      if (status === 'done' && ms !== undefined) seconds.set(id, [...(seconds.get(id) ?? []), ms / 1000]);
    }
  }
  return seconds;
}

it('has one case of each kind', () => {
  expect(allJobs('quick').map((j) => j.id)).toEqual(QUICK);
});

it('ends within ten minutes by the stored reports, what lies between the cases included', () => {
  const stored = storedSeconds();
  const unknown = QUICK.filter((id) => !stored.has(id));
  expect(unknown, 'no stored report says how long these take').toEqual([]);
  const longest = QUICK.reduce((sum, id) => sum + Math.max(...stored.get(id)!), 0);
  expect(longest).toBeLessThan(480);
});

it('is part of the full tier, but for cases that are shortened', () => {
  const full = new Set(allJobs('full').map((j) => j.id));
  expect(QUICK.filter((id) => !full.has(id))).toEqual([
    'pool/128-72-10/1/short',
    'pool/128-72-10/2/short',
    'accuracy/short',
    'aggregate/16-16-4/b4/k1/w4/m2/native',
  ]);
});
