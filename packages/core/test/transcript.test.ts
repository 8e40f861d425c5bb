import { isPotError, loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { decodeProof } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { runIdOf } from '@proof-of-training/verifier/run';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';
import { sharedRun } from './helpers/sharedRun.js';

/** One real run with each transcript; the first by default. */
let poseidon: RunBundle;
let blake: RunBundle;
let prover: Prover;

beforeAll(async () => {
  poseidon = (await sharedRun('dense', 1)).bundle;
  blake = (await sharedRun('denseBlake2b', 1)).bundle;
  const halo2 = await loadProver();
  prover = halo2.prover((await developmentSrs(halo2, poseidon.run.spec.shape.k)).bytes);
});
afterAll(() => prover.free());

const verify = (bundle: RunBundle) => verifyTrainingRun(bundle, { allowDevelopmentSrs: true });

/** The code of what `call` throws. */
function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (e) {
    if (isPotError(e)) return e.code;
    throw e;
  }
  return 'nothing';
}

it('a run names the transcript that its proofs have, and verifies with it', async () => {
  expect(poseidon.run.transcript).toBe('poseidon');
  expect('transcript' in blake.run).toBe(false);
  for (const bundle of [poseidon, blake]) expect((await verify(bundle)).failure).toBeUndefined();
});

it('the run id holds the transcript', async () => {
  const pair = await circomlibPair();
  const { transcript: _, ...without } = poseidon.run;
  expect(runIdOf(without, pair)).not.toBe(poseidon.run.runId);
  const renamed = { ...poseidon, run: without };
  expect((await verify(renamed)).failure?.code).toBe('RUN_ID');
  const blakeAsPoseidon: RunBundle = { ...blake, run: { ...blake.run, transcript: 'poseidon' } };
  expect((await verify(blakeAsPoseidon)).failure?.code).toBe('RUN_ID');
});

it('a proof verifies with its own transcript alone, under the same key', () => {
  for (const [bundle, own, other] of [
    [poseidon, 'poseidon', 'blake2b'],
    [blake, 'blake2b', 'poseidon'],
  ] as const) {
    const { spec, genesisSpec } = bundle.run;
    for (const [entry, circuit] of [
      [bundle.windows[0]!, spec],
      [bundle.genesis, genesisSpec],
    ] as const) {
      const args = [JSON.stringify(circuit), JSON.stringify(entry.public), decodeProof(entry.proof)] as const;
      expect(codeOf(() => prover.verify(...args, own))).toBe('nothing');
      expect(codeOf(() => prover.verify(...args, other))).toBe('VERIFY_FAILED');
      expect(codeOf(() => prover.checkOwn(...args, own))).toBe('nothing');
      expect(codeOf(() => prover.checkOwn(...args, other))).toBe('VERIFY_FAILED');
    }
  }
  expect(prover.vkDigest(JSON.stringify(blake.run.spec))).toBe(blake.run.keys.window);
});

it('a name that no transcript has is refused', () => {
  const { public: statement, proof } = poseidon.windows[0]!;
  const call = () =>
    prover.verify(
      JSON.stringify(poseidon.run.spec),
      JSON.stringify(statement),
      decodeProof(proof),
      'keccak' as never,
    );
  expect(codeOf(call)).toBe('TRANSCRIPT_UNKNOWN');
});

it('every byte of a Poseidon proof counts', () => {
  const { public: statement, proof } = poseidon.windows[0]!;
  const bytes = decodeProof(proof);
  const step = Math.max(1, Math.floor(bytes.length / 40));
  for (let at = 0; at < bytes.length; at += step) {
    const forged = bytes.slice();
    forged[at]! ^= 1;
    const code = codeOf(() =>
      prover.verify(JSON.stringify(poseidon.run.spec), JSON.stringify(statement), forged, 'poseidon'),
    );
    expect(code).toMatch(/^(VERIFY_|POINT_INVALID)/);
  }
});
