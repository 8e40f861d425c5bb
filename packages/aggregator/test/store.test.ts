import { mkdtempSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Aggregate } from '../src/aggregate.js';
import { IntermediateStore } from '../src/node/store.js';
import { codeOf, StatementLinks } from './helpers/statementLinks.js';
import { toyRun, toyWindows } from './helpers/toyRun.js';

async function chain(links: number): Promise<Aggregate[]> {
  const run = toyRun();
  const prover = new StatementLinks(run, 1);
  const out: Aggregate[] = [];
  for (const [n, w] of toyWindows(links, run).entries()) {
    const { shard } = run.at(n);
    out.push(await prover.prove(out[n - 1], [{ ...w, shard, siblings: run.shard(shard).siblings }]));
  }
  return out;
}

async function filled(): Promise<{ store: IntermediateStore; chain: Aggregate[]; files: string[] }> {
  const store = new IntermediateStore(mkdtempSync(join(tmpdir(), 'pot-store-')));
  const all = await chain(3);
  for (const aggregate of all) await store.write(aggregate);
  return { store, chain: all, files: readdirSync(store.dir).sort() };
}

it('gives the furthest that is not too far', async () => {
  const { store, chain: all } = await filled();
  expect(await store.furthest(100)).toEqual(all[2]);
  expect(await store.furthest(5)).toEqual(all[1]);
  expect(await store.furthest(2)).toEqual(all[0]);
  expect(await store.furthest(1)).toBeUndefined();
});

it('writes the same aggregate once, and forgets what a killed process left half written', async () => {
  const { store, chain: all, files } = await filled();
  await store.write(all[1]!);
  expect(readdirSync(store.dir).sort()).toEqual(files);
  writeFileSync(join(store.dir, '.0123456789ab.tmp'), '{"half');
  new IntermediateStore(store.dir);
  expect(readdirSync(store.dir).sort()).toEqual(files);
});

it('refuses a file that is not what was stored under its name', async () => {
  const { store, files } = await filled();
  const path = join(store.dir, files[2]!);
  const text = readFileSync(path, 'utf8');
  for (const bad of [text.slice(0, -1), `${text} `, text.replace('"51"', '"52"'), '']) {
    writeFileSync(path, bad);
    expect(await codeOf(store.furthest(100))).toBe('INTERMEDIATE_DAMAGED');
  }
  writeFileSync(path, text);
  expect(await codeOf(store.furthest(100))).toBe('nothing');
});

it('refuses a file under the name of another step', async () => {
  const { store, files } = await filled();
  renameSync(join(store.dir, files[0]!), join(store.dir, files[0]!.replace(/^\d{10}/, '0000000008')));
  expect(await codeOf(store.furthest(100))).toBe('INTERMEDIATE_DAMAGED');
});
