/**
 * A stored proof with its key and exact sizes: fails when the circuit, its layout or the proof's format change
 * unannounced. After a change that is meant: VERSIONING.md, then fixtures/makeProof.mjs.
 */
import { readFileSync } from 'node:fs';
import { loadProver } from '@proof-of-training/halo2-wasm';
import { planSpec, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { decodeProof, parseTrainingProof } from '@proof-of-training/verifier/files';
import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import { expect, it } from 'vitest';

const text = readFileSync(new URL('fixtures/step.proof.json', import.meta.url), 'utf8');
const file = parseTrainingProof(text);

it('still verifies, under the key that was stored with it', async () => {
  const report = await verifyTrainingProof(text, {
    allowDevelopmentSrs: true,
    expectedKey: file.key,
    expected: { firstStep: 7, epoch: 1, eta: file.public.eta },
  });
  expect(report.failure).toBeUndefined();
  expect(report.ok).toBe(true);
});

it('has the rows, columns and proof size that the planner gives today', async () => {
  const { shape, ...unplanned }: SgdSpec = file.spec;
  const planned = planSpec(await loadProver(), unplanned);
  expect(planned.spec.shape).toEqual(shape);
  expect(planned.info.proofBytes).toBe(decodeProof(file.proof).length);
});

it('is refused with any single byte changed', async () => {
  const bytes = decodeProof(file.proof);
  for (let at = 3; at < bytes.length; at += Math.ceil(bytes.length / 12)) {
    const forged = bytes.slice();
    forged[at]! ^= 1;
    const proof = Buffer.from(forged).toString('base64url');
    expect(
      (await verifyTrainingProof({ ...file, proof }, { allowDevelopmentSrs: true })).ok,
      `byte ${at}`,
    ).toBe(false);
  }
});
