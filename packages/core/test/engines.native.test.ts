/** The native engine against WebAssembly: the same keys, numbers, commitments and errors; each verifies the other's proofs. */
import { readFileSync } from 'node:fs';
import { type Halo2, isPotError, loadProver, type Prover } from '@proof-of-training/halo2-wasm';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProverPool } from '../src/prove/pool.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { KINDS, prove, type Statement, toySpec, toyStatement, windowTaskOf } from './helpers/statements.js';
import { toyOptions } from './helpers/toy.js';

const K = 11;
const engines = {} as Record<'wasm' | 'native', { halo2: Halo2; prover: Prover }>;
let srs: Uint8Array;

beforeAll(async () => {
  for (const engine of ['wasm', 'native'] as const) {
    const halo2 = await loadProver({ engine });
    srs ??= halo2.srsDevelopment(K);
    engines[engine] = { halo2, prover: halo2.prover(srs) };
  }
});
afterAll(() => {
  for (const { prover } of Object.values(engines)) prover.free();
});

it('are two engines', () => {
  expect(engines.wasm.halo2.engine).toBe('wasm');
  expect(engines.native.halo2.engine).toBe('native');
  expect(engines.native.halo2.module).toBeUndefined();
});

describe.each(KINDS)('a %s', (kind) => {
  let ours: Statement;
  let theirs: Statement;
  beforeAll(async () => {
    ours = await toyStatement(engines.native.halo2, engines.native.prover, kind);
    theirs = await toyStatement(engines.wasm.halo2, engines.wasm.prover, kind);
  });

  it('has the same plan, steps, predictions, commitments and public inputs', () => {
    expect(ours.after).not.toEqual(ours.witness.w0);
    expect(ours).toEqual(theirs);
  });

  it('has the same key', () => {
    const { native, wasm } = engines;
    const digest = wasm.prover.vkDigest(ours.specJson);
    expect(native.prover.vkDigest(ours.specJson)).toBe(digest);
    expect(native.prover.keygen(ours.specJson)).toBe(digest);
  });

  it("has the same proving key, by the same name, and either engine proves with the other's", () => {
    const { wasm, native } = engines;
    const { specJson, publicJson } = ours;
    expect(native.prover.keyId(specJson)).toBe(wasm.prover.keyId(specJson));
    const keys = [wasm, native].map((e) => e.prover.exportKey(specJson));
    expect(Buffer.compare(keys[0]!, keys[1]!)).toBe(0);
    for (const [from, to] of [
      [wasm, native],
      [native, wasm],
    ] as const) {
      const user = to.halo2.prover(srs);
      user.importKey(specJson, from.prover.exportKey(specJson));
      from.prover.verify(specJson, publicJson, prove(user, ours));
      user.free();
    }
  });

  it.each([
    ['native', 'wasm'],
    ['wasm', 'native'],
  ] as const)('proven by %s verifies by %s, and not with one byte changed', (by, other) => {
    const proof = prove(engines[by].prover, ours);
    const { prover } = engines[other];
    const answer = prover.verify(ours.specJson, ours.publicJson, proof);
    expect(answer).toEqual(engines[by].prover.verify(ours.specJson, ours.publicJson, proof));
    for (const at of [3, proof.length >> 1, proof.length - 5]) {
      const forged = proof.slice();
      forged[at]! ^= 1;
      const refusals = Object.values(engines).map((e) =>
        refusal(() => e.prover.verify(ours.specJson, ours.publicJson, forged)),
      );
      expect(refusals[0]).toMatchObject({ code: expect.stringMatching(/^(VERIFY|POINT)_/) });
      expect(refusals[1]).toEqual(refusals[0]);
    }
  });
});

it('make the same reference strings, from a powers-of-tau file too', () => {
  const ptau = new Uint8Array(
    readFileSync(new URL('../../proof-system/fixtures/bn128-k6.ptau', import.meta.url)),
  );
  const [wasm, native] = [engines.wasm.halo2, engines.native.halo2];
  expect(native.srsDevelopment(5)).toEqual(wasm.srsDevelopment(5));
  const imported = native.srsFromPtau(ptau, 5);
  expect(imported).toEqual(wasm.srsFromPtau(ptau, 5));
  expect(native.srsInspect(imported)).toEqual(wasm.srsInspect(imported));
  expect(native.poseidon(new Uint8Array(96).fill(7))).toEqual(wasm.poseidon(new Uint8Array(96).fill(7)));
});

