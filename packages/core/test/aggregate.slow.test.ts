/**
 * A run in one proof, in WebAssembly with threads, without Rust: keys and a link of 2^17 rows, which continues one of the
 * engine that there is. A minute or two of both cores, 2 GB; where there is no native engine, twice that.
 */
import { AggregationThread, ProofAggregator } from '@proof-of-training/aggregator/node';
import { isPotError } from '@proof-of-training/halo2-wasm';
import type { SgdSpec } from '@proof-of-training/sgd-circuit';
import { decodeProof, encodeProof } from '@proof-of-training/verifier/files';
import { aggregationPin, deriveHere, verifyAggregate } from '@proof-of-training/verifier/node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openRun } from '../src/aggregate/run.js';
import { largeSrs, THREADS } from './helpers/aggregation.js';
import { PLACES, type WasmAggregate, wasmAggregate } from './helpers/wasmAggregate.js';

const MINUTES = 60_000;
const engine = 'wasm';
const cancel = new AbortController();
let thread: AggregationThread | undefined;
let shared: WasmAggregate;

async function start(spec: SgdSpec): Promise<AggregationThread> {
  const srs = await largeSrs(engine);
  const { signal } = cancel;
  thread ??= await AggregationThread.start({ srs, spec, places: PLACES, engine, threads: THREADS, signal });
  return thread;
}

beforeAll(async () => {
  shared = await wasmAggregate(start);
  await start(shared.bundle.run.spec);
}, 20 * MINUTES);
afterAll(() => thread?.close());

it('is of all windows, and verifies; altered, it does not', async () => {
  const { key, ...aggregate } = shared.file.aggregate;
  expect([thread!.engine, key.digest]).toEqual(['wasm', thread!.info.digest]);
  expect(aggregate.public).toMatchObject({
    ...shared.first.public,
    endStep: 3,
    weightsOut: expect.any(String),
    schedule: expect.any(String),
  });
  expect(shared.first.public.endStep).toBe(2);
  await thread!.verify(aggregate);
  const { proof, ...rest } = aggregate;
  const changed = { ...rest, proof: (proof[0] === 'A' ? 'B' : 'A') + proof.slice(1) };
  await expect(thread!.verify(changed)).rejects.toMatchObject({ code: 'VERIFY_FAILED' });
});

it('refuses a window that does not verify, before its link', async () => {
  const { run, windows } = structuredClone(shared.bundle);
  const bytes = decodeProof(windows[1]!.proof);
  bytes[bytes.length - 40]! ^= 1;
  windows[1]!.proof = encodeProof(bytes);
  const aggregator = new ProofAggregator(await openRun(run), thread!);
  await expect(aggregator.aggregateProofs(windows)).rejects.toMatchObject({
    code: expect.stringMatching(/^(VERIFY_|AGGREGATE_PROOF)/),
    details: { window: 1 },
  });
});

it(
  'makes a file that verifies, with the pinned key and with the one that pages derive, in a thread of its own',
  async () => {
    const { file, bundle } = shared;
    const options = { engine, allowDevelopmentSrs: true } as const;
    const aggregationKey = aggregationPin(file.aggregate.key.digest, file.run.keys.window);
    expect(await verifyAggregate(file, { ...options, aggregationKey })).toMatchObject({ ok: true });
    const report = await verifyAggregate(file, { ...options, deriveKey: deriveHere });
    expect(report).toMatchObject({ ok: true, proven: { windows: 3, steps: 3, runId: bundle.run.runId } });
    expect(report.checks).toContainEqual({
      name: 'aggregation key',
      ok: true,
      detail: 'aggregation key derived from the public architecture',
    });
  },
  20 * MINUTES,
);

it('is cancelled at once in the middle of a link', async () => {
  const { bundle } = shared;
  const run = await openRun(bundle.run);
  const members = bundle.windows.slice(0, PLACES).map((window, n) => {
    const { shard } = run.at(n);
    return { ...window, shard, siblings: run.shard(shard).siblings };
  });
  const work = thread!.prove(undefined, members).catch((e: unknown) => e);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const start = performance.now();
  cancel.abort();
  const error = await work;
  expect(isPotError(error) && error.code).toBe('PROVER_ABORTED');
  expect(performance.now() - start).toBeLessThan(1000);
});
