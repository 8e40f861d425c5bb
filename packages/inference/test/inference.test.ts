/** A model that a run trained gives outputs: proven, verified against the run, and what must be refused. */
import { loadProver } from '@proof-of-training/halo2-wasm';
import { quantiseInputs } from '@proof-of-training/sgd-circuit';
import {
  decodeOpening,
  decodeProof,
  encodeProof,
  type InferenceProof,
} from '@proof-of-training/verifier/files';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SharedRun, sharedRun } from '../../core/test/helpers/sharedRun.js';
import { TOY, toyData } from '../../core/test/helpers/toy.js';
import { checkInferenceRange } from '../../verifier/src/verify/inferenceRange.js';
import { Checklist } from '../../verifier/src/verify/report.js';
import { memoryUses, type ProvenOutputs, proveInference, verifyInference } from '../src/node.js';

const accept = { allowDevelopmentSrs: true } as const;
const SAMPLES = 3;
const inputs = toyData(5).x.slice(0, SAMPLES * TOY.inputs);
const CONTEXT = `0x${'0'.repeat(62)}2a`;

let run: SharedRun;
let committed: ProvenOutputs;
let shown: ProvenOutputs;
beforeAll(async () => {
  run = await sharedRun('dense');
  const { opening } = run;
  committed = await proveInference({ ...accept, opening, inputs, uses: memoryUses() });
  shown = await proveInference({
    ...accept,
    opening,
    inputs,
    uses: memoryUses(),
    show: { inputs: 'public', outputs: 'committed' },
    context: CONTEXT,
    transcript: 'poseidon',
  });
}, 240_000);

/** The file, changed. */
function changed(change: (file: InferenceProof) => void, { proof } = committed): InferenceProof {
  const copy = structuredClone(proof);
  change(copy);
  return copy;
}

const code = async (...request: Parameters<typeof verifyInference>) =>
  (await verifyInference(request[0], { ...accept, ...request[1] })).failure?.code;

describe('a proof', () => {
  it('says what the last weights of a run give, of which no file has any', async () => {
    const report = await verifyInference(JSON.stringify(committed.proof), { ...accept, run: run.bundle });
    expect(report.failure).toBeUndefined();
    expect(report).toMatchObject({ ok: true, kind: 'inference', developmentSrs: true });
    expect(report.conditional).toBeUndefined();
    const { inference } = report;
    expect(inference).toMatchObject({ run: run.bundle.run.runId, weights: run.opening.commitment });
    // The integers are those of the executor that trained.
    const { spec } = run.opening;
    const halo2 = await loadProver();
    const executor = halo2.executor(JSON.stringify(spec), decodeOpening(run.opening).weights);
    const expected = [...executor.predict(quantiseInputs(spec, inputs))];
    executor.free();
    const [values] = (
      inference!.outputs as { values: { integers: number[]; numbers: number[]; shape: number[] }[] }
    ).values;
    expect(values).toMatchObject({ shape: [SAMPLES, TOY.outputs], integers: expected });
    expect(values!.numbers).toEqual(committed.outputs.flatMap((row) => [...row]));
    // Inputs are shown by their digest alone.
    expect(inference!.inputs).toEqual({ committed: expect.stringMatching(/^0x[0-9a-f]{64}$/) });
    expect(committed.secrets.inputs?.salt).toHaveLength(32);
    expect(committed.secrets.outputs).toBeUndefined();
  });

  it('holds on a condition without the run, and by the digest of its weights', async () => {
    const report = await verifyInference(shown.proof, {
      ...accept,
      expected: { weights: run.opening.commitment, context: CONTEXT },
      expectedKey: shown.proof.key,
    });
    expect(report.failure).toBeUndefined();
    expect(report.conditional).toHaveLength(1);
    expect(report.pinned).toEqual(['expectedKey', 'weights', 'context']);
    expect(report.notPinned).toEqual(['expectedSrsHash', 'run', 'genesis', 'inputs', 'outputs']);
    expect(report.inference?.run).toBeUndefined();
    expect(report.inference?.outputs).toHaveProperty('committed');
    const { a } = run.opening.spec.scales;
    const [x] = (report.inference!.inputs as { values: { numbers: number[] }[] }).values;
    expect(x!.numbers).toEqual([...inputs].map((v) => Math.round(v * 2 ** a) / 2 ** a));
  });

  it('is compared with inputs and outputs that the verifier has, shown or committed', async () => {
    const { entries } = committed.secrets.inputs!;
    const other = entries.map((v, i) => (i === 4 ? v ^ 1n : v));
    const cases = [
      [committed, { inputs: committed.secrets.inputs! }, undefined],
      [committed, { inputs: { ...committed.secrets.inputs!, entries: other } }, 'EXPECTED_MISMATCH'],
      [committed, { inputs: { entries, salt: new Uint8Array(32) } }, 'EXPECTED_MISMATCH'],
      [committed, { inputs: { entries } }, 'OPTION_INVALID'],
      [shown, { inputs: { entries } }, undefined],
      [shown, { inputs: { entries: other } }, 'EXPECTED_MISMATCH'],
      [shown, { inputs: { entries: entries.slice(1) } }, 'EXPECTED_MISMATCH'],
      [shown, { outputs: shown.secrets.outputs! }, undefined],
      [shown, { outputs: committed.secrets.inputs! }, 'INPUT_SHAPE'],
    ] as const;
    for (const [{ proof }, contents, expected] of cases) expect(await code(proof, contents)).toBe(expected);
  });
});

