/** Updates of adapters, layer by layer: real proofs. */

import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoraBatch, OptimizedLoRAProver } from '../src/batch/lora/optimizedLoRAProver.js';
import type { LoraUpdate } from '../src/batch/lora/updates.js';
import { seededRandom } from '../src/trainConfig/random.js';

const code = (c: string) => expect.objectContaining({ name: 'PotError', code: c });
const accept = { allowDevelopmentSrs: true, allowLayerLocal: true };
const [inputs, outputs, rank, alpha, samples] = [12, 8, 2, 4, 3];
const random = seededRandom(7);
const values = (count: number, size: number) =>
  Float32Array.from({ length: count }, () => size * (random() - 0.5));

const adapter = { rank, alpha, A: values(rank * inputs, 0.5), B: values(outputs * rank, 0.5) };
const data = () => ({
  x: values(samples * inputs, 2),
  gradient: values(samples * outputs, 0.01),
  learningRate: 0.05,
});
const updates: LoraUpdate[] = [{ adapter, ...data() }, data(), data(), data(), { adapter, ...data() }];

/** One SGD step on A and B in double precision. */
function stepped({ A, B }: { A: ArrayLike<number>; B: ArrayLike<number> }, update: LoraUpdate) {
  const [a, b] = [Float64Array.from(A), Float64Array.from(B)];
  const scale = (update.learningRate * alpha) / rank;
  for (let s = 0; s < samples; s++) {
    for (let r = 0; r < rank; r++) {
      let [low, back] = [0, 0];
      for (let j = 0; j < inputs; j++) low += A[r * inputs + j]! * update.x[s * inputs + j]!;
      for (let i = 0; i < outputs; i++) back += B[i * rank + r]! * update.gradient[s * outputs + i]!;
      for (let j = 0; j < inputs; j++) a[r * inputs + j]! -= scale * back * update.x[s * inputs + j]!;
      for (let i = 0; i < outputs; i++) b[i * rank + r]! -= scale * update.gradient[s * outputs + i]! * low;
    }
  }
  return { A: Float32Array.from(a), B: Float32Array.from(b) };
}

let prover: OptimizedLoRAProver;
let batch: LoraBatch;
const progress: number[] = [];

beforeAll(async () => {
  prover = new OptimizedLoRAProver({ srs: 'development', workers: 2, onWarning: () => {} });
  batch = await prover.proveLoraBatch(updates, 60_000, { onProgress: (p) => progress.push(p.done) });
});
afterAll(() => prover?.close());

const proofs = () => batch.proofs.map((p) => (p.ok ? p.value : expect.fail(p.error.message)));

