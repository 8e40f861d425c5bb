/** The engine as a service runs it: models, proofs, answers, what is cached for whom, limits, and how it fails. */
import { memoryUses } from '@proof-of-training/inference/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { ending, layered } from '../../inference/test/helpers/file.js';
import type { Answer, Proven, ProveOptions, ZkmlEngine } from '../src/index.js';
import { CANCER, engines, onnx, rows } from './helpers/models.js';

const open = engines();
const REVEAL = { output: 1, atLeast: 0 } as const;
const CONTEXT = `0x${'0'.repeat(62)}2a`;

let engine: ZkmlEngine;
let proven: Proven;
beforeAll(async () => {
  engine = await open();
  await engine.registerModel(CANCER);
  const request = { model: 'cancer', inputs: rows[0]!, reveal: REVEAL, context: CONTEXT };
  proven = await engine.prove(request);
}, 120_000);

const code = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (e: { code?: string }) => e.code,
  );

describe('a proof', () => {
  it('is of a registered model, and nothing about it is conditional', async () => {
    const { features, outputs, parameters, digest, commitments } = engine.model('cancer');
    expect({ features, outputs, parameters }).toEqual({ features: 30, outputs: 2, parameters: 266 });
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(commitments).toMatchObject([
      { commitment: proven.commitment, genesis: { format: expect.any(String) } },
    ]);
    const report = await engine.verify(proven.proof, { model: 'cancer', reveal: REVEAL });
    expect(report).toMatchObject({ ok: true, inference: { weights: proven.commitment, context: CONTEXT } });
    expect(report.conditional).toBeUndefined();
    expect(report.inference!.predicates).toMatchObject([{ holds: [proven.outputs[0]![1]! >= 0] }]);
  });

  it('of something else than is asked for is refused', async () => {
    const other = `0x${'0'.repeat(62)}2b`;
    const lie = structuredClone(proven.proof);
    lie.public.outputs = { public: [[1 - (lie.public.outputs as { public: number[][] }).public[0]![0]!]] };
    const bound = structuredClone(proven.proof);
    bound.public.context = other;
    const weights = structuredClone(proven.proof);
    weights.public.weights = other;
    const cases = [
      [proven.proof, { reveal: { output: 1, atLeast: 0.5 } }, 'ZKML_SECURITY'],
      [proven.proof, { reveal: { output: 0, atLeast: 0 } }, 'ZKML_SECURITY'],
      [proven.proof, { reveal: { class: 1 } }, 'ZKML_SECURITY'],
      [proven.proof, { expected: { context: other } }, 'ZKML_SECURITY'],
      [proven.proof, { inputs: { ...proven.secrets.inputs!, salt: new Uint8Array(32) } }, 'ZKML_SECURITY'],
      [weights, {}, 'ZKML_SECURITY'],
      [lie, {}, 'ZKML_VERIFICATION_FAILED'],
      [bound, {}, 'ZKML_VERIFICATION_FAILED'],
      ['{', {}, 'ZKML_PROOF_INVALID'],
      [{ ...proven.proof, more: 1 }, {}, 'ZKML_PROOF_INVALID'],
      [proven.genesis as never, {}, 'ZKML_PROOF_INVALID'],
    ] as const;
    for (const [file, options, wanted] of cases)
      expect(await code(engine.verify(file as never, { model: 'cancer', ...options }))).toBe(wanted);
    expect(await code(engine.verify(proven.proof, { model: 'nobody' }))).toBe('ZKML_MODEL_INVALID');
  });

  it('of a commitment that was opened often enough comes from another one of the same model', async () => {
    type Inside = { models: { get(id: string): { latest: { uses: unknown } } } };
    (engine as unknown as Inside).models.get('cancer').latest.uses = memoryUses(21);
    const next = await engine.prove({ model: 'cancer', inputs: rows[0]! });
    expect(next.commitment).not.toBe(proven.commitment);
    expect(engine.model('cancer').commitments.map(({ commitment }) => commitment)).toEqual([
      proven.commitment,
      next.commitment,
    ]);
    // The older one is still of this model.
    await engine.verify(proven.proof, { model: 'cancer' });
    await engine.verify(next.proof, { model: 'cancer' });
  });
});

