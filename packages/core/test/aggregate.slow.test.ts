/**
 * The smallest run in one proof, in WebAssembly with threads: no native engine, no Rust. Keys and one link of 2^17 rows:
 * a minute or two of both cores, 2 GB.
 */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ProofAggregator } from '@proof-of-training/aggregator/node';
import { isPotError } from '@proof-of-training/halo2-wasm';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { decodeProof, encodeProof } from '@proof-of-training/verifier/files';
import { aggregationPin, deriveHere, verifyAggregate } from '@proof-of-training/verifier/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aggregateRun } from '../src/aggregate/aggregateRun.js';
import { openRun } from '../src/aggregate/run.js';
import { largeString, smallRun, THREADS } from './helpers/aggregation.js';

const MINUTES = 60_000;
const engine = 'wasm';
const dir = mkdtempSync(join(tmpdir(), 'pot-links-'));
const settings = { engine, windowsPerProof: 2, threads: THREADS, dir } as const;
let bundle: RunBundle;
let aggregator: ProofAggregator;
const cancel = new AbortController();

beforeAll(async () => {
  bundle = await smallRun(2, engine);
  const run = await openRun(bundle.run);
  const srs = await largeString(engine);
  aggregator = await ProofAggregator.start({ run, srs, ...settings, signal: cancel.signal });
}, 10 * MINUTES);
afterAll(() => aggregator?.close());

it(
  'refuses a window that does not verify, before its link, and then proves the right ones',
  async () => {
    const forged = structuredClone(bundle.windows);
    const bytes = decodeProof(forged[1]!.proof);
    bytes[bytes.length - 40]! ^= 1;
    forged[1]!.proof = encodeProof(bytes);
    await expect(aggregator.aggregateProofs(forged)).rejects.toMatchObject({
      code: expect.stringMatching(/^(VERIFY_|AGGREGATE_PROOF)/),
      details: { window: 1 },
    });
    const aggregate = await aggregator.aggregateProofs(bundle.windows);
    expect(aggregate.public.endStep).toBe(2);
    await aggregator.prover.verify(aggregate);
    const { proof, ...rest } = aggregate;
    const changed = { ...rest, proof: (proof[0] === 'A' ? 'B' : 'A') + proof.slice(1) };
    await expect(aggregator.prover.verify(changed)).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
  },
  10 * MINUTES,
);

it('is cancelled at once in the middle of a link', async () => {
  const run = await openRun(bundle.run);
  const members = bundle.windows.map((window, n) => {
    const { shard } = run.at(n);
    return { ...window, shard, siblings: run.shard(shard).siblings };
  });
  const work = aggregator.prover.prove(undefined, members).catch((e: unknown) => e);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const start = performance.now();
  cancel.abort();
  const error = await work;
  expect(isPotError(error) && error.code).toBe('PROVER_ABORTED');
  expect(performance.now() - start).toBeLessThan(1000);
});

it(
  'makes a file that verifies, with the pinned key and with the one that pages derive, in a thread of its own',
  async () => {
    const links: (number | undefined)[] = [];
    const file = await aggregateRun(bundle, { ...settings, onProgress: ({ ms }) => links.push(ms) });
    // Continued from the link that the first test stored.
    expect(links).toEqual([undefined]);
    const options = { engine, allowDevelopmentSrs: true } as const;
    const aggregationKey = aggregationPin(file.aggregate.key.digest, file.run.keys.window);
    expect(await verifyAggregate(file, { ...options, aggregationKey })).toMatchObject({ ok: true });
    const report = await verifyAggregate(file, { ...options, deriveKey: deriveHere });
    expect(report).toMatchObject({ ok: true, proven: { windows: 2, steps: 2, runId: bundle.run.runId } });
    expect(report.checks).toContainEqual({
      name: 'aggregation key',
      ok: true,
      detail: 'aggregation key derived from the public architecture',
    });
  },
  20 * MINUTES,
);