/** Bad input, and the code that both engines must give. */
const BAD: [string, string, (halo2: Halo2, prover: Prover, s: Statement) => unknown][] = [
  ['no specification', 'SPEC_INVALID', (h) => h.plan('{}')],
  ['a constraint that is none', 'SPEC_INVALID', (h, _, s) => h.plan(s.specJson, '{"rows":3}')],
  [
    'a key without a shape',
    'SPEC_INVALID',
    (_, p, s) => p.keygen(JSON.stringify({ ...s.spec, shape: undefined })),
  ],
  ['a string that is none', 'SRS_INVALID', (h) => h.prover(new Uint8Array(9))],
  ['a string that is too large', 'SRS_INVALID', (h) => h.srsDevelopment(40)],
  [
    'a circuit that is larger than the string',
    'SRS_TOO_SMALL',
    (h, p, s) => p.vkDigest(h.plan(JSON.stringify(s.spec), '{"k":13}').replace(/,?"info":\{[^}]*\}/, '')),
  ],
  ['a damaged powers-of-tau file', 'SRS_INVALID', (h) => h.srsFromPtau(new Uint8Array(99), 4)],
  ['a hash of no field element', 'FIELD_INVALID', (h) => h.poseidon(new Uint8Array(32).fill(255))],
  ['too few weights', 'INPUT_SHAPE', (h, _, s) => h.executor(s.specJson, new BigInt64Array(1))],
  [
    'a weight out of range',
    'WEIGHT_RANGE',
    (h, _, s) =>
      h.executor(
        s.specJson,
        s.witness.w0.map(() => 1n << 60n),
      ),
  ],
  [
    'a salt of 31 bytes',
    'INPUT_SHAPE',
    (_, p, s) => p.commitWeights(s.specJson, s.witness.w0, new Uint8Array(31)),
  ],
  [
    'data out of range',
    'DATA_RANGE',
    (_, p, s) =>
      p.commitData(
        s.specJson,
        s.witness.x.map(() => -1),
        s.witness.y,
        s.witness.salt0,
      ),
  ],
  [
    'labels that are not one-hot',
    'DATA_LABELS',
    (_, p, s) =>
      p.commitData(
        s.specJson,
        s.witness.x,
        s.witness.y.map(() => 1),
        s.witness.salt0,
      ),
  ],
  [
    'another learning rate',
    'VERIFY_DIGEST',
    (_, p, s) => prove(p, { ...s, publicJson: s.publicJson.replace(/"eta":"\d+"/, '"eta":"9"') }),
  ],
  ['public inputs that are none', 'PUBLIC_INVALID', (_, p, s) => prove(p, { ...s, publicJson: '{}' })],
  ['half a proof', 'VERIFY_TRUNCATED', (_, p, s) => p.verify(s.specJson, s.publicJson, new Uint8Array(7))],
  ['a key that is none', 'KEY_INVALID', (_, p, s) => p.importKey(s.specJson, new Uint8Array(200))],
  ['threads that are none', 'THREADS_UNAVAILABLE', (h) => h.prover(srs, { threads: -1 })],
];

it.each(BAD)('%s is %s in both', async (_, code, call) => {
  const refusals = [];
  for (const { halo2, prover } of [engines.wasm, engines.native]) {
    const statement = await toyStatement(halo2, prover, 'window');
    refusals.push(refusal(() => call(halo2, prover, statement)));
  }
  expect(refusals[0]).toMatchObject({ code });
  expect(refusals[1]).toEqual(refusals[0]);
});

it('a step that fails leaves the executor as it was, and usable', async () => {
  const { halo2, prover } = engines.native;
  const { specJson, witness } = await toyStatement(halo2, prover, 'tolerance');
  const executor = halo2.executor(specJson, witness.w0);
  expect(refusal(() => executor.step(witness.x, witness.y, 0n))).toMatchObject({ code: 'ETA_RANGE' });
  expect(refusal(() => executor.step(witness.x, witness.y, 1n << 64n))).toMatchObject({ code: 'ETA_RANGE' });
  expect(executor.weights()).toEqual(witness.w0);
  executor.setWeights(witness.w0.map((w) => w + 1n));
  expect(executor.weights()).toEqual(witness.w0.map((w) => w + 1n));
  executor.free();
  expect(refusal(() => executor.weights())).toMatchObject({ code: 'OBJECT_FREED' });
});

it('proves with any number of threads', async () => {
  const { halo2, prover } = engines.native;
  const statement = await toyStatement(halo2, prover, 'window');
  const one = halo2.prover(srs, { threads: 1 });
  for (const threads of [1, 3, 0]) {
    one.setThreads(threads);
    engines.wasm.prover.verify(statement.specJson, statement.publicJson, prove(one, statement));
  }
  one.free();
});

describe('a native pool', () => {
  it('proves in two threads at once', async () => {
    const { halo2, prover } = engines.native;
    const statement = await toyStatement(halo2, prover, 'window');
    const { specJson, publicJson } = statement;
    const pool = await ProverPool.start({ srs, workers: 2, engine: 'native' });
    const task = windowTaskOf(statement);
    try {
      const made = await Promise.all([1, 2, 3, 4].map(() => pool.run(task)));
      for (const { proof } of made) engines.wasm.prover.verify(specJson, publicJson, proof!);
      expect(new Set(made.map((m) => Buffer.from(m.proof!).toString('hex'))).size).toBe(4);
      // Both threads have made a key of their own.
      expect(made.filter((m) => m.keygenMs! > 0)).toHaveLength(2);
    } finally {
      await pool.close();
    }
  });

  it('gives the errors of its threads', async () => {
    const pool = await ProverPool.start({ srs, workers: 1, engine: 'native' });
    try {
      const spec = toySpec(engines.wasm.halo2, 'window');
      const weights = new BigInt64Array(1);
      const salt = new Uint8Array(32);
      await expect(pool.run({ kind: 'commitWeights', spec, weights, salt })).rejects.toMatchObject({
        code: 'INPUT_SHAPE',
      });
    } finally {
      await pool.close();
    }
  });
});

it('a run that was proven natively verifies in WebAssembly', async () => {
  const session = await TrainingSession.create(toyOptions({ engine: 'native' }));
  try {
    await session.fit({ steps: 4 });
    const bundle = await session.finish();
    for (const engine of ['wasm', 'native'] as const) {
      const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true, engine });
      expect(report.failure).toBeUndefined();
      expect(report.ok).toBe(true);
    }
  } finally {
    await session.close();
  }
});

/** What a call throws, as it is sent to other threads. */
function refusal(call: () => unknown): unknown {
  try {
    call();
  } catch (e) {
    if (isPotError(e)) return e.toJSON();
    throw e;
  }
  throw new Error('nothing was thrown');
}
