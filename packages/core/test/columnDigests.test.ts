/** Digests bind what makes a network's function, and are those of the Rust side (packages/sgd-circuit/vectors/digests.json). */
import { readFileSync } from 'node:fs';
import { parseSpec, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { ColumnDigests } from '@proof-of-training/verifier/run';
import { beforeAll, expect, it } from 'vitest';
import { circomlibPair } from '../src/commit/index.js';

interface Group {
  points: string;
  digest: string;
}
interface Case {
  spec: unknown;
  weights: Group;
  base: Group | null;
  data: Group;
}

const path = new URL('../../sgd-circuit/vectors/digests.json', import.meta.url);
const cases = JSON.parse(readFileSync(path, 'utf8')) as Case[];
const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'));

let digests: ColumnDigests;
beforeAll(async () => {
  digests = new ColumnDigests(await circomlibPair());
});

it('are as stored, as on the Rust side', () => {
  for (const { spec: value, weights, base, data } of cases) {
    const spec = parseSpec(value);
    expect(digests.weights(spec, bytes(weights.points))).toBe(weights.digest);
    expect(digests.data(spec, bytes(data.points))).toBe(data.digest);
    if (base) expect(digests.base(spec, bytes(base.points))).toBe(base.digest);
  }
  expect(cases.filter((c) => c.base).length).toBeGreaterThan(2);
  expect(cases.length).toBeGreaterThan(10);
});

it('differ with what makes the function, and not with what trains it', () => {
  for (const { spec: value, weights, base } of cases) {
    const spec = parseSpec(value);
    const of = (changed: SgdSpec) => ({
      weights: digests.weights(changed, bytes(weights.points)),
      base: base && digests.base(changed, bytes(base.points)),
    });
    const change = (edit: (s: SgdSpec) => void) => {
      const changed = structuredClone(spec);
      edit(changed);
      return of(changed);
    };
    const own = of(spec);
    const activation = change((s) => {
      s.layers[0]!.activation = s.layers[0]!.activation === 'relu' ? 'linear' : 'relu';
    });
    expect(activation.weights).not.toBe(own.weights);
    if (base) expect(activation.base).not.toBe(own.base);
    // As many bits of weights, split in another way.
    const format = change((s) => {
      s.scales.a += 1;
      s.scales.d -= 1;
    });
    expect(format.weights).not.toBe(own.weights);
    const training = change((s) => {
      s.batch += 1;
      s.steps += 1;
    });
    expect(training).toEqual(own);
    if (!spec.lora) continue;
    const alpha = change((s) => {
      s.lora!.adapters.find((a) => a)!.alpha += 1;
    });
    expect(alpha.weights).not.toBe(own.weights);
    expect(alpha.base).toBe(own.base);
  }
});
