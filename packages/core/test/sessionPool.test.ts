/** A session over the pool: a thread that dies does not end the run. */

import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { expect, it } from 'vitest';
import { ProverMetrics } from '../src/metrics/proverMetrics.js';
import type { ProverPool } from '../src/prove/pool.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { threadsOf, until } from './helpers/proverTask.js';
import { toyOptions } from './helpers/toy.js';

it('a session goes on when a prover thread is killed in mid-proof, and its bundle verifies', async () => {
  const metrics = new ProverMetrics();
  const session = await TrainingSession.create(toyOptions({ metrics, workers: 1 }));
  const { pool } = (session as unknown as { parts: { pool: ProverPool } }).parts;
  await session.step();
  await session.step();
  await until(() => pool.scheduler.running === 1);
  await threadsOf(pool)[0]!.terminate();
  const bundle = await session.finish();
  expect((await verifyTrainingRun(bundle, { allowDevelopmentSrs: true })).failure).toBeUndefined();
  expect(await metrics.snapshot()).toMatchObject({
    proofs: { total: 2, succeeded: 2, failed: 0 },
    crashes: 1,
    retries: 1,
    running: 0,
  });
});
