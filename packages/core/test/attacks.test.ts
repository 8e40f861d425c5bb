import { etaToLearningRate } from '@proof-of-training/sgd-circuit';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { decodeProof, encodeProof } from '@proof-of-training/verifier/files';
import { verifyTrainingProof, verifyTrainingRun } from '@proof-of-training/verifier/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { reseal } from './helpers/reseal.js';
import { sharedRun } from './helpers/sharedRun.js';
import { genesisFile, windowFile } from './helpers/singleProof.js';

/** Two real runs: the same model and data, so that only the run ids, salts and orders differ. */
let first: RunBundle;
let second: RunBundle;

beforeAll(async () => {
  first = (await sharedRun('dense')).bundle;
  second = (await sharedRun('denseAgain', 3)).bundle;
});

const copy = (b: RunBundle): RunBundle => structuredClone(b);
async function refused(bundle: RunBundle, code: string): Promise<void> {
  const report = await verifyTrainingRun(JSON.stringify(bundle), { allowDevelopmentSrs: true });
  expect(report.ok).toBe(false);
  expect(report.proven).toBeUndefined();
  expect(report.failure?.code).toBe(code);
}

describe('a real run', () => {
  it('verifies', async () => {
    for (const bundle of [first, second]) {
      const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
      expect(report.failure).toBeUndefined();
      expect(report.checks.every((c) => c.ok)).toBe(true);
    }
  });

  it('is refused while the development SRS is not allowed', async () => {
    expect(await verifyTrainingRun(first)).toMatchObject({
      ok: false,
      failure: { code: 'SRS_DEVELOPMENT_REFUSED' },
    });
    const lie = copy(first);
    lie.run.srs.development = false;
    expect((await verifyTrainingRun(lie)).failure?.code).toBe('SRS_NEEDED');
    lie.run.srs.hash = '00'.repeat(32);
    lie.run.srs.development = true;
    await refused(lie, 'SRS_MISMATCH');
  });

  it('meets the expectations of a verifier, or is refused', async () => {
    const spec = first.run.spec;
    const good = {
      runId: first.run.runId,
      datasetRoot: first.run.datasetRoot,
      steps: first.windows.length * spec.steps,
      learningRate: etaToLearningRate(spec, BigInt(first.run.eta)),
      spec: { layers: spec.layers, loss: spec.loss },
    };
    const check = (expected: object) => verifyTrainingRun(first, { allowDevelopmentSrs: true, expected });
    expect((await check(good)).ok).toBe(true);
    for (const bad of [
      { runId: second.run.runId },
      { steps: 3 },
      { learningRate: 0.5 },
      { spec: { batch: 5 } },
    ]) {
      expect((await check({ ...good, ...bad })).failure?.code).toBe('EXPECTED_MISMATCH');
    }
  });
});

describe('a flipped bit', () => {
  it('anywhere in a proof is refused', async () => {
    const size = decodeProof(first.windows[1]!.proof).length;
    for (let n = 0; n < 12; n++) {
      const bundle = copy(first);
      const bytes = decodeProof(bundle.windows[1]!.proof);
      bytes[Math.floor(((n + 0.5) * size) / 12)]! ^= 1 << (n % 8);
      bundle.windows[1]!.proof = encodeProof(bytes);
      const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
      expect(report.ok).toBe(false);
      expect(report.failure?.code).toMatch(/^(VERIFY_|POINT_INVALID)/);
      expect(report.checks.at(-1)?.name).toBe('proof 1');
    }
  });

  it('in the genesis proof, and bytes too few or too many, are refused', async () => {
    const change = (entry: 'genesis' | 0, make: (b: Uint8Array) => Uint8Array) => {
      const bundle = copy(first);
      const at = entry === 'genesis' ? bundle.genesis : bundle.windows[0]!;
      at.proof = encodeProof(make(decodeProof(at.proof)));
      return bundle;
    };
    const bundles = [
      change('genesis', (b) => b.map((v, i) => (i === b.length - 50 ? v ^ 4 : v))),
      change('genesis', (b) => b.slice(0, -32)),
      change(0, (b) => b.slice(0, -1)),
      change(0, (b) => b.slice(0, 40)),
      change(0, (b) => Uint8Array.from([...b, 0])),
    ];
    for (const bundle of bundles) {
      const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
      expect(report.ok).toBe(false);
      expect(report.failure?.code).toMatch(/^(VERIFY_|POINT_INVALID)/);
    }
  });
});

