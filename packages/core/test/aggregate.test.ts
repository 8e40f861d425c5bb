/** Aggregates of real window proofs, as far as no aggregate has to be proven: refusals, the file, resumption. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkWindows, type OpenRun, statementOf } from '@proof-of-training/aggregator';
import { ProofAggregator } from '@proof-of-training/aggregator/node';
import { isPotError, loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import type { RunBundle } from '@proof-of-training/verifier/files';
import {
  type AggregateFile,
  decodeProof,
  encodeProof,
  parseAggregate,
} from '@proof-of-training/verifier/files';
import {
  aggregationPin,
  type VerifyAggregateOptions,
  verifyAggregate,
} from '@proof-of-training/verifier/node';
import {
  merkleLeaf,
  merkleLevels,
  merkleRoot,
  merkleRootOfLast,
  merkleSiblings,
  runIdFrom,
} from '@proof-of-training/verifier/run';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, StatementLinks } from '../../aggregator/test/helpers/statementLinks.js';
import { aggregateRun, compressionOf } from '../src/aggregate/aggregateRun.js';
import { aggregateFileOf } from '../src/aggregate/assemble.js';
import { openRun } from '../src/aggregate/run.js';
import { circomlibPair } from '../src/commit/index.js';
import { sharedRun } from './helpers/sharedRun.js';

/** Two real runs of four windows over three shards, and one whose proofs have the other transcript. */
let bundle: RunBundle;
let other: RunBundle;
let blake: RunBundle;
let run: OpenRun;
let file: AggregateFile;
let prover: Prover;

/** Links that verify the windows for real, as the circuit's prover does before it begins. */
function links(): StatementLinks {
  const made = new StatementLinks(run, 2);
  made.before = (members) => {
    for (const m of members) {
      prover.verify(JSON.stringify(run.spec), JSON.stringify(m.public), decodeProof(m.proof), run.transcript);
    }
  };
  return made;
}

beforeAll(async () => {
  bundle = (await sharedRun('dense', 4)).bundle;
  other = (await sharedRun('denseAgain', 4)).bundle;
  blake = (await sharedRun('denseBlake2b', 4)).bundle;
  run = await openRun(bundle.run);
  const halo2 = await loadProver();
  prover = halo2.prover((await developmentSrs(halo2, bundle.run.spec.shape.k)).bytes);
  const aggregator = new ProofAggregator(run, links());
  const aggregate = await aggregator.aggregateProofs(bundle.windows);
  file = aggregateFileOf(bundle, run, aggregate, aggregator.prover);
});
afterAll(() => prover.free());

describe('the rules, on real windows', () => {
  /** The code and the window of the refusal. */
  function refusal(windows: RunBundle['windows'], of = run): [string, unknown] | undefined {
    try {
      checkWindows(of, windows);
      return undefined;
    } catch (e) {
      if (isPotError(e)) return [e.code, e.details.window];
      throw e;
    }
  }

  it('are kept by a run', () => expect(refusal(bundle.windows)).toBeUndefined());

  it('refuse a gap, a swap, a repetition, another run and another transcript', async () => {
    const w = bundle.windows;
    expect(refusal([w[0]!, w[2]!, w[3]!])).toEqual(['AGGREGATE_STEPS', 1]);
    expect(refusal([w[1]!, w[0]!])).toEqual(['AGGREGATE_STEPS', 0]);
    expect(refusal([w[0]!, w[0]!])).toEqual(['AGGREGATE_STEPS', 1]);
    expect(refusal([w[0]!, other.windows[1]!])).toEqual(['AGGREGATE_RUN', 1]);
    expect(refusal(blake.windows, await openRun(blake.run))).toEqual(['AGGREGATE_TRANSCRIPT', undefined]);
    const shards = [...bundle.run.shards].reverse();
    expect(refusal(w, await openRun({ ...bundle.run, shards }))?.[0]).toBe('AGGREGATE_SCHEDULE');
  });

  it('give each shard its place in the tree', async () => {
    const pair = await circomlibPair();
    const { shards, datasetRoot } = bundle.run;
    for (const [index, leaf] of shards.entries()) {
      const { digest, siblings } = run.shard(index);
      expect(digest).toBe(leaf);
      expect(siblings).toHaveLength(run.depth);
      const climbed = siblings.reduce(
        (node, sibling, level) => ((index >> level) % 2 === 0 ? pair(node, sibling) : pair(sibling, node)),
        merkleLeaf(leaf, pair),
      );
      expect(climbed).toBe(datasetRoot);
    }
    const one = merkleLevels([shards[0]!], pair);
    expect(merkleSiblings(one, 0)).toEqual([]);
    expect(merkleRoot([shards[0]!], pair)).toBe(merkleLeaf(shards[0]!, pair));
  });
});