describe('what is refused', () => {
  it('a proof of other weights than those that the run ended with', async () => {
    const again = await sharedRun('denseAgain');
    expect(await code(committed.proof, { run: again.bundle })).toBe('INFERENCE_WEIGHTS');
    // A beginning of the run ends with other weights.
    const { bundle } = await sharedRun('dense', 2);
    expect(await code(committed.proof, { run: bundle })).toBe('INFERENCE_WEIGHTS');
    expect(await code(committed.proof, { expected: { weights: again.opening.commitment } })).toBe(
      'EXPECTED_MISMATCH',
    );
  });

  it('a run that does not hold, or is none', async () => {
    const bundle = structuredClone(run.bundle);
    bundle.windows[0]!.public.eta = '1';
    expect(await code(committed.proof, { run: bundle })).toBe('INFERENCE_RUN');
    expect(await code(committed.proof, { run: committed.proof })).toBe('INFERENCE_RUN');
    expect(await code(committed.proof, { run: '{' })).toBe('INFERENCE_RUN');
  });

  it('every part of the file that says something else', async () => {
    const flipped = (text: string, at: number) => {
      const bytes = decodeProof(text);
      bytes[at]! ^= 1;
      return encodeProof(bytes);
    };
    const [one] = (committed.proof.public.outputs as { public: number[][] }).public;
    const cases: [string, (file: InferenceProof) => void][] = [
      ['VERIFY_DIGEST', (f) => (f.public.outputs = { public: [one!.map((v, i) => (i === 0 ? v + 1 : v))] })],
      ['PUBLIC_INVALID', (f) => (f.public.outputs = { public: [one!.slice(1)] })],
      ['PUBLIC_INVALID', (f) => (f.public.outputs = { public: [one!, one!] })],
      ['PUBLIC_INVALID', (f) => (f.public.outputs = { public: [one!.map(() => 2 ** 40)] })],
      ['PUBLIC_INVALID', (f) => (f.public.outputs = 'nothing')],
      ['VERIFY_DIGEST', (f) => (f.public.inputs = { committed: f.public.weights })],
      ['VERIFY_DIGEST', (f) => (f.public.weights = CONTEXT)],
      ['PUBLIC_INVALID', (f) => (f.public.frozen = f.public.weights)],
      ['VERIFY_FAILED', (f) => (f.public.context = CONTEXT)],
      ['VERIFY_FAILED', (f) => (f.transcript = 'poseidon')],
      ['VERIFY_FAILED', (f) => (f.proof = flipped(f.proof, decodeProof(f.proof).length - 40))],
      ['FORMAT_VERSION', (f) => (f.proof = flipped(f.proof, 7))],
      ['VERIFY_TRUNCATED', (f) => (f.proof = encodeProof(decodeProof(f.proof).subarray(0, 20)))],
      ['KEY_DIGEST', (f) => (f.key = f.public.weights)],
      ['GRAPH_INVALID', (f) => (f.graph = f.graph.replace('"x"', '"w"'))],
      ['SPEC_INVALID', (f) => (f.settings = `${f.settings} `)],
      ['VERIFY_DIGEST', (f) => (f.settings = f.settings.replace('softmaxCrossEntropy', 'meanSquaredError'))],
      [
        'FORMAT_INVALID',
        (f) => (f.settings = f.settings.replace('"infer"', '{"train":{"rateBits":14,"steps":1}}')),
      ],
      ['FORMAT_INVALID', (f) => (f.settings = f.settings.replace(/"k":\d+/, '"k":28'))],
      ['FORMAT_INVALID', (f) => (f.settings = '{')],
      ['FORMAT_INVALID', (f) => Object.assign(f.public, { rate: 1 })],
      ['FORMAT_INVALID', (f) => Object.assign(f, { note: 'x' })],
      ['FORMAT_VERSION', (f) => Object.assign(f, { version: 1 })],
      ['FORMAT_FOREIGN', (f) => Object.assign(f, { format: 'proof-of-training/proof' })],
      ['SRS_MISMATCH', (f) => (f.srs.hash = '0'.repeat(64))],
      ['SRS_NEEDED', (f) => (f.srs = { ...f.srs, hash: '0'.repeat(64), development: false })],
    ];
    for (const [expected, change] of cases)
      expect([expected, await code(changed(change))]).toEqual([expected, expected]);
  });

  it('numbers that are too coarse, unless they are accepted', async () => {
    expect(await code(committed.proof, { minPrecision: { activations: 12 } })).toBe('PRECISION_TOO_LOW');
    expect(await code(committed.proof, { minPrecision: { weights: 50 } })).toBe('PRECISION_TOO_LOW');
  });

  it('a genesis proof that says nothing of the frozen weights', async () => {
    const { bundle } = run;
    const genesis = {
      format: 'proof-of-training/proof',
      version: 2,
      spec: bundle.run.genesisSpec,
      srs: bundle.run.srs,
      key: bundle.run.keys.genesis,
      ...(bundle.run.transcript && { transcript: bundle.run.transcript }),
      ...bundle.genesis,
    };
    const about = (frozen: string) =>
      ({ public: { weights: bundle.run.genesis, frozen }, srs: bundle.run.srs }) as InferenceProof;
    const lists = [new Checklist(), new Checklist()];
    expect(await checkInferenceRange(lists[0]!, about(''), genesis, accept)).toBe(true);
    expect(await checkInferenceRange(lists[1]!, about(CONTEXT), genesis, accept)).toBe(false);
    expect(lists[1]!.failure?.code).toBe('INFERENCE_GENESIS');
  });

  it('more rows than the verifier accepts, with the run too', async () => {
    expect(await code(committed.proof, { maxK: 7 })).toBe('SPEC_TOO_LARGE');
    expect(await code(committed.proof, { maxK: 7, run: run.bundle })).toBe('SPEC_TOO_LARGE');
  });

  it('the development SRS, unasked', async () => {
    const report = await verifyInference(committed.proof);
    expect(report.failure?.code).toBe('SRS_DEVELOPMENT_REFUSED');
  });

  it('options that are wrong, before anything is read', async () => {
    const wrong = [
      [{ runs: run.bundle }, 'OPTION_UNKNOWN'],
      [{ run: 3 }, 'OPTION_INVALID'],
      [{ inputs: { entries: [1] } }, 'OPTION_INVALID'],
      [{ expected: { weight: CONTEXT } }, 'EXPECTED_UNKNOWN'],
      [{ expected: { weights: 'x' } }, 'PIN_INVALID'],
      [{ expectedKey: undefined }, 'PIN_INVALID'],
    ] as const;
    for (const [options, expected] of wrong) {
      await expect(verifyInference('{}', options as object)).rejects.toMatchObject({ code: expected });
    }
  });
});

