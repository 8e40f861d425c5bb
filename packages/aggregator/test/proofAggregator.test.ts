import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/halo2-wasm';
import { expect, it } from 'vitest';
import { type AggregationProgress, ProofAggregator } from '../src/node/proofAggregator.js';
import { statementOf } from '../src/statement.js';
import { codeOf, StatementLinks } from './helpers/statementLinks.js';
import { hex, toyRun, toyWindows } from './helpers/toyRun.js';

const folder = () => mkdtempSync(join(tmpdir(), 'pot-agg-'));

function start(
  options: { places?: number; dir?: string; run?: ReturnType<typeof toyRun>; digest?: string } = {},
) {
  const { run = toyRun(), places = 2, dir, digest } = options;
  const links = new StatementLinks(run, places, digest);
  const progress: AggregationProgress[] = [];
  const aggregator = new ProofAggregator(run, links, {
    ...(dir !== undefined && { dir }),
    onProgress: (p) => progress.push(p),
  });
  return { run, links, aggregator, progress };
}

it('makes a chain of links, the last with what is left', async () => {
  const { run, links, aggregator, progress } = start();
  const windows = toyWindows(5);
  const aggregate = await aggregator.aggregateProofs(windows);
  expect(links.made).toEqual([2, 2, 1]);
  expect(aggregate.public).toEqual(statementOf(run, hex(99), 5, windows[4]!.public.weightsOut));
  expect(progress.map(({ windows, total }) => [windows, total])).toEqual([
    [2, 5],
    [4, 5],
    [5, 5],
  ]);
  await aggregator.close();
  expect(links.closed).toBe(true);
});

it('takes windows one at a time, and proves as soon as a link is full', async () => {
  const { links, aggregator } = start();
  for (const [n, w] of toyWindows(5).entries()) {
    await aggregator.add(w);
    expect(links.made.length).toBe(Math.floor((n + 1) / 2));
  }
  expect(aggregator.windows).toBe(4);
  expect((await aggregator.finish()).public.endStep).toBe(10);
  // Nothing waits: the same again.
  expect(await aggregator.finish()).toBe(aggregator.aggregate);
  expect(links.made).toEqual([2, 2, 1]);
});

it('is not confused by calls that come before others have ended', async () => {
  const { links, aggregator } = start();
  const calls = toyWindows(5).map((w) => aggregator.add(w));
  const last = aggregator.finish();
  await Promise.all(calls);
  expect((await last).public.endStep).toBe(10);
  expect(links.made).toEqual([2, 2, 1]);
});

it('refuses a broken rule before anything is proven, and stays as it was', async () => {
  const { links, aggregator } = start();
  const windows = toyWindows(6);
  await aggregator.add(windows[0]!);
  expect(await codeOf(aggregator.add(windows[1]!, windows[3]!))).toBe('AGGREGATE_STEPS');
  expect(links.made).toEqual([]);
  await aggregator.add(windows[1]!, windows[2]!, windows[3]!);
  expect(links.made).toEqual([2, 2]);
  expect(await codeOf(aggregator.aggregateProofs(windows.filter((_, n) => n !== 2)))).toBe('AGGREGATE_STEPS');
  expect(await codeOf(start().aggregator.finish())).toBe('AGGREGATE_EMPTY');
});

it('refuses a circuit of other windows, and a transcript that no circuit reads', () => {
  const links = new StatementLinks(toyRun({ windowKey: hex(5) }));
  expect(() => new ProofAggregator(toyRun(), links)).toThrow(
    expect.objectContaining({ code: 'AGGREGATE_SPEC' }),
  );
  expect(() => start({ run: toyRun({ transcript: 'blake2b' }) })).toThrow(
    expect.objectContaining({ code: 'AGGREGATE_TRANSCRIPT' }),
  );
});

