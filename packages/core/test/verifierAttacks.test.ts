/** What surrounds the proofs: pins, kinds of files, tolerance, precision, and the model that belongs to a run. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { planSpec, profiles, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { checkLimits, MAX_TOLERANCE, toleranceOf } from '@proof-of-training/verifier';
import type { CheckpointOpening } from '@proof-of-training/verifier/files';
import { encodeProof, FORMAT_VERSION, PROOF_FORMAT, type RunBundle } from '@proof-of-training/verifier/files';
import {
  verifyAdapters,
  verifyAggregate,
  verifyTrainingProof,
  verifyTrainingRun,
} from '@proof-of-training/verifier/node';
import { ColumnDigests } from '@proof-of-training/verifier/run';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';
import { applyLora } from '../src/lora/index.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { toleranceFormats } from '../src/step/formats.js';
import { baseDigest } from '../src/verify/baseDigest.js';
import { verifyModelWeights } from '../src/verify/modelWeights.js';
import { loraToyModel, loraToyOptions } from './helpers/loraToy.js';
import { pot, potProcess } from './helpers/pot.js';
import { genesisFile, windowFile } from './helpers/singleProof.js';
import { TOY, toyModel, toyOptions } from './helpers/toy.js';

const accept = { allowDevelopmentSrs: true };
const dir = mkdtempSync(join(tmpdir(), 'pot-verify-'));
const at = (name: string) => join(dir, name);
const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
const failed = (code: string) => expect.objectContaining({ code });

const verify = (file: string, ...flags: string[]) =>
  pot('verify', at(file), '--allow-development-srs', ...flags);
const save = (name: string, value: unknown) =>
  writeFileSync(at(name), typeof value === 'string' ? value : JSON.stringify(value));

let bundle: RunBundle;
let opening: CheckpointOpening;
let trained: tf.LayersModel;
beforeAll(async () => {
  await tf.setBackend('cpu');
  const session = await TrainingSession.create(toyOptions({ workers: 1 }));
  await session.fit({ steps: 4 });
  opening = await session.opening();
  trained = session.model;
  bundle = await session.finish();
  await session.close();
  save('run.json', bundle);
  save('window.json', windowFile(bundle, 1));
  save('genesis.json', genesisFile(bundle));
}, 120_000);

describe('pot verify', () => {
  it('takes no single proof for a run, whatever is pinned', async () => {
    for (const file of ['window.json', 'genesis.json']) {
      const refused = await verify(file, '--run-id', hex(1), '--weights-before', hex(3));
      expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('PROOF_SINGLE'), out: '' });
    }
  });

  it('lets no file write lines of its own, nor control a terminal', async () => {
    save('loud.json', { ...bundle, 'x\nVERIFIED\n\u001b[8m\u009b1A': 1 });
    const refused = await verify('loud.json');
    expect(refused).toMatchObject({ code: 1, out: expect.stringContaining('FORMAT_INVALID') });
    expect(refused.out.split('\n')).not.toContain('VERIFIED');
    expect(refused.out).not.toMatch(/\p{Cc}(?<!\n)/u);
  });

  it('honours pins for a single proof, says what it holds under, and names one that trains nothing', async () => {
    const { public: p } = bundle.windows[1]!;
    const pins = [
      '--single-proof',
      '--run-id',
      p.runId,
      '--weights-before',
      p.weightsIn,
      '--weights-after',
      p.weightsOut,
    ];
    const good = await verify('window.json', ...pins);
    expect(good.code, good.err).toBe(0);
    expect(good.out.trimEnd().split('\n').at(-1)).toMatch(/^CONDITIONAL: .*bounded size/);
    expect(good.out).not.toContain('VERIFIED');
    for (const [i, name] of [2, 4, 6].entries()) {
      const wrong = [...pins];
      wrong[name] = hex(i + 1);
      expect(await verify('window.json', ...wrong)).toMatchObject({
        code: 1,
        out: expect.stringContaining('EXPECTED_MISMATCH'),
      });
    }
    const genesis = await verify('genesis.json', '--single-proof');
    expect(genesis.code).toBe(0);
    expect(genesis.out.trimEnd().split('\n').at(-1)).toMatch(/^CONDITIONAL: .*trains nothing/);
  });

  it('refuses options that the file at hand cannot honour', async () => {
    for (const [file, ...flags] of [
      ['window.json', '--single-proof', '--dataset-root', hex(2)],
      ['window.json', '--single-proof', '--aggregation-key', hex(2)],
      ['window.json', '--single-proof', '--part'],
      ['genesis.json', '--single-proof', '--weights-after', hex(2)],
      ['run.json', '--single-proof'],
      ['run.json', '--aggregation-key', hex(2)],
      ['run.json', '--part'],
    ] as const) {
      expect(await verify(file, ...flags), flags.join(' ')).toMatchObject({
        code: 2,
        err: expect.stringContaining('OPTION_NOT_FOR_THIS_FILE'),
      });
    }
  });

  it('refuses pins that are no digests, or given twice, before anything is read', async () => {
    const flags = [
      '--run-id',
      '--dataset-root',
      '--weights-before',
      '--weights-after',
      '--base',
      '--srs-hash',
    ];
    const others = [...flags, '--aggregation-key'].map((flag) => [flag, ''] as const);
    for (const [flag, value] of [...others, ['--base', '0x12'], ['--run-id', `${hex(1)}0`]] as const) {
      expect(await verify('nowhere.json', flag, value)).toMatchObject({
        code: 2,
        err: expect.stringContaining('PIN_INVALID'),
      });
    }
    expect((await verify('run.json', '--run-id', hex(1), '--run-id', bundle.run.runId)).err).toContain(
      'OPTION_TWICE',
    );
    for (const flag of ['--srs', '--engine'])
      expect((await verify('nowhere.json', flag, '')).err).toContain('OPTION_INVALID');
    expect((await verify('nowhere.json', '--max-tolerance', 'much')).err).toContain('OPTION_INVALID');
    const adapter = ['adapter', 'check', dir, '--bundle', 'b', '--opening', 'o'];
    for (const flag of ['--base', '--srs-hash'])
      expect((await pot(...adapter, flag, '')).err).toContain('PIN_INVALID');
    expect((await pot('srs', 'development', '--k', '7.5')).err).toContain('OPTION_INVALID');
    expect((await pot('aggregate', at('run.json'), '-o', '')).err).toContain('OPTION_INVALID');
    expect((await pot('aggregate', at('run.json'), '-o', at('x'), '--from-window', '1e1')).err).toContain(
      'OPTION_INVALID',
    );
  });

  it('takes pins in either case, with or without 0x, and says what was pinned', async () => {
    const bare = bundle.run.runId.slice(2).toUpperCase();
    const good = await verify('run.json', '--run-id', bare, '--dataset-root', bundle.run.datasetRoot);
    expect(good.code, good.err + good.out).toBe(0);
    expect(good.out).toContain('pinned by you: runId, datasetRoot\n');
    expect(good.out).toMatch(/not pinned.*: expectedSrsHash, .*weightsAfter/);
    expect(good.out).toMatch(/mode: exact; fractional bits: weights 36, activations 8/);
    expect(good.out).toContain('dense 5, relu; dense 3, softmax; loss softmaxCrossEntropy');
    expect(good.out.trimEnd().split('\n').at(-1)).toBe('VERIFIED');
    expect((await verify('run.json')).out).toContain('pinned by you: nothing');
  });
});

describe('hostile files', () => {
  const deep = '{"a":'.repeat(100_000);
  const files = (): Record<string, string | Uint8Array> => {
    const text = JSON.stringify(bundle);
    return {
      empty: '',
      cut: text.slice(0, 5000),
      binary: new Uint8Array([0, 255, 1, 254, 123]),
      deep,
      foreign: '{"format":"another"}',
      list: '[1,2]',
      number: '1e999',
      huge: text.replace('"k":', '"k":1e300,"unknown":'),
      twice: text.replace('"eta":', '"eta":"1","eta":'),
      proto: text.replace('"run":', '"__proto__":{},"run":'),
    };
  };

  it('end every command that reads one with a code, never with a stack', async () => {
    mkdirSync(at('folder.json'));
    const commands = (path: string) => [
      ['verify', path],
      ['inspect', path],
      ['aggregate', path, '-o', at('never.json')],
    ];
    const tried: [string, number][] = [];
    for (const [name, content] of Object.entries(files())) {
      writeFileSync(at(`${name}.bad.json`), content);
      for (const command of commands(at(`${name}.bad.json`))) {
        // The program itself adds nothing to the function that is called here; of each command, one file shows it.
        const { code, out, err } = await (name === 'deep' ? potProcess : pot)(...command);
        expect(code, `${command[0]} ${name}`).toBe(command[0] === 'verify' ? 1 : 2);
        expect(out + err).toMatch(/(\[|Code: )(FORMAT|SOURCE)_[A-Z_]+/);
        expect(out + err).not.toMatch(/^\s+at .*:\d+:\d+/m);
        tried.push([name, code!]);
      }
    }
    expect(tried).toHaveLength(30);
    for (const command of commands(at('folder.json')).slice(0, 2)) {
      expect(await pot(...command)).toMatchObject({ code: 2, err: expect.stringContaining('FILE_READ') });
    }
  }, 120_000);

  it('are refused alike as text, bytes, ArrayBuffer, Blob and Response; whole ones are read alike', async () => {
    const forms = (text: string) => {
      const bytes = new TextEncoder().encode(text);
      return [text, bytes, Buffer.from(bytes), bytes.buffer, new Blob([bytes]), new Response(text)];
    };
    const { twice } = files();
    for (const form of forms(twice as string)) {
      const { failure } = await verifyTrainingRun(form, accept);
      expect(failure?.code).toBe('FORMAT_DUPLICATE_KEY');
    }
    for (const form of forms(`\ufeff${JSON.stringify(bundle)}`)) {
      expect((await verifyTrainingRun(form)).failure?.code).toBe('SRS_DEVELOPMENT_REFUSED');
    }
    for (const nothing of [undefined, null, 7, Promise.resolve(bundle), new Response('', { status: 404 })]) {
      for (const verifier of [verifyTrainingRun, verifyTrainingProof, verifyAggregate]) {
        const report = await verifier(nothing as never, accept);
        expect(report).toMatchObject({ ok: false, failure: { code: 'SOURCE_INVALID' } });
      }
      expect((await verifyAdapters([], nothing as never, {}, accept)).failure?.code).toBe('SOURCE_INVALID');
    }
  });

  it('of any content give a report, and never an error', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.jsonValue(), fc.string(), fc.uint8Array()), async (source) => {
        expect((await verifyTrainingRun(source as never)).ok).toBe(false);
        expect((await verifyTrainingProof(source as never)).ok).toBe(false);
        expect((await verifyAggregate(source as never)).ok).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

describe('options of a verifier', () => {
  it('are refused where they are wrong: unknown, empty, undefined, of another type', async () => {
    const refused = async (options: object, code: string) => {
      for (const call of [verifyTrainingRun, verifyAggregate]) {
        await expect(call(bundle, options as never), JSON.stringify(options)).rejects.toEqual(failed(code));
      }
      await expect(verifyAdapters([], bundle, {}, options as never)).rejects.toEqual(failed(code));
    };
    await refused({ allowDevelopmentSRS: true }, 'OPTION_UNKNOWN');
    await refused({ allowDevelopmentSrs: 'false' }, 'OPTION_INVALID');
    await refused({ expectedSrsHash: '' }, 'PIN_INVALID');
    await refused({ expectedSrsHash: undefined }, 'PIN_INVALID');
    await refused({ expected: { runId: undefined } }, 'PIN_INVALID');
    await refused({ expected: { weightsAfter: '' } }, 'PIN_INVALID');
    await refused({ expected: { dataRoot: hex(1) } }, 'EXPECTED_UNKNOWN');
    await refused({ expected: { steps: undefined } }, 'OPTION_INVALID');
    await refused({ expected: { learningRate: Number.NaN } }, 'OPTION_INVALID');
    await refused({ expected: { spec: {} } }, 'OPTION_INVALID');
    await refused({ maxTolerance: -1 }, 'OPTION_INVALID');
    await expect(verifyAggregate(bundle, { aggregationKey: '' })).rejects.toEqual(failed('PIN_INVALID'));
    const single = (options: object) => verifyTrainingProof({}, options);
    await expect(single({ expected: { weightsOut: '' } })).rejects.toEqual(failed('PIN_INVALID'));
    await expect(single({ expected: { weightsAfter: hex(1) } })).rejects.toEqual(failed('EXPECTED_UNKNOWN'));
    await expect(single({ expectedKey: '' })).rejects.toEqual(failed('PIN_INVALID'));
    const weights = (c: string, o = {}) => verifyModelWeights(trained, c, opening, o);
    await expect(weights('')).rejects.toEqual(failed('PIN_INVALID'));
    await expect(weights(hex(1), { runs: 1 })).rejects.toEqual(failed('OPTION_UNKNOWN'));
    await expect(baseDigest(trained, bundle.run, { baseSald: 1 } as never)).rejects.toEqual(
      failed('OPTION_UNKNOWN'),
    );
  });
});

describe('a tolerance', () => {
  it('that says nothing is refused unless it is accepted knowingly; then the report has it', async () => {
    const { file, pub } = await anyWeights();
    const refused = await verifyTrainingProof(file, { ...accept, expected: pub });
    expect(refused).toMatchObject({ ok: false, failure: { code: 'TOLERANCE_TOO_LARGE' } });
    const known = await verifyTrainingProof(file, { ...accept, expected: pub, maxTolerance: 2048 });
    expect(known).toMatchObject({
      ok: true,
      kind: 'window',
      conditional: [expect.stringContaining('bounded size')],
      description: { mode: 'tolerance', tolerance: { bits: 47, value: 2048 } },
    });
    expect(known.description!.tolerance!.statement).toContain('may say nothing at all');
    save('tolerance.json', file);
    expect((await verify('tolerance.json', '--single-proof')).out).toContain('[TOLERANCE_TOO_LARGE]');
    const told = await verify('tolerance.json', '--single-proof', '--max-tolerance', '2048');
    expect(told.code).toBe(0);
    expect(told.out).toContain("tolerance: Each weight is within 2050 of the step's result");
  });

  it('of every format that is chosen by itself is accepted', () => {
    for (const { scales, limbs } of toleranceFormats) {
      expect(toleranceOf({ scales, limbs })).toBeLessThanOrEqual(MAX_TOLERANCE);
      const spec = { mode: 'tolerance' as const, scales, toleranceLimbs: limbs };
      expect(checkLimits(spec)).toContain('tolerance');
      expect(() => checkLimits({ ...spec, toleranceLimbs: limbs + 1 })).toThrow(
        failed('TOLERANCE_TOO_LARGE'),
      );
    }
    const lora = { adapters: [{ rank: 1, alpha: 1 }], baseBits: 4, local: false };
    const coarse = { mode: 'exact' as const, scales: profiles.default, toleranceLimbs: 0, lora };
    expect(() => checkLimits(coarse)).toThrow(failed('PRECISION_TOO_LOW'));
    expect(checkLimits(coarse, { minPrecision: { base: 4 } })).toContain("the frozen base's 4");
    const scales = { ...profiles.default, a: 6 };
    expect(() => checkLimits({ mode: 'exact', scales, toleranceLimbs: 0 })).toThrow(
      failed('PRECISION_TOO_LOW'),
    );
  });
});

describe('a model', () => {
  it('with the committed weights and other activations is another one', async () => {
    const { weightsOut } = bundle.windows.at(-1)!.public;
    const good = await verifyModelWeights(trained, weightsOut, opening, { ...accept, run: bundle.run });
    expect(good.failure).toBeUndefined();
    expect(good).toMatchObject({ ok: true, kind: 'weights' });
    expect(good.notCompared).toBeUndefined();
    const alone = await verifyModelWeights(trained, weightsOut, opening, accept);
    expect(alone).toMatchObject({ ok: true, notCompared: [expect.stringContaining('proven run')] });
    const unset = await verifyModelWeights(trained, weightsOut, opening, { ...accept, run: undefined });
    expect(unset.pinned).toEqual(['commitment']);
    const shape = { ...opening.spec.shape, k: 20, weightColumns: 256 };
    const huge = { ...opening, spec: { ...opening.spec, shape } };
    expect((await verifyModelWeights(trained, weightsOut, huge, accept)).failure?.code).toBe(
      'SPEC_TOO_LARGE',
    );
    const linear = toyModel(1, 'linear');
    linear.layers.forEach((l, i) => {
      l.setWeights(trained.layers[i]!.getWeights());
    });
    const refused = await verifyModelWeights(linear, weightsOut, opening, accept);
    expect(refused).toMatchObject({ ok: false, failure: { code: 'MODEL_DIFFERENT' } });
    // The opener's own word for the activations does not make it the run's.
    const lie = structuredClone(opening);
    lie.spec.layers[0]!.activation = 'linear';
    const lied = await verifyModelWeights(linear, weightsOut, lie, { ...accept, run: bundle.run });
    expect(lied.ok).toBe(false);
    expect(lied.failure?.code).toMatch(/^OPENING_(SPEC|COMMITMENT)$/);
  });

  it('with the committed adapters and another alpha, rank or base is another one', async () => {
    const session = await TrainingSession.create(await loraToyOptions({ workers: 1 }));
    await session.fit({ steps: 2 });
    const opened = await session.opening();
    const { run, windows } = await session.finish();
    const { weightsOut } = windows.at(-1)!.public;
    const options = { ...accept, run };
    const check = (model: tf.LayersModel) => verifyModelWeights(model, weightsOut, opened, options);
    expect((await check(session.model)).failure).toBeUndefined();
    const moved = async (model: tf.LayersModel) => {
      model.layers.forEach((l, i) => {
        l.setWeights(session.model.layers[i]!.getWeights());
      });
      return (await check(model)).failure?.code;
    };
    expect(await moved(await loraToyModel(1, { alpha: 400 }))).toBe('MODEL_DIFFERENT');
    // The adapters' numbers in another base.
    const other = await loraToyModel(2);
    other.layers.forEach((l, i) => {
      const [a, b] = session.model.layers[i]!.getWeights();
      l.setWeights([a!, b!, ...l.getWeights().slice(2)]);
    });
    expect((await check(other)).failure?.code).toBe('MODEL_DIFFERENT');
    await session.close();
  }, 60_000);

  it('with other activations has no base digest of the run, nor a run that rounds its base away', async () => {
    const tuned = await applyLora(toyModel(1, 'linear'), { rank: 2, alpha: 4, seed: 3 });
    const session = await TrainingSession.create(toyOptions({ model: tuned, workers: 1 }));
    const { run } = session;
    await session.close();
    await expect(baseDigest(toyModel(1, 'relu'), run, accept)).rejects.toEqual(failed('MODEL_DIFFERENT'));
    expect(await baseDigest(toyModel(1, 'linear'), run, accept)).toBe(run.base);
    // Of the last layer too: logits count as softmax under cross-entropy, nothing else does.
    await expect(baseDigest(endingIn('relu'), run, accept)).rejects.toEqual(failed('MODEL_DIFFERENT'));
    expect(await baseDigest(endingIn('linear'), run, accept)).toBe(run.base);
    const coarse = structuredClone(run);
    coarse.spec.lora!.baseBits = 4;
    await expect(baseDigest(toyModel(1, 'linear'), coarse, accept)).rejects.toEqual(
      failed('PRECISION_TOO_LOW'),
    );
  }, 60_000);
});

/** The toy network, its hidden layer linear, with another activation in its last layer. */
function endingIn(activation: 'relu' | 'linear'): tf.LayersModel {
  const [hidden, last] = toyModel(1, 'linear').layers;
  const other = tf.layers.dense({ units: TOY.outputs, activation });
  const model = tf.sequential({ layers: [hidden!, other] });
  other.setWeights(last!.getWeights());
  return model;
}