describe('proving refuses', () => {
  const proving = (more: object) =>
    proveInference({ ...accept, opening: run.opening, inputs, uses: memoryUses(), ...more });

  it('inputs that no network of this format can have, and counts nothing', async () => {
    const uses = { take: () => Promise.reject(new Error('counted')) };
    const row = (v: number) => Float32Array.from({ length: TOY.inputs }, () => v);
    await expect(proving({ uses, inputs: row(1e6) })).rejects.toMatchObject({ code: 'VALUE_OUT_OF_RANGE' });
    await expect(proving({ uses, inputs: row(Number.NaN) })).rejects.toMatchObject({
      code: 'VALUE_NOT_FINITE',
    });
    await expect(proving({ uses, inputs: row(1).slice(1) })).rejects.toMatchObject({ code: 'DATA_SHAPE' });
    await expect(proving({ uses, inputs: [] })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(proving({ uses, inputs: new Float32Array(TOY.inputs << 16) })).rejects.toMatchObject({
      code: 'CIRCUIT_TOO_LARGE',
    });
  });

  it('an opening of other weights, of adapters, or none', async () => {
    const again = await sharedRun('denseAgain');
    const opening = { ...run.opening, weights: again.opening.weights };
    await expect(proving({ opening })).rejects.toMatchObject({ code: 'OPENING_COMMITMENT' });
    const lora = await sharedRun('lora');
    await expect(proving({ opening: lora.opening })).rejects.toMatchObject({ code: 'INFERENCE_MODEL' });
    await expect(proving({ opening: {} })).rejects.toMatchObject({ code: 'OPENING_INVALID' });
  });

  it('what it does not know, and salts that were used too often', async () => {
    await expect(proving({ show: { input: 'public' } })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(proving({ outputs: 'public' })).rejects.toMatchObject({ code: 'OPTION_UNKNOWN' });
    await expect(proving({ uses: 3 })).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    await expect(proving({ context: '0x1' })).rejects.toMatchObject({ code: 'PIN_INVALID' });
    await expect(proving({ context: `0x${'f'.repeat(64)}` })).rejects.toMatchObject({
      code: 'PIN_INVALID',
    });
    await expect(proving({ uses: memoryUses(21) })).rejects.toMatchObject({ code: 'SALT_EXHAUSTED' });
  });
});