it('says which window of the run was refused by the prover, and goes on when the right one comes', async () => {
  const { links, aggregator } = start();
  const windows = toyWindows(5);
  links.before = (members) => {
    const at = members.findIndex((m) => m.proof === 'forged');
    if (at >= 0)
      throw new PotError('VERIFY_FAILED', 'the proof does not verify', { details: { window: at } });
  };
  const forged = windows.map((w, n) => (n === 3 ? { ...w, proof: 'forged' } : w));
  await expect(aggregator.aggregateProofs(forged)).rejects.toMatchObject({
    code: 'VERIFY_FAILED',
    details: { window: 3 },
  });
  expect(aggregator.windows).toBe(2);
  expect((await aggregator.aggregateProofs(windows)).public.endStep).toBe(10);
  expect(links.made).toEqual([2, 2, 1]);
});

it('continues after a crash from what was stored', async () => {
  const dir = folder();
  const windows = toyWindows(7);
  const first = start({ dir });
  first.links.before = () => {
    if (first.links.made.length === 2) throw new PotError('PROVER_CRASHED', 'killed');
  };
  expect(await codeOf(first.aggregator.aggregateProofs(windows))).toBe('PROVER_CRASHED');
  const second = start({ dir });
  const aggregate = await second.aggregator.aggregateProofs(windows);
  expect(second.links.made).toEqual([2, 1]);
  expect(second.progress[0]).toEqual({ windows: 4, total: 7 });
  expect(aggregate).toEqual(await start().aggregator.aggregateProofs(windows));
  // Fewer windows than were aggregated: from the last one that fits.
  const third = start({ dir });
  expect((await third.aggregator.aggregateProofs(windows.slice(0, 5))).public.endStep).toBe(10);
  expect(third.links.made).toEqual([1]);
});

it('another run and another key use other folders', async () => {
  const dir = folder();
  const windows = toyWindows(4);
  await start({ dir }).aggregator.aggregateProofs(windows);
  const other = start({ dir, digest: `0x00${'98'.repeat(31)}` });
  await other.aggregator.aggregateProofs(windows);
  expect(other.links.made).toEqual([2, 2]);
  expect(readdirSync(dir)).toHaveLength(2);
});

/** Puts an aggregate into the folder as if it had been stored there. */
function plant(dir: string, text: string, endStep: number): void {
  const [name] = readdirSync(dir);
  const hash = createHash('sha256').update(text).digest('hex');
  writeFileSync(join(dir, name!, `${String(endStep).padStart(10, '0')}-${hash}.json`), text);
}

it('refuses a stored aggregate of other windows, and one that does not verify', async () => {
  const dir = folder();
  const windows = toyWindows(4);
  await start({ dir }).aggregator.aggregateProofs(windows.slice(0, 2));
  const [name] = readdirSync(dir);
  const [file] = readdirSync(join(dir, name!));
  const stored = JSON.parse(readFileSync(join(dir, name!, file!), 'utf8'));

  const foreign = { ...stored, public: { ...stored.public, endStep: 6, weightsOut: hex(77) } };
  plant(dir, JSON.stringify(foreign), 6);
  expect(await codeOf(start({ dir }).aggregator.aggregateProofs(windows))).toBe('INTERMEDIATE_FOREIGN');

  const dir2 = folder();
  await start({ dir: dir2 }).aggregator.aggregateProofs(windows.slice(0, 2));
  const run = toyRun();
  const claimed = { ...stored, public: statementOf(run, hex(99), 4, windows[3]!.public.weightsOut) };
  plant(dir2, JSON.stringify(claimed), 8);
  expect(await codeOf(start({ dir: dir2 }).aggregator.aggregateProofs(windows))).toBe('INTERMEDIATE_INVALID');
});

it('does not give out an aggregate that says something else than the run', async () => {
  const run = toyRun();
  const links = new StatementLinks(run);
  const prove = links.prove.bind(links);
  links.prove = async (previous, members) => {
    const next = await prove(previous, members);
    return { ...next, public: { ...next.public, datasetRoot: hex(78) } };
  };
  const dir = folder();
  const aggregator = new ProofAggregator(run, links, { dir });
  expect(await codeOf(aggregator.aggregateProofs(toyWindows(2)))).toBe('AGGREGATE_STATEMENT');
  expect(aggregator.aggregate).toBeUndefined();
  expect(readdirSync(join(dir, readdirSync(dir)[0]!))).toEqual([]);
});

