/** Updates of adapters by momentum and AdamW, layer by layer: real proofs. */
import { checkpointCount } from '@proof-of-training/sgd-circuit';
import { verifyTrainingProof } from '@proof-of-training/verifier/node';
import { afterAll, expect, it } from 'vitest';
import { OptimizedLoRAProver } from '../src/batch/lora/optimizedLoRAProver.js';
import type { LoraUpdate, UpdateRule } from '../src/batch/lora/updates.js';
import { seededRandom } from '../src/trainConfig/random.js';

const accept = { allowDevelopmentSrs: true, allowLayerLocal: true };
const [inputs, outputs, rank, alpha, samples] = [12, 8, 2, 4, 3];
const random = seededRandom(7);
const values = (count: number, size: number) =>
  Float32Array.from({ length: count }, () => size * (random() - 0.5));
const adapter = { rank, alpha, A: values(rank * inputs, 0.5), B: values(outputs * rank, 0.5) };

const prover = new OptimizedLoRAProver({ srs: 'development', workers: 2, maxWindow: 2, onWarning: () => {} });
afterAll(() => prover.close());

/** Gradients with respect to A and B, one after the other. */
function gradients(w: Float64Array, update: LoraUpdate): Float64Array {
  const out = new Float64Array(w.length);
  const [a, b] = [w.subarray(0, rank * inputs), w.subarray(rank * inputs)];
  for (let s = 0; s < samples; s++) {
    for (let r = 0; r < rank; r++) {
      let [low, back] = [0, 0];
      for (let j = 0; j < inputs; j++) low += a[r * inputs + j]! * update.x[s * inputs + j]!;
      for (let i = 0; i < outputs; i++) back += b[i * rank + r]! * update.gradient[s * outputs + i]!;
      const scale = alpha / rank;
      for (let j = 0; j < inputs; j++) out[r * inputs + j]! += scale * back * update.x[s * inputs + j]!;
      for (let i = 0; i < outputs; i++)
        out[rank * inputs + i * rank + r]! += scale * low * update.gradient[s * outputs + i]!;
    }
  }
  return out;
}

/** The rule in double precision, as PyTorch has it. */
function trained(updates: readonly LoraUpdate[], rule: UpdateRule): Float64Array {
  const w = Float64Array.from([...adapter.A, ...adapter.B]);
  const [m, v] = [new Float64Array(w.length), new Float64Array(w.length)];
  const { momentum = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weightDecay = 0 } = rule;
  updates.forEach((update, n) => {
    const lr = update.learningRate;
    gradients(w, update).forEach((g, i) => {
      w[i]! -= lr * weightDecay * w[i]!;
      if (rule.type === 'adamw') {
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const root = Math.sqrt(v[i]! / (1 - beta2 ** (n + 1)));
        w[i]! -= ((lr / (1 - beta1 ** (n + 1))) * m[i]!) / (root + epsilon);
      } else {
        m[i] = momentum * m[i]! + g;
        w[i]! -= lr * m[i]!;
      }
    });
  });
  return w;
}

it.each<[string, UpdateRule, number, number]>([
  ['momentum and weight decay', { type: 'momentum', momentum: 0.75, weightDecay: 0.25 }, 0.05, 2],
  ['AdamW', { type: 'adamw', beta1: 0.75, beta2: 0.875, weightDecay: 0.25 }, 0.004, 3],
])('by %s are proven, with their state from one proof to the next', async (_, rule, learningRate, parts) => {
  const updates = Array.from(
    { length: 3 },
    (_u, n): LoraUpdate => ({
      ...(n === 0 && { adapter, optimizer: rule }),
      x: values(samples * inputs, 2),
      gradient: values(samples * outputs, 0.01),
      learningRate,
    }),
  );
  const { proofs, after, chosen } = await prover.proveLoraBatch(updates, 60_000);
  const made = proofs.map((p) => (p.ok ? p.value : expect.fail(p.error.message)));
  expect(chosen.window).toBeLessThanOrEqual(2);
  expect(made.flatMap((p) => p.updates)).toEqual([0, 1, 2]);
  expect(made.length).toBeGreaterThan(1);
  for (const [n, { proof, commitments, updates: covered }] of made.entries()) {
    expect(checkpointCount(proof.spec)).toBe(parts * rank * (inputs + outputs));
    expect(proof.public.firstStep).toBe(covered[0]);
    if (n > 0) expect(commitments.before).toEqual(made[n - 1]!.commitments.after);
    const report = await verifyTrainingProof(JSON.stringify(proof), accept);
    expect(report.failure).toBeUndefined();
    expect(report.lora).toMatchObject({
      optimizer: { type: rule.type },
      parameters: rank * (inputs + outputs),
    });
    expect(report.lora!.statement).toContain("and the optimiser's state");
  }
  // The rates of AdamW's steps depend on their numbers.
  const { proof } = made.at(-1)!;
  const moved = { ...proof, public: { ...proof.public, firstStep: proof.public.firstStep + 1 } };
  expect((await verifyTrainingProof(moved, accept)).failure?.code).toMatch(/^VERIFY_/);

  const start = [...adapter.A, ...adapter.B];
  const last = after.at(-1)!;
  expect(after).toHaveLength(3);
  const found = [...last.A, ...last.B];
  const wanted = trained(updates, rule);
  const norm = (p: ArrayLike<number>, q: ArrayLike<number>) =>
    Math.hypot(...Array.from(p, (value, i) => value - q[i]!));
  expect(norm(found, wanted)).toBeLessThan(0.01 * norm(wanted, start));
});
