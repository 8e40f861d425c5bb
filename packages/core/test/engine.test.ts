/** An engine that does not exist is refused wherever one can be chosen, before anything is done. */
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Engine } from '@proof-of-training/halo2-wasm';
import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import { expect, it } from 'vitest';
import { ProverPool } from '../src/prove/pool.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { StepProver } from '../src/step/index.js';
import { toyOptions } from './helpers/toy.js';

const engine = 'gpu' as Engine;
const unknown = expect.objectContaining({ code: 'ENGINE_UNKNOWN' });

it('by a pool', async () => {
  await expect(ProverPool.start({ srs: new Uint8Array(4), engine })).rejects.toEqual(unknown);
});

it('by a step prover', async () => {
  await expect(StepProver.start({ engine })).rejects.toEqual(unknown);
});

it('by a session, which leaves no folder', async () => {
  const dir = join(mkdtempSync(join(tmpdir(), 'pot-run-')), 'run');
  await expect(TrainingSession.create(toyOptions({ dir, engine }))).rejects.toEqual(unknown);
  expect(existsSync(dir)).toBe(false);
});

it('by a verifier, which throws: it has found nothing about the proof', async () => {
  const file = readFileSync(new URL('fixtures/step.proof.json', import.meta.url), 'utf8');
  await expect(verifyTrainingProof(file, { allowDevelopmentSrs: true, engine })).rejects.toEqual(unknown);
});