describe('a chain of links over real windows', () => {
  it('says what the run says', () => {
    const { weightsOut } = bundle.windows[3]!.public;
    expect(file.aggregate.public).toEqual(statementOf(run, file.aggregate.key.digest, 4, weightsOut));
  });

  it('refuses a window proof that was tampered with, before a link, and goes on with the right one after a restart', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pot-agg-'));
    const bytes = decodeProof(bundle.windows[2]!.proof);
    bytes[bytes.length >> 1]! ^= 1;
    const forged = bundle.windows.map((w, n) => (n === 2 ? { ...w, proof: encodeProof(bytes) } : w));
    const first = links();
    const code = await codeOf(new ProofAggregator(run, first, { dir }).aggregateProofs(forged));
    expect(code).toMatch(/^(VERIFY_|POINT_INVALID)/);
    expect(first.made).toEqual([2]);
    const second = links();
    const aggregate = await new ProofAggregator(run, second, { dir }).aggregateProofs(bundle.windows);
    expect(second.made).toEqual([2]);
    expect(aggregate.public).toEqual(file.aggregate.public);
  });
});

describe('an aggregate of a part', () => {
  it('says which windows it is of, and from which weights on', async () => {
    const from = { window: 2, weights: bundle.windows[1]!.public.weightsOut };
    const aggregator = new ProofAggregator(run, links(), { from });
    const aggregate = await aggregator.aggregateProofs(bundle.windows.slice(2));
    const { steps } = bundle.run.spec;
    expect(aggregate.public).toMatchObject({
      firstStep: 2 * steps,
      endStep: 4 * steps,
      weightsIn: from.weights,
      weightsOut: bundle.windows[3]!.public.weightsOut,
    });
    const part = { ...file, aggregate: { ...file.aggregate, ...aggregate } };
    expect(compressionOf(bundle, part)).toMatchObject({ windows: 2 });
  });

  it('needs a window to begin with, before anything is looked for', async () => {
    for (const fromWindow of [4, -1, 1.5, Number.NaN]) {
      expect(await codeOf(aggregateRun(bundle, { fromWindow }))).toBe('AGGREGATE_FROM_WINDOW');
    }
  });
});

describe('the file', () => {
  it('is read as it was written, and is of constant size', () => {
    const text = JSON.stringify(file);
    expect(parseAggregate(text)).toEqual(file);
    expect(text).not.toContain(bundle.run.shards[1]!.slice(2));
    expect(compressionOf(bundle, file, 8).windowBytes).toBe(2 * compressionOf(bundle, file).windowBytes);
  });

  it.each<[string, (f: AggregateFile) => void, string]>([
    ['another kind of file', (f) => Object.assign(f, { format: 'proof-of-training/run' }), 'FORMAT_FOREIGN'],
    ['another version', (f) => Object.assign(f, { version: 1 }), 'FORMAT_VERSION'],
    ['an unknown field', (f) => Object.assign(f.run, { shards: [] }), 'FORMAT_INVALID'],
    ['too few numbers', (f) => f.aggregate.accumulator.pop(), 'FORMAT_INVALID'],
    [
      'a number beyond the field',
      (f) => f.aggregate.accumulator.fill(`0x${'ff'.repeat(32)}`),
      'FORMAT_INVALID',
    ],
    [
      'a circuit too large for a verifier',
      (f) => Object.assign(f.aggregate.key, { windowsPerProof: 1000 }),
      'FORMAT_INVALID',
    ],
  ])('is refused with %s', (_, change, code) => {
    const altered = structuredClone(file);
    change(altered);
    expect(() => parseAggregate(JSON.stringify(altered))).toThrow(expect.objectContaining({ code }));
  });
});