describe('a batch of updates', () => {
  it('is proven, every update once, and the proofs verify for who asks for such proofs', async () => {
    const made = proofs();
    expect(made.flatMap((p) => p.updates)).toEqual([0, 1, 2, 3, 4]);
    expect(progress.at(-1)).toBe(made.length);
    for (const { proof, proofType, updates: covered } of made) {
      expect(proofType).toBe('lora-layer-local');
      expect(proof.public.base).toBeUndefined();
      const report = await verifyTrainingProof(JSON.stringify(proof), accept);
      expect(report.failure).toBeUndefined();
      expect(report.lora).toMatchObject({ proofType: 'lora-layer-local', parameters: rank * 20 });
      expect(report.lora!.statement).toContain('taken as given');
      expect(proof.spec.steps).toBe(covered.length);
      const refused = await verifyTrainingProof(proof, { allowDevelopmentSrs: true });
      expect(refused.failure?.code).toBe('LAYER_LOCAL_NOT_ALLOWED');
    }
  });

  it('links the proofs of consecutive updates, and no others', () => {
    const made = proofs();
    const chain = made.filter((p) => p.updates[0]! < 4);
    for (const [n, p] of chain.slice(1).entries()) {
      expect(p.commitments.before.poseidon).toBe(chain[n]!.commitments.after.poseidon);
      expect(p.proof.public).toMatchObject({
        runId: chain[0]!.proof.public.runId,
        firstStep: p.updates[0],
      });
    }
    const alone = made.at(-1)!;
    expect(alone.updates).toEqual([4]);
    expect(alone.proof.public.runId).not.toBe(chain[0]!.proof.public.runId);
  });

  it('gives the adapters that SGD gives, to the fixed point', () => {
    let current: { A: ArrayLike<number>; B: ArrayLike<number> } = adapter;
    for (const [n, update] of updates.entries()) {
      if (update.adapter) current = update.adapter;
      const expected = stepped(current, update);
      const after = batch.after[n]!;
      for (const tensor of ['A', 'B'] as const) {
        let [most, moved] = [0, 0];
        for (let i = 0; i < expected[tensor].length; i++) {
          most = Math.max(most, Math.abs(expected[tensor][i]! - after[tensor][i]!));
          moved = Math.max(moved, Math.abs(expected[tensor][i]! - current[tensor][i]!));
        }
        // Inputs and A x have eight fractional bits.
        expect(most).toBeLessThan(0.01 * moved);
      }
      current = after;
    }
  });

  it('reports what it chose and reached', () => {
    const { chosen, reachedMs, targetTimeMs, withinTarget, hardware } = batch;
    expect(chosen.proofs).toBe(batch.proofs.length);
    expect([1, 2, 4]).toContain(chosen.window);
    expect(chosen.workers).toBeLessThanOrEqual(2);
    expect(hardware.oneThreadMs).toBeGreaterThan(0);
    expect(chosen.expectedMs).toBeGreaterThan(0);
    expect(withinTarget).toBe(reachedMs <= targetTimeMs);
  });

  it('proves a step that a framework took, up to the tolerance, and refuses one that is none', async () => {
    const update = { adapter, ...data() };
    const after = stepped(adapter, update);
    const { proofs: made } = await prover.proveLoraBatch([{ ...update, after }]);
    expect(made[0]).toMatchObject({ ok: true, value: { proof: { spec: { mode: 'tolerance' } } } });
    const { proof } = (made[0] as { value: { proof: object } }).value;
    expect((await verifyTrainingProof(proof, accept)).ok).toBe(true);
    after.B[3]! += 0.01;
    await expect(prover.proveLoraBatch([{ ...update, after }])).rejects.toEqual(
      code('STEP_EXCEEDS_TOLERANCE'),
    );
  });

  it('ends what is not finished when it is aborted, and is over when it is closed', async () => {
    const signal = AbortSignal.abort();
    const { proofs: made, withinTarget } = await prover.proveLoraBatch([updates[0]!], 60_000, { signal });
    expect(made[0]).toMatchObject({ ok: false, error: { code: 'PROVER_ABORTED' }, updates: [0] });
    expect(withinTarget).toBe(false);
    const other = new OptimizedLoRAProver({ srs: 'development', onWarning: () => {} });
    // Nothing was measured yet: then nothing is begun, or waited for.
    await expect(other.proveLoraBatch([updates[0]!], 1, { signal })).rejects.toEqual(code('PROVER_ABORTED'));
    const soon = new AbortController();
    const waiting = other.proveLoraBatch([updates[0]!], 1, { signal: soon.signal });
    soon.abort();
    await expect(waiting).rejects.toEqual(code('PROVER_ABORTED'));
    await other.close({ force: true });
    await expect(other.proveLoraBatch([updates[0]!])).rejects.toEqual(code('PROVER_CLOSED'));
  });
});

it('an altered learning rate, adapter or data digest is refused', async () => {
  const { proof } = proofs()[0]!;
  const change = async (more: object) =>
    (await verifyTrainingProof({ ...proof, public: { ...proof.public, ...more } }, accept)).failure?.code;
  expect(await change({ eta: String(Number(proof.public.eta) * 2) })).toMatch(/^VERIFY_/);
  expect(await change({ weightsOut: proof.public.weightsIn })).toMatch(/^VERIFY_/);
  expect(await change({ data: proof.public.weightsIn })).toMatch(/^VERIFY_/);
});
