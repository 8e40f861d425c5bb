/** A native verifier has the threads that it was asked for, and derives an aggregation key with them. */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { inspectSrs, loadProver } from '@proof-of-training/halo2-wasm';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { nativeThreads } from '../../halo2-wasm/test/helpers/nativeThreads.js';
import { type DeriveKey, deriveHere, verifyAggregate } from '../src/index.js';
import { derivedKey } from '../src/node/deriveKey.js';

const file = JSON.parse(
  readFileSync(new URL('../../blockchain/test/fixtures/onchain/aggregate.json', import.meta.url), 'utf8'),
);
// The derivation here needs no string of so many points.
file.aggregate.key.k = file.run.spec.shape.k;
const minPrecision = { weights: 1, activations: 1, base: 1 };
const accept = { allowDevelopmentSrs: true, engine: 'native', maxTolerance: 1, minPrecision } as const;
const cores = availableParallelism();

afterEach(() => vi.waitFor(() => expect(nativeThreads()).toBe(0)));

describe.skipIf(process.platform !== 'linux')('a native verifier', () => {
  it.each([
    ['3', { threads: 3 }, 3, 3],
    ['1', { threads: 1 }, 1, 1],
    ['0: one a core', { threads: 0 }, cores, 0],
    ['none: one a core', {}, cores, undefined],
  ])('has as many threads as it was asked for: %s', async (_, options, has, derives) => {
    // Called while the verifier's prover is there.
    const seen: unknown[] = [];
    const deriveKey: DeriveKey = async (...args) => {
      seen.push(nativeThreads(), args[5]);
      return file.aggregate.key.digest;
    };
    expect(await verifyAggregate(file, { ...accept, ...options, deriveKey })).toMatchObject({ ok: true });
    expect(seen).toEqual([has, derives]);
  });
});

describe('a derivation of an aggregation key', () => {
  let srs: Uint8Array;
  beforeAll(async () => {
    srs = (await loadProver({ engine: 'native' })).srsDevelopment(8);
  });

  it.each([
    ['here', deriveHere],
    ['in a thread of its own', derivedKey],
  ])('%s has as many threads as it was asked for', async (_, derive) => {
    const own = inspectSrs(await loadProver({ engine: 'native' }), srs);
    const code = (threads: number) =>
      derive(file.run.spec, own, 2, 'native', undefined, threads).catch((e) => e.code);
    expect(await code(3)).toBe('SRS_TOO_SMALL');
    // Whoever does not look at the number does not refuse it.
    expect(await code(1025)).toBe('THREADS_UNAVAILABLE');
  });
});
