/** Lies about what a run's network gives, files that cost a verifier too much, and counts that are none. */
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantiseInputs, ZERO32 } from '@proof-of-training/sgd-circuit';
import { referenceFor } from '@proof-of-training/verifier';
import { decodeOpening, type InferenceProof } from '@proof-of-training/verifier/files';
import { beforeAll, describe, expect, it } from 'vitest';
import { type SharedRun, sharedRun } from '../../core/test/helpers/sharedRun.js';
import { TOY, toyData } from '../../core/test/helpers/toy.js';
import {
  fileUses,
  memoryUses,
  type ProvenOutputs,
  proveInference,
  type UseCounter,
  verifyInference,
} from '../src/node.js';

const accept = { allowDevelopmentSrs: true } as const;
const inputs = toyData(5).x.slice(0, 3 * TOY.inputs);

let run: SharedRun;
let honest: ProvenOutputs;
beforeAll(async () => {
  run = await sharedRun('dense');
  const show = { inputs: 'public' } as const;
  honest = await proveInference({ ...accept, opening: run.opening, inputs, uses: memoryUses(), show });
}, 240_000);

interface GraphText {
  tensors: { name: string; offset?: number }[];
  nodes: { name: string }[];
  outputs: string[];
}

/** A proof that holds, of another graph over the run's own weights under their own digest. */
async function forged(change: (graph: GraphText) => void, texts = (text: string) => text) {
  const { spec, srs: named } = run.opening;
  const read = JSON.parse(texts(honest.proof.graph));
  change(read);
  const graph = JSON.stringify(read);
  const { k, weightColumns } = spec.shape;
  const { halo2, srs } = await referenceFor(named, k, accept);
  const request = { kind: 'infer', weights: spec.loss, like: { k, weightColumns } };
  const settings = halo2.planGraph(graph, JSON.stringify(request));
  const prover = halo2.graphProver(srs.bytes, graph, settings);
  try {
    const { weights, salt } = decodeOpening(run.opening);
    const x = BigInt64Array.from(quantiseInputs(spec, inputs), BigInt);
    const tensors = BigInt64Array.from([...x, ...weights]);
    const key = prover.keygen();
    const proven = prover.prove({ context: ZERO32, uses: { weights: 3 } }, { tensors, weightsSalt: salt });
    const { statement, proof } = proven;
    return { ...honest.proof, graph, settings, key, public: statement, proof } as InferenceProof;
  } finally {
    prover.free();
  }
}

/** Refused, by whichever part notices first: as a report, or already when the forger plans. */
async function refused(making: Promise<InferenceProof>): Promise<boolean> {
  const file = await making.catch(() => undefined);
  return file === undefined || !(await verifyInference(file, { ...accept, run: run.bundle })).ok;
}

describe('the outputs are those of the last layer and no others', () => {
  it('not what a hidden layer gives, under the name of the last one', async () => {
    expect(await refused(forged((g) => (g.outputs = ['h1', 'h0'])))).toBe(true);
  });
  it('not what a hidden layer gives, before them', async () => {
    const renamed = (text: string) => text.replaceAll('"h0"', '"logits"').replaceAll('"h1"', '"other"');
    const making = forged((g) => (g.outputs = ['logits', 'other']), renamed);
    expect(await refused(making)).toBe(true);
  });
  // Names are in no digest of weights.
  it('names of the last layer alone', async () => {
    const renamed = (text: string) => text.replaceAll('"h1"', '"probability-of-fraud"');
    expect(await refused(forged(() => {}, renamed))).toBe(true);
  });
});

describe('files that are bad', () => {
  /** The file's text with these inputs. */
  const text = (values: string) =>
    JSON.stringify({
      ...honest.proof,
      public: { ...honest.proof.public, inputs: { public: '@' } },
    }).replace('"@"', `[[${values}]]`);

  it('with many values that are no integers give a report', async () => {
    const report = await verifyInference(text(`${'0.5,'.repeat(300_000)}0.5`), accept);
    expect(report.failure?.code).toBe('FORMAT_INVALID');
  });
  it('with a -0 are refused, or show a 0', async () => {
    const at = (honest.proof.public.inputs as { public: number[][] }).public[0]!;
    const file = await forgedZero(at);
    const report = await verifyInference(file, accept);
    const shown = report.inference?.inputs as { values: { integers: number[] }[] } | undefined;
    expect(shown?.values.some(({ integers }) => integers.some((v) => Object.is(v, -0))) ?? false).toBe(false);
  });

  it('that cannot be of the given run are refused before a key is derived', async () => {
    const file = structuredClone(honest.proof);
    file.settings = file.settings.replace(/"k":\d+/, '"k":12');
    file.srs.k = 12;
    const report = await verifyInference(file, { ...accept, run: run.bundle });
    expect(report.ok).toBe(false);
    expect(report.checks.map(({ name }) => name)).not.toContain('key');
  });

  async function forgedZero(like: number[]): Promise<string> {
    const x = like.map(() => 0);
    const { opening } = run;
    const show = { inputs: 'public' } as const;
    const { proof } = await proveInference({ ...accept, opening, inputs: x, uses: memoryUses(), show });
    return JSON.stringify(proof).replace('"inputs":{"public":[[0', '"inputs":{"public":[[-0');
  }
});

describe('what is not there is not pinned', () => {
  it('a run that is undefined is refused, or counts as left out', async () => {
    const options = { ...accept, run: undefined, inputs: undefined } as object;
    const pinned = await verifyInference(honest.proof, options).then(
      (report) => report.pinned,
      () => [],
    );
    expect(pinned).toEqual([]);
  });
});

describe('counts', () => {
  const proving = (uses: UseCounter) => proveInference({ ...accept, opening: run.opening, inputs, uses });

  it('that say nothing are refused', async () => {
    const silent = { take: async () => undefined } as unknown as UseCounter;
    const end = await proving(silent).then(
      () => 'proven',
      (e: { code?: string }) => e.code,
    );
    expect(end).toBe('OPTION_INVALID');
  });
  it('that begin nowhere are refused, and nothing is written', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'pot-uses-')), 'uses');
    for (const used of [-5, 1.5, Number.NaN, '2']) {
      const taking = async () => fileUses(folder, used as number).take(21);
      await expect(taking()).rejects.toMatchObject({ code: 'OPTION_INVALID' });
      const remembering = async () => memoryUses(used as number).take(21);
      await expect(remembering()).rejects.toMatchObject({ code: 'OPTION_INVALID' });
    }
    expect(() => readdirSync(folder)).toThrow();
  });
});
