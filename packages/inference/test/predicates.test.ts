/** What holds of outputs that stay hidden: proven, verified against the run, and what must be refused. */
import { ZERO32 } from '@proof-of-training/sgd-circuit';
import { predicatesOf, referenceFor } from '@proof-of-training/verifier';
import { decodeOpening, type InferenceProof } from '@proof-of-training/verifier/files';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SharedRun, sharedRun } from '../../core/test/helpers/sharedRun.js';
import { TOY, toyData } from '../../core/test/helpers/toy.js';
import { memoryUses, type ProvenOutputs, proveInference, type Reveal, verifyInference } from '../src/node.js';

const accept = { allowDevelopmentSrs: true } as const;
const SAMPLES = 4;
const inputs = toyData(5).x.slice(0, SAMPLES * TOY.inputs);

let run: SharedRun;
let plain: ProvenOutputs;
let proven: ProvenOutputs;
let reveal: Reveal[];
/** Of output 1 the median of all samples: some have as much, some have less. */
let median: number;
beforeAll(async () => {
  run = await sharedRun('dense');
  const { opening } = run;
  plain = await proveInference({ ...accept, opening, inputs, uses: memoryUses() });
  median = plain.outputs.map((row) => row[1]!).sort((a, b) => a - b)[SAMPLES / 2]!;
  reveal = [
    'argmax',
    { class: largest(plain.outputs[0]!) },
    { output: 1, atLeast: median },
    { output: 1, atLeast: median - 0.25, atMost: median - 2 ** -20 },
  ];
  proven = await proveInference({ ...accept, opening, inputs, uses: memoryUses(), reveal });
}, 240_000);

const largest = (row: ArrayLike<number>) => Array.from(row).indexOf(Math.max(...Array.from(row)));
const code = async (...request: Parameters<typeof verifyInference>) =>
  (await verifyInference(request[0], { ...accept, ...request[1] })).failure?.code;

/** The file with another graph, or another statement. */
function changed(change: (file: InferenceProof) => void): InferenceProof {
  const copy = structuredClone(proven.proof);
  change(copy);
  return copy;
}

describe('a proof of predicates', () => {
  it('says of each sample whether they hold, of the weights that a run ended with', async () => {
    const report = await verifyInference(JSON.stringify(proven.proof), {
      ...accept,
      run: run.bundle,
      reveal: [...reveal].reverse(),
    });
    expect(report.failure).toBeUndefined();
    expect(report.conditional).toBeUndefined();
    expect(report.pinned).toEqual(['run', 'reveal']);
    const { inference } = report;
    expect(inference).toMatchObject({ run: run.bundle.run.runId, weights: plain.proof.public.weights });
    const { a } = run.opening.spec.scales;
    const scores = plain.outputs.map((row) => row[1]!);
    const [argmax, ofClass, least, band] = inference!.predicates!;
    expect(argmax!.largest).toEqual(plain.outputs.map(largest));
    expect(ofClass!.holds).toEqual(plain.outputs.map((row) => largest(row) === largest(plain.outputs[0]!)));
    expect(least!.holds).toEqual(scores.map((v) => v >= median));
    expect(new Set(least!.holds).size).toBe(2);
    expect(band!.holds).toEqual(scores.map((v) => v >= median - 0.25 && v < median));
    // Exact limits, which the words have too.
    const integer = median * 2 ** a;
    expect(least).toMatchObject({
      integers: { bits: a, least: integer },
      reveal: { output: 1, atLeast: median },
    });
    expect(least!.statement).toBe(`output 1 of h1 is at least ${median} (${integer} / 2^${a})`);
    expect(band!.integers).toMatchObject({ most: integer - 1 });
    // The same was said to whoever proved it.
    expect(proven.revealed).toEqual(inference!.predicates);
    expect(proven.outputs).toEqual(plain.outputs);
  });

  it('has no score, nor a digest of one', async () => {
    const { public: statement } = proven.proof;
    const { public: shown } = statement.outputs as { public: number[][] };
    expect(shown.flat().every((v) => v === 0 || v === 1)).toBe(true);
    expect(Object.keys(proven.secrets)).toEqual(['inputs']);
  });

  it('is not one of other predicates, or of outputs', async () => {
    expect(await code(proven.proof, { reveal: reveal.slice(1) })).toBe('EXPECTED_MISMATCH');
    expect(await code(proven.proof, { reveal: { class: 0 } })).toBe('EXPECTED_MISMATCH');
    const other = [...reveal.slice(0, 2), { output: 1, atLeast: median + 0.01 }, reveal[3]!];
    expect(await code(proven.proof, { reveal: other })).toBe('EXPECTED_MISMATCH');
    expect(await code(plain.proof, { reveal })).toBe('EXPECTED_MISMATCH');
    expect(await code(plain.proof, {})).toBeUndefined();
  });
});