it('begins later than the run where it is asked to, and keeps those links apart', async () => {
  const dir = folder();
  const windows = toyWindows(7);
  const run = toyRun();
  const whole = new ProofAggregator(run, new StatementLinks(run, 2), { dir });
  await whole.aggregateProofs(windows.slice(0, 4));
  const from = { window: 4, weights: windows[3]!.public.weightsOut };
  const links = new StatementLinks(run, 2);
  const progress: number[] = [];
  const part = new ProofAggregator(run, links, { dir, from, onProgress: (p) => progress.push(p.windows) });
  expect(part.windows).toBe(4);
  const aggregate = await part.aggregateProofs(windows.slice(4));
  expect(links.made).toEqual([2, 1]);
  expect(progress).toEqual([6, 7]);
  expect(aggregate.public).toMatchObject({ firstStep: 8, endStep: 14, weightsIn: from.weights });
  expect(aggregate.public).toEqual(statementOf(run, hex(99), 7, windows[6]!.public.weightsOut, from));
  // The schedule's chain begins anew: the whole run's is another one.
  expect(aggregate.public.schedule).not.toBe(statementOf(run, hex(99), 7, hex(17)).schedule);
  // Resumed from its own folder, not from the whole run's.
  expect(readdirSync(dir)).toHaveLength(2);
  const again = new StatementLinks(run, 2);
  const resumed = new ProofAggregator(run, again, { dir, from });
  expect((await resumed.aggregateProofs(windows.slice(4))).public).toEqual(aggregate.public);
  expect(again.made).toEqual([]);
});

it('refuses a beginning with other windows or other weights', async () => {
  const run = toyRun();
  const windows = toyWindows(6);
  const begin = (window: number, weights: string) =>
    new ProofAggregator(run, new StatementLinks(run, 2), { from: { window, weights } });
  const good = windows[3]!.public.weightsOut;
  expect(await codeOf(begin(4, good).aggregateProofs(windows))).toBe('AGGREGATE_STEPS');
  expect(await codeOf(begin(4, hex(77)).aggregateProofs(windows.slice(4)))).toBe('AGGREGATE_WEIGHTS');
  expect(await codeOf(begin(4, good).add(windows[5]!))).toBe('AGGREGATE_STEPS');
  expect(await codeOf(begin(4, good).finish())).toBe('AGGREGATE_EMPTY');
});

it('has each step at its own rate in the statement, and takes no link that says others', async () => {
  const rates = (window: number) => [BigInt(100 + 2 * window), BigInt(101 + 2 * window)];
  const run = toyRun({ rates });
  const windows = toyWindows(5, run);
  const { weightsOut } = windows[4]!.public;
  const { public: said } = await start({ run }).aggregator.aggregateProofs(windows);
  expect(said).toEqual(statementOf(run, hex(99), 5, weightsOut));
  expect(said.schedule).not.toBe(statementOf(toyRun(), hex(99), 5, weightsOut).schedule);

  // Links of windows that took their steps at rates of other numbers, or at one rate for all.
  for (const other of [(window: number) => rates(window + 1), undefined]) {
    const links = new StatementLinks(toyRun({ rates: other }), 2);
    const aggregator = new ProofAggregator(run, links);
    expect(await codeOf(aggregator.aggregateProofs(windows))).toBe('AGGREGATE_STATEMENT');
  }
});

it('names the run of windows that differ, and of no others, and continues their chain', async () => {
  const run = toyRun({ etaOf: (n) => String(50 - 2 * n) });
  const { links, aggregator } = start({ run });
  const named: unknown[] = [];
  links.before = (members) => void named.push(...members.map((m) => m.named));
  const windows = toyWindows(5, run);
  const aggregate = await aggregator.aggregateProofs(windows);
  expect(named).toEqual(Array(5).fill({ eta: '51' }));
  expect(aggregate.public).toEqual(statementOf(run, hex(99), 5, windows[4]!.public.weightsOut));
  expect(aggregate.public.eta).toBe('51');
  const { etaOf: _, ...constant } = run;
  expect(statementOf(constant, hex(99), 5, hex(15)).schedule).not.toBe(aggregate.public.schedule);
  const other = start();
  other.links.before = (members) => expect(members.every((m) => m.named === undefined)).toBe(true);
  await other.aggregator.aggregateProofs(toyWindows(3));
});