describe('verification', () => {
  const pinOf = (f: AggregateFile) => aggregationPin(f.aggregate.key.digest, f.run.keys.window);
  const options = { allowDevelopmentSrs: true };
  async function failure(
    change: (f: AggregateFile) => void,
    more: VerifyAggregateOptions & { derived?: boolean } = {},
  ): Promise<string | undefined> {
    const altered = structuredClone(file);
    change(altered);
    const { derived, ...others } = more;
    const report = await verifyAggregate(altered, {
      ...options,
      ...(!derived && { aggregationKey: pinOf(altered) }),
      ...others,
    });
    expect(report.ok).toBe(false);
    expect(report.proven).toBeUndefined();
    return report.failure?.code;
  }
  const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;

  it('refuses a dataset of which shards were left out, with a run id that fits', async () => {
    const pair = await circomlibPair();
    const leaves = [1, 2, 3, 4, 5, 6].map(hex);
    const levels = merkleLevels(leaves, pair);
    const root = merkleRoot(leaves, pair);
    const of = (index: number) =>
      merkleRootOfLast(leaves[index] ?? hex(0), index, merkleSiblings(levels, index), pair);
    expect(of(5)).toBe(root);
    // All of a depth of three levels: 5 to 8 shards.
    expect(of(4)).toBeUndefined();
    // Padding is no leaf.
    for (const index of [6, 7]) expect(of(index)).not.toBe(root);
    const code = await failure((f) => {
      const { shards, ...own } = bundle.run;
      const datasetRoot = merkleRoot([...shards, hex(9)], pair);
      Object.assign(f.run, { datasetRoot });
      f.run.runId = runIdFrom({ ...own, datasetRoot }, f.run.shardCount, pair);
      // Shard 3 is there, and no window uses it.
      f.lastShard.siblings[0] = merkleLeaf(hex(9), pair);
    });
    expect(code).toBe('DATASET_ROOT');
  });

  it.each<[string, (f: AggregateFile) => void, string]>([
    ['the run id', (f) => Object.assign(f.run, { runId: hex(5) }), 'RUN_ID'],
    ['the number of shards', (f) => Object.assign(f.run, { shardCount: 4 }), 'RUN_ID'],
    ['the last shard', (f) => Object.assign(f.lastShard, run.shard(1)), 'DATASET_ROOT'],
    ['the padding', (f) => Object.assign(f.lastShard, { digest: hex(0) }), 'DATASET_ROOT'],
    ['the rate', (f) => Object.assign(f.run, { eta: '7' }), 'RUN_ID'],
    ['the transcript', (f) => delete f.run.transcript, 'AGGREGATE_TRANSCRIPT'],
    [
      'the statement: run',
      (f) => Object.assign(f.aggregate.public, { runId: hex(5) }),
      'AGGREGATE_STATEMENT',
    ],
    ['the statement: rate', (f) => Object.assign(f.aggregate.public, { eta: '7' }), 'AGGREGATE_STATEMENT'],
    [
      'the statement: first weights',
      (f) => Object.assign(f.aggregate.public, { weightsIn: hex(5) }),
      'AGGREGATE_STATEMENT',
    ],
    [
      'the statement: dataset',
      (f) => Object.assign(f.aggregate.public, { datasetRoot: hex(5) }),
      'AGGREGATE_STATEMENT',
    ],
    ['the statement: depth', (f) => Object.assign(f.aggregate.public, { depth: 3 }), 'AGGREGATE_STATEMENT'],
    [
      'the statement: base',
      (f) => Object.assign(f.aggregate.public, { base: hex(5) }),
      'AGGREGATE_STATEMENT',
    ],
    ['the statement: key', (f) => Object.assign(f.aggregate.public, { key: hex(5) }), 'AGGREGATE_STATEMENT'],
    [
      'a first step that is not 0',
      (f) => Object.assign(f.aggregate.public, { firstStep: 2 }),
      'AGGREGATE_PART',
    ],
    [
      'half a window before',
      (f) => Object.assign(f.aggregate.public, { firstStep: 1, endStep: 7 }),
      'RUN_STEPS',
    ],
    ['half a window', (f) => Object.assign(f.aggregate.public, { endStep: 7 }), 'RUN_STEPS'],
    ['no window', (f) => Object.assign(f.aggregate.public, { endStep: 0 }), 'RUN_STEPS'],
    ['the genesis statement', (f) => Object.assign(f.genesis.public, { eta: '7' }), 'GENESIS_MISMATCH'],
    ['the architecture', (f) => Object.assign(f.run.spec, { batch: 5 }), 'RUN_ID'],
  ])('refuses another value: %s', async (_, change, code) => {
    expect(await failure(change)).toBe(code);
  });

  it('of a part that is allowed still refuses what is not that part, and a whole that is none', async () => {
    const allow = { allowPart: true };
    // As the whole, with another beginning claimed: the schedule and the proof are of the whole.
    const later = (f: AggregateFile) =>
      Object.assign(f.aggregate.public, { firstStep: 2, weightsIn: bundle.windows[0]!.public.weightsOut });
    expect(await failure((f) => later(f), allow)).toMatch(/^(KEY_INVALID|VERIFY_FAILED|AGGREGATE_)/);
    expect(await failure((f) => later(f), { ...allow, expected: { firstStep: 4 } })).toBe(
      'EXPECTED_MISMATCH',
    );
    expect(
      await failure((f) => later(f), { ...allow, expected: { weightsBefore: bundle.run.genesis } }),
    ).toBe('EXPECTED_MISMATCH');
    // From step 0 on it must begin with the run's own first weights.
    const foreign = (f: AggregateFile) => Object.assign(f.aggregate.public, { weightsIn: hex(5) });
    expect(await failure(foreign, allow)).toBe('AGGREGATE_STATEMENT');
  });

  it('refuses a genesis proof that was tampered with', async () => {
    const code = await failure((f) => {
      const bytes = decodeProof(f.genesis.proof);
      bytes[bytes.length >> 1]! ^= 1;
      f.genesis.proof = encodeProof(bytes);
    });
    expect(code).toMatch(/^(VERIFY_|POINT_INVALID)/);
  });

  it('refuses what the verifier did not expect, and the development SRS unasked', async () => {
    const nothing = () => {};
    expect(await failure(nothing, { allowDevelopmentSrs: false })).toBe('SRS_DEVELOPMENT_REFUSED');
    expect(await failure(nothing, { expected: { steps: 9 } })).toBe('EXPECTED_MISMATCH');
    expect(await failure(nothing, { expected: { weightsAfter: hex(5) } })).toBe('EXPECTED_MISMATCH');
    expect(await failure(nothing, { aggregationKey: hex(6) })).toBe('AGGREGATE_KEY');
    // The right aggregation key, pinned for the windows of another architecture.
    const elsewhere = aggregationPin(file.aggregate.key.digest, other.run.keys.genesis);
    expect(await failure(nothing, { aggregationKey: elsewhere })).toBe('AGGREGATE_KEY');
  });

  it('derives the key with a string of enough points alone', async () => {
    const srs = (await developmentSrs(await loadProver(), bundle.run.spec.shape.k)).bytes;
    expect(await failure(() => {}, { srs, derived: true })).toBe('SRS_TOO_SMALL');
  });

  it('refuses a circuit that WebAssembly has no memory for, before its key, and too many windows a proof', async () => {
    const srs = (await developmentSrs(await loadProver(), bundle.run.spec.shape.k)).bytes;
    const start = (windowsPerProof: number) =>
      ProofAggregator.start({ run, srs, windowsPerProof, engine: 'wasm' });
    await expect(start(32)).rejects.toMatchObject({
      code: 'AGGREGATION_TOO_LARGE',
      details: { k: 20, most: 19 },
    });
    expect(await codeOf(start(33))).toBe('AGGREGATE_PLACES');
  });

  it('reads the file from its bytes too', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'pot-agg-')), 'aggregate.json');
    writeFileSync(path, JSON.stringify(file));
    const report = await verifyAggregate(new Uint8Array(readFileSync(path)), {
      ...options,
      aggregationKey: hex(6),
    });
    expect(report.checks[0]).toMatchObject({ name: 'format', ok: true });
  });
});