describe('attacks', () => {
  it('a flag flipped, another threshold, class, entry, order, name, model or input', async () => {
    const { a } = run.opening.spec.scales;
    const least = `"least":${median * 2 ** a}}`;
    const again = await sharedRun('denseAgain');
    const graph = (from: string, to: string) => (f: InferenceProof) => {
      expect(f.graph).toContain(from);
      f.graph = f.graph.replaceAll(from, to);
    };
    const flag = (i: number) => (f: InferenceProof) => {
      const { public: shown } = f.public.outputs as { public: number[][] };
      shown[i]![0] = 1 - shown[i]![0]!;
    };
    const settings = (f: InferenceProof) => {
      f.settings = f.settings.replace('"softmaxCrossEntropy"', '"graph"');
    };
    const classOf = largest(plain.outputs[0]!);
    const graphs: [string, string][] = [
      [least, `"least":${median * 2 ** a - 1}}`],
      [`"most":${median * 2 ** a - 1}}`, `"most":${median * 2 ** a}}`],
      [`"start":${classOf}`, `"start":${(classOf + 1) % 3}`],
    ];
    const cases: [string[], (file: InferenceProof) => void][] = [
      [['VERIFY_DIGEST'], flag(0)],
      [['VERIFY_DIGEST'], flag(1)],
      [['VERIFY_DIGEST'], flag(3)],
      [['PUBLIC_INVALID'], (f) => (f.public.outputs = { public: [[1]] })],
      ...graphs.map(
        ([from, to]) => [['KEY_DIGEST'], graph(from, to)] as [string[], (f: InferenceProof) => void],
      ),
      [['VERIFY_FAILED'], graph('"threshold:0"', '"compliant"')],
      [['KEY_DIGEST', 'SPEC_INVALID'], graph('"outputs":["argmax"', '"outputs":["h1"')],
      [['KEY_DIGEST', 'VERIFY_DIGEST'], settings],
      [['VERIFY_DIGEST'], (f) => (f.public.weights = again.opening.commitment)],
      [['VERIFY_DIGEST'], (f) => (f.public.inputs = plain.proof.public.inputs)],
      [['PUBLIC_INVALID', 'VERIFY_DIGEST'], (f) => Object.assign(f, { ...plain.proof, public: f.public })],
    ];
    for (const [codes, change] of cases) expect(codes).toContain(await code(changed(change), {}));
    // With the key that goes with it.
    const { k, weightColumns } = run.opening.spec.shape;
    const { halo2, srs } = await referenceFor(run.opening.srs, k, accept);
    for (const [from, to] of graphs) {
      const file = changed(graph(from, to));
      const request = { kind: 'infer', weights: run.opening.spec.loss, like: { k, weightColumns } };
      file.settings = halo2.planGraph(file.graph, JSON.stringify(request));
      const prover = halo2.graphProver(srs.bytes, file.graph, file.settings);
      file.key = prover.vkDigest();
      prover.free();
      expect(['VERIFY_FAILED', 'VERIFY_DIGEST']).toContain(await code(file, {}));
    }
    expect(await code(proven.proof, { run: again.bundle })).toBe('INFERENCE_WEIGHTS');
    // Under the run's graph a name of one's own is none.
    const named = changed(graph('"threshold:0"', '"compliant"'));
    expect(await code(named, { run: run.bundle })).toBe('INFERENCE_RUN');
  });

  it('a predicate of a hidden layer, which no digest of the run goes with', async () => {
    const { spec, srs: named } = run.opening;
    const { k, weightColumns } = spec.shape;
    const { halo2, srs } = await referenceFor(named, k, accept);
    const graph = proven.proof.graph.replace(
      '"op":"argmax","inputs":["h1"]',
      '"op":"argmax","inputs":["h0"]',
    );
    expect(graph).not.toBe(proven.proof.graph);
    const forge = () => {
      const request = { kind: 'infer', weights: spec.loss, like: { k, weightColumns } };
      const prover = halo2.graphProver(srs.bytes, graph, halo2.planGraph(graph, JSON.stringify(request)));
      const { weights, salt } = decodeOpening(run.opening);
      const tensors = BigInt64Array.from([...plain.secrets.inputs!.entries, ...weights]);
      return prover.prove({ context: ZERO32 }, { tensors, weightsSalt: salt });
    };
    // A hidden layer has wider numbers than are compared.
    expect(forge).toThrow();
  });
});

