import { verifyTrainingRun } from '@proof-of-training/core';
import { expect, it } from 'vitest';
import { sampleRun } from '../src/anchoring/sampleRun.js';

it('the run that verify:onchain makes on the spot is one that a session takes and a verifier accepts', async () => {
  const { bundle, opening } = await sampleRun();
  const report = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
  expect(report.failure).toBeUndefined();
  expect(report.ok).toBe(true);
  // What can be aggregated, and what the audit compares with the last anchor.
  expect([bundle.run.transcript, bundle.windows.length]).toEqual(['poseidon', 2]);
  expect(opening.commitment).toBe(bundle.windows[1]!.public.weightsOut);
});