describe('replay, reorder, splice', () => {
  it('a gap, a doubled and a moved proof are refused', async () => {
    const gap = copy(first);
    gap.windows.splice(1, 1);
    await refused(gap, 'RUN_STEPS');
    const late = copy(first);
    late.windows.shift();
    await refused(late, 'RUN_STEPS');
    const doubled = copy(first);
    doubled.windows.splice(1, 0, doubled.windows[0]!);
    await refused(doubled, 'RUN_STEPS');
    const swapped = copy(first);
    [swapped.windows[0], swapped.windows[1]] = [swapped.windows[1]!, swapped.windows[0]!];
    await refused(swapped, 'RUN_STEPS');
  });

  it('a moved proof whose public inputs are rewritten is refused', async () => {
    const bundle = copy(first);
    bundle.windows[0]!.proof = first.windows[1]!.proof;
    await refused(bundle, 'VERIFY_DIGEST');
    // The same shard and weights elsewhere in the run: only step and epoch differ.
    const moved = copy(first);
    const last = moved.windows.length - 1;
    moved.windows[last]!.public.epoch = 0;
    await refused(moved, 'RUN_SCHEDULE');
  });

  it('the shard of another place is refused', async () => {
    const bundle = copy(first);
    bundle.windows[0]!.public.data = first.windows[1]!.public.data;
    await refused(bundle, 'RUN_SCHEDULE');
  });

  it('weights that do not continue are refused', async () => {
    const bundle = copy(first);
    bundle.windows[1]!.public.weightsIn = first.windows[0]!.public.weightsIn;
    await refused(bundle, 'RUN_CONTINUITY');
    const end = copy(first);
    end.windows[end.windows.length - 1]!.public.weightsOut = first.run.genesis;
    await refused(end, 'VERIFY_DIGEST');
  });

  it('proofs of another run are refused, with and without its run id', async () => {
    const foreign = copy(first);
    foreign.windows[0] = copy(second).windows[0]!;
    await refused(foreign, 'RUN_FOREIGN_PROOF');
    foreign.windows[0].public.runId = first.run.runId;
    foreign.windows[0].public.weightsIn = first.run.genesis;
    const report = await verifyTrainingRun(foreign, { allowDevelopmentSrs: true });
    expect(report.ok).toBe(false);
    const genesis = copy(first);
    genesis.genesis = copy(second).genesis;
    await refused(genesis, 'GENESIS_MISMATCH');
    genesis.genesis.public.runId = first.run.runId;
    genesis.genesis.public.weightsIn = first.run.genesis;
    await refused(genesis, 'VERIFY_DIGEST');
  });
});

describe('other settings claimed', () => {
  it('another learning rate is refused, also where all hashes are made anew', async () => {
    const bundle = copy(first);
    bundle.run.eta = String(Number(bundle.run.eta) + 1);
    await refused(bundle, 'RUN_ID');
    for (const entry of [bundle.genesis, ...bundle.windows]) entry.public.eta = bundle.run.eta;
    await reseal(bundle, first);
    // With the schedule unchanged only the proofs can tell.
    await refused(bundle, 'VERIFY_FAILED');
  });

  it('another nonce, and so another run id, is refused by the proofs', async () => {
    const bundle = copy(first);
    bundle.run.nonce = second.run.nonce;
    await refused(bundle, 'RUN_ID');
    await reseal(bundle, first);
    await refused(bundle, 'VERIFY_FAILED');
  });

  it('another dataset is refused', async () => {
    const bundle = copy(first);
    bundle.run.shards[0] = second.run.shards[0]!;
    await refused(bundle, 'DATASET_ROOT');
    await reseal(bundle, first);
    const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
    expect(report.failure?.code).toMatch(/^(RUN_SCHEDULE|VERIFY_)/);
  });

  it('a circuit that would exhaust the verifier is refused before its key is derived', async () => {
    const bundle = copy(first);
    for (const spec of [bundle.run.spec, bundle.run.genesisSpec]) {
      spec.shape.k = 20;
      spec.shape.weightColumns = 256;
    }
    await refused(bundle, 'SPEC_TOO_LARGE');
  });

  it('another architecture, and a key that is not its own, are refused', async () => {
    const bundle = copy(first);
    bundle.run.spec.layers[0]!.activation = 'linear';
    bundle.run.genesisSpec.layers[0]!.activation = 'linear';
    await reseal(bundle, first);
    await refused(bundle, 'KEY_DIGEST');
    const other = copy(first);
    other.run.genesisSpec.layers[0]!.bias = false;
    await refused(other, 'SPEC_GENESIS');
    const key = copy(first);
    key.run.keys.window = key.run.keys.genesis;
    await reseal(key, first);
    await refused(key, 'KEY_DIGEST');
  });
});

describe('a single proof', () => {
  it('verifies from its own file, for the public inputs that are expected', async () => {
    const { run } = first;
    const file = windowFile(first, 2);
    const options = { allowDevelopmentSrs: true, expected: { runId: run.runId, firstStep: 4 } };
    expect((await verifyTrainingProof(JSON.stringify(file), options)).ok).toBe(true);
    expect((await verifyTrainingProof(file)).failure?.code).toBe('SRS_DEVELOPMENT_REFUSED');
    const moved = { ...file, public: { ...file.public, firstStep: 2 } };
    expect((await verifyTrainingProof(moved, options)).failure?.code).toBe('EXPECTED_MISMATCH');
    const unpinned = await verifyTrainingProof(moved, { allowDevelopmentSrs: true });
    expect(unpinned.failure?.code).toBe('VERIFY_FAILED');
    const other = { ...file, transcript: 'blake2b' };
    expect((await verifyTrainingProof(other, options)).failure?.code).toBe('VERIFY_FAILED');
  });

  it('of first weights says nothing of what it does not bind, whatever its file says', async () => {
    const { run } = first;
    const file = genesisFile(first);
    const { runId, weightsOut, data, eta } = first.windows[0]!.public;
    const wanted = { ...file, public: { ...file.public, weightsOut, data, eta } };
    for (const expected of [{ weightsOut }, { data }, { eta }, { firstStep: 0 }, { epoch: 0 }]) {
      const report = await verifyTrainingProof(wanted, { allowDevelopmentSrs: true, expected });
      expect(report.failure?.code, Object.keys(expected)[0]).toBe('EXPECTED_UNBOUND');
    }
    const bound = { runId, weightsIn: run.genesis };
    const report = await verifyTrainingProof(file, { allowDevelopmentSrs: true, expected: bound });
    expect(report).toMatchObject({ ok: true, kind: 'genesis', pinned: ['runId', 'weightsIn'] });
    expect(report.notPinned).toEqual(['expectedSrsHash', 'expectedKey']);
  });
});