describe('limits as integers', () => {
  const of = (one: Reveal) => predicatesOf('here', one, { bits: 8, limbBits: 12, outputs: 3 });
  it('are rounded so that what holds of the integers is what holds of the numbers', () => {
    expect(of({ output: 0, atLeast: 0.7 })).toEqual([{ threshold: { output: 0, least: 180 } }]);
    expect(of({ output: 2, atMost: 0.7 })).toEqual([{ threshold: { output: 2, most: 179 } }]);
    expect(of({ output: 1, atLeast: -0.7, atMost: -0.5 })).toEqual([
      { threshold: { output: 1, least: -179, most: -128 } },
    ]);
    expect(of({ output: 0, atLeast: -(2 ** -40) })).toEqual([{ threshold: { output: 0, least: 0 } }]);
    for (let v = -300; v < 300; v++) {
      for (const limit of [-0.7, -0.5, 0, 1e-9, 0.7, 0.703125]) {
        const [at] = of({ output: 0, atLeast: limit }) as { threshold: { least: number } }[];
        const [to] = of({ output: 0, atMost: limit }) as { threshold: { most: number } }[];
        expect(v >= at!.threshold.least).toBe(v / 256 >= limit);
        expect(v <= to!.threshold.most).toBe(v / 256 <= limit);
      }
    }
  });
});

it('refuses what no model has, what says nothing, and what is no predicate, before anything is counted', async () => {
  const uses = { take: () => Promise.reject(new Error('counted')) };
  const wrong: unknown[] = [
    { class: 3 },
    { class: -1 },
    { class: 1.5 },
    { class: 1, output: 1 },
    { output: 3, atLeast: 0 },
    { output: 0 },
    { output: 0, atLeast: undefined },
    { output: 0, atLeast: Number.NaN },
    { output: 0, atLeast: '1' },
    { output: 0, atLeast: 1, atMost: 0.5 },
    { output: 0, atLeast: 0.0001, atMost: 0.0002 },
    { output: 0, atLeast: 1e300 },
    { output: 0, atMost: -1e300 },
    { output: 0, atLeast: -1e300 },
    { output: 0, atLeast: 0, atmost: 1 },
    ['argmax', 'argmax'],
    [{ class: 1 }, { class: 1 }],
    [],
    'argMax',
    true,
  ];
  for (const given of wrong) {
    const making = proveInference({ ...accept, opening: run.opening, inputs, uses, reveal: given as Reveal });
    await expect(making, JSON.stringify(given)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  }
  const verifying = verifyInference(proven.proof, { ...accept, reveal: 7 as unknown as Reveal });
  await expect(verifying).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});