/** A step in tolerance mode whose bound is so wide that the weights after it are anything. */
async function anyWeights() {
  const halo2 = await loadProver();
  const wanted: UnplannedSpec = {
    kind: 'window',
    mode: 'tolerance',
    layers: [{ inputs: 6, outputs: 3, activation: 'softmax', bias: true }],
    loss: 'softmaxCrossEntropy',
    batch: 1,
    steps: 1,
    scales: profiles.default,
    xOffset: 0,
    yOffset: 0,
    toleranceLimbs: 4,
  };
  const { spec } = planSpec(halo2, wanted);
  const srs = await developmentSrs(halo2, spec.shape.k);
  const prover = halo2.prover(srs.bytes);
  const json = JSON.stringify(spec);
  const w0 = new BigInt64Array(21);
  const wK = BigInt64Array.from({ length: 21 }, (_, i) => BigInt((i % 2 ? 1000 : -1000) * 2 ** 36));
  const x = Int32Array.from([0, 40, 80, 120, 160, 200]);
  const y = Int32Array.from([0, 1, 0]);
  const [salt0, saltK, dataSalt] = [1, 2, 3].map((v) => new Uint8Array(32).fill(v)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const digests = new ColumnDigests(await circomlibPair());
  const pub = {
    runId: hex(7),
    firstStep: 0,
    epoch: 0,
    eta: '1638',
    weightsIn: digests.weights(spec, prover.commitWeights(json, w0, salt0)),
    weightsOut: digests.weights(spec, prover.commitWeights(json, wK, saltK)),
    data: digests.data(spec, prover.commitData(json, x, y, dataSalt)),
  };
  const proof = prover.proveWindow(json, JSON.stringify(pub), { w0, salt0, wK, saltK, x, y, dataSalt });
  const key = prover.vkDigest(json);
  prover.free();
  const named = { k: srs.k, hash: srs.hash, development: true };
  const file = {
    format: PROOF_FORMAT,
    version: FORMAT_VERSION,
    spec,
    srs: named,
    key,
    public: pub,
    proof: encodeProof(proof),
  };
  return { file, pub };
}
