/** The ceremony's string is the default up to 2^14 rows, and verifiers take its proofs without any flag. */
import { IGNITION, loadProver } from '@proof-of-training/halo2-wasm';
import { ceremonySrs, developmentSrs } from '@proof-of-training/halo2-wasm/node';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { verifyTrainingProof, verifyTrainingRun } from '@proof-of-training/verifier/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { aggregateRun } from '../src/aggregate/aggregateRun.js';
import { chooseSrs, srsOf } from '../src/run/chooseSrs.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { autoProveTrainingStep } from '../src/step/index.js';
import { StepProver } from '../src/step/stepProver.js';
import { stepTask } from './helpers/step.js';
import { toyOptions } from './helpers/toy.js';

const CEREMONY = { id: 'ignition', name: 'Aztec Ignition', about: '2019-20, 176 participants' };

/** Options without a reference string. */
function defaults(more: Parameters<typeof toyOptions>[0] = {}) {
  const { srs: _, ...options } = toyOptions(more);
  return options;
}

let bundle: RunBundle;
let dir: string;
const warnings: string[] = [];

beforeAll(async () => {
  const options = defaults({ onWarning: (m) => warnings.push(m) });
  dir = options.dir;
  const session = await TrainingSession.create(options);
  try {
    await session.fit({ steps: 2 });
    bundle = await session.finish();
  } finally {
    await session.close();
  }
});

describe('a run for which no string was given', () => {
  it('is made on the ceremony, without a warning, and verifies without a flag', async () => {
    expect(warnings).toEqual([]);
    expect(bundle.run.srs).toEqual({ k: bundle.run.spec.shape.k, hash: IGNITION.hash, development: false });
    const report = await verifyTrainingRun(JSON.stringify(bundle));
    expect(report).toMatchObject({ ok: true, developmentSrs: false, ceremony: CEREMONY });
    const detail = report.checks.find((c) => c.name === 'reference string')?.detail;
    expect(detail).toContain('Aztec Ignition (2019-20, 176 participants)');
  });

  it('is refused with one altered byte, and with the development SRS', async () => {
    const forged: RunBundle = structuredClone(bundle);
    const proof = Buffer.from(forged.windows[0]!.proof, 'base64url');
    proof[proof.length >> 1]! ^= 1;
    forged.windows[0]!.proof = proof.toString('base64url');
    expect((await verifyTrainingRun(forged)).failure?.code).toMatch(/^VERIFY_|^POINT|^PROOF/);
    const srs = await developmentSrs(await loadProver(), bundle.run.spec.shape.k);
    const code = async (options: object) => (await verifyTrainingRun(bundle, options)).failure?.code;
    expect(await code({ srs })).toBe('SRS_DEVELOPMENT_REFUSED');
    expect(await code({ srs, allowDevelopmentSrs: true })).toBe('SRS_MISMATCH');
    expect(await code({ expectedSrsHash: srs.hash })).toBe('SRS_PIN');
    expect(await code({ expectedSrsHash: IGNITION.hash })).toBeUndefined();
  });

  it('says that it was made on the development SRS: it was not', async () => {
    const lie: RunBundle = structuredClone(bundle);
    lie.run.srs.development = true;
    expect((await verifyTrainingRun(lie)).failure?.code).toBe('SRS_DEVELOPMENT_REFUSED');
    expect((await verifyTrainingRun(lie, { allowDevelopmentSrs: true })).failure?.code).toBe('SRS_MISMATCH');
  });

  it('is resumed on its own SRS, and on no other', async () => {
    await expect(
      TrainingSession.resume(dir, { srs: 'development', onWarning: () => {} }),
    ).rejects.toMatchObject({
      code: 'SRS_MISMATCH',
    });
    const session = await TrainingSession.resume(dir, { onWarning: (m) => warnings.push(m) });
    expect(session.run.srs.hash).toBe(IGNITION.hash);
    await session.close();
    expect(warnings).toEqual([]);
  });

  it('is not aggregated without more points of its string, and the error says what to do', async () => {
    await expect(aggregateRun(bundle)).rejects.toMatchObject({
      code: 'SRS_NEEDED',
      details: { hash: IGNITION.hash, k: 17 },
      hint: expect.stringMatching(/Ignition.*pot srs import FILE --k 17.*--srs FILE/),
    });
    const srs = await ceremonySrs(await loadProver(), bundle.run.spec.shape.k);
    await expect(aggregateRun(bundle, { srs })).rejects.toMatchObject({ code: 'SRS_TOO_SMALL' });
  });
});

describe('a step for which no string was given', () => {
  it('is proven on the ceremony, without a warning, and verifies without a flag', async () => {
    const { before, after, batch, learningRate } = await stepTask();
    const said: string[] = [];
    const prover = await StepProver.start({ onWarning: (m) => said.push(m) });
    try {
      const options = { prover, format: 'compact' } as const;
      const { proof } = await autoProveTrainingStep(before, after, batch, learningRate, options);
      expect(said).toEqual([]);
      expect(await verifyTrainingProof(proof)).toMatchObject({ ok: true, ceremony: CEREMONY });
    } finally {
      await prover.close();
    }
  });
});

describe('the choice of a string', () => {
  const said: string[] = [];
  const onWarning = (m: string) => said.push(m);

  it('is the development SRS where it is asked for, for many rows, and for aggregation, with a warning', async () => {
    const halo2 = await loadProver();
    // As in a process that has just begun.
    const begin = () => delete process.env.POT_DEVELOPMENT_WARNED;
    const asked = [
      [6, { srs: 'development', onWarning }, {}],
      [6, { onWarning }, { aggregated: true }],
      [15, { onWarning }, {}],
    ] as const;
    for (const [k, options, more] of asked) {
      begin();
      said.length = 0;
      expect(await chooseSrs(halo2, k, options, more)).toMatchObject({ k, development: true });
      expect(said).toHaveLength(1);
    }
    begin();
    said.length = 0;
    expect(await chooseSrs(halo2, 6, { onWarning })).toMatchObject({ k: 6, ceremony: CEREMONY });
    expect(said).toEqual([]);
  });

  it('cuts a given string to the circuit, with a basis of that size, and refuses one that is too small', async () => {
    const halo2 = await loadProver();
    const srs = await ceremonySrs(halo2, 7);
    const cut = await chooseSrs(halo2, 5, { srs });
    expect(cut).toEqual(await ceremonySrs(halo2, 5));
    await expect(chooseSrs(halo2, 8, { srs })).rejects.toMatchObject({ code: 'SRS_SIZE' });
  });

  it('believes no hash that a given string claims for itself', async () => {
    const halo2 = await loadProver();
    const development = await developmentSrs(halo2, 7);
    const lying = { ...development, hash: IGNITION.hash, development: false };
    expect(await chooseSrs(halo2, 5, { srs: lying, onWarning })).toMatchObject({ development: true });
    expect(await chooseSrs(halo2, 5, {})).toMatchObject({ development: false, hash: IGNITION.hash });
  });

  it('of a run that goes on is the one that it names', async () => {
    const halo2 = await loadProver();
    const unknown = { k: 6, hash: 'ab'.repeat(32), development: false };
    await expect(srsOf(halo2, unknown, 6, {})).rejects.toMatchObject({ code: 'SRS_NEEDED' });
    const large = { k: 17, hash: IGNITION.hash, development: false };
    await expect(srsOf(halo2, large, 17, {})).rejects.toMatchObject({ code: 'SRS_NEEDED' });
  });
});