describe('the cache', () => {
  const asked = { model: 'cancer', inputs: rows[1]!, owner: 'a', proof: false } as const;

  it('answers who asked, with a copy, and nobody else', async () => {
    const first = await engine.executeInference(asked);
    first.outputs[0]!.fill(99);
    const again = await engine.executeInference(asked);
    expect([first.cached, again.cached]).toEqual([false, true]);
    expect(again.outputs[0]![0]).not.toBe(99);
    for (const other of [{ owner: 'b' }, { owner: undefined }, { inputs: rows[2]! }, { owner: 'a"' }])
      expect((await engine.executeInference({ ...asked, ...other })).cached).toBe(false);
    expect((await engine.executeInference({ ...asked, owner: undefined })).cached).toBe(false);
  });

  it('gives a proof to none who asks with another visibility, predicate or context', async () => {
    const request = { model: 'cancer', inputs: rows[1]!, owner: 'a' };
    const first: Answer = await engine.executeInference(request);
    expect(first).toMatchObject({ cached: false, secrets: { inputs: { salt: expect.any(Uint8Array) } } });
    const again = await engine.executeInference(request);
    expect({ ...again, cached: false }).toEqual(first);
    expect(again.cached).toBe(true);
    type Inside = { cache: { get(key: object): unknown }; models: { get(id: string): { cacheKey: string } } };
    const inside = engine as unknown as Inside;
    const key = {
      model: inside.models.get('cancer').cacheKey,
      owner: 'a',
      inputs: Float64Array.from(rows[1]!, (v) => v / 2),
      shown: {},
    };
    expect(inside.cache.get(key)).toBeDefined();
    const shows: Partial<ProveOptions>[] = [
      { show: { inputs: 'public' } },
      { show: { outputs: 'committed' } },
      { reveal: REVEAL },
      { context: CONTEXT },
      { transcript: 'poseidon' },
    ];
    for (const shown of shows) expect(inside.cache.get({ ...key, shown })).toBeUndefined();
    expect(inside.cache.get({ ...key, owner: 'b' })).toBeUndefined();
    expect(inside.cache.get({ ...key, model: 'other' })).toBeUndefined();
  });
});

describe('failures', () => {
  it('are told apart by their codes, with what is behind them', async () => {
    const model = (id: string, file: Uint8Array, more = {}) =>
      code(engine.registerModel({ id, onnx: file, profile: 'compact', samples: 1, ...more }));
    expect(await model('m', onnx.subarray(0, 500))).toBe('ZKML_PARSING_FAILED');
    const unsupported = ending({ opType: 'Tanh', input: ['p'], output: ['y'] });
    expect(await model('m', unsupported)).toBe('ZKML_MODEL_INVALID');
    expect(await model('m', onnx, { sha256: '0'.repeat(64) })).toBe('ZKML_SECURITY');
    expect(await model('cancer', onnx)).toBe('ZKML_MODEL_INVALID');
    expect(await model('m', layered(2, [1e9, 1, 1, 1]))).toBe('ZKML_MODEL_INVALID');
    const deep = layered(1, ...Array.from({ length: 40 }, () => [1]));
    expect(await model('m', deep)).toBe('ZKML_CIRCUIT_INVALID');
    // None of these took a place.
    expect(engine.listModels().map(({ id }) => id)).toEqual(['cancer']);
    const wrong = [
      [1, 2],
      [rows[0], [1]],
      [rows[0]!.map(String)],
      rows[0]!.map(() => Number.NaN),
      rows[0]!.map(() => 9),
    ];
    for (const inputs of wrong)
      expect(await code(engine.prove({ model: 'cancer', inputs: inputs as number[] }))).toBe(
        'ZKML_INPUT_INVALID',
      );
    expect(await code(engine.prove({ model: 'cancer', inputs: [] }))).toBe('OPTION_INVALID');
  });
});

describe('limits', () => {
  it('hold where many register at once, and after failures', async () => {
    const small = await open({ limits: { models: 2, modelBytes: 20_000 } });
    const one = layered(2, [1, 2, 3, 4]);
    const asked = ['a', 'b', 'c', 'd', 'a'].map((id) => code(small.registerModel({ id, onnx: one })));
    expect(await Promise.all(asked)).toEqual([
      undefined,
      undefined,
      'ZKML_LIMIT',
      'ZKML_LIMIT',
      'ZKML_MODEL_INVALID',
    ]);
    expect(small.unregisterModel('a')).toBe(true);
    expect(await code(small.registerModel({ id: 'e', onnx: one.subarray(0, 9) }))).toBe(
      'ZKML_PARSING_FAILED',
    );
    expect(await code(small.registerModel({ id: 'f', onnx: new Uint8Array(20_001) }))).toBe('ZKML_LIMIT');
    expect(await code(small.registerModel({ id: 'g', onnx: one }))).toBeUndefined();
    await small.stop();
    expect(await code(small.registerModel({ id: 'h', onnx: one }))).toBe('ZKML_STOPPED');
  });
});
