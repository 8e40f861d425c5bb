/** A native prover has the threads that were asked for when it was loaded, or when it was made. */
import { availableParallelism } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Halo2, loadProver, loadWithThreads, type Prover } from '../src/index.js';
import { nativeThreads } from './helpers/nativeThreads.js';

const engine = 'native';
let made: Prover | undefined;
afterEach(async () => {
  made?.free();
  made = undefined;
  await vi.waitFor(() => expect(nativeThreads()).toBe(0));
});

/** Threads that one prover of it has. */
function threadsOf(halo2: Halo2, options?: { threads: number }): number {
  made = halo2.prover(halo2.srsDevelopment(4), options);
  return nativeThreads();
}

describe.skipIf(process.platform !== 'linux')('a native prover has', () => {
  it('as many threads as it was loaded for', async () => {
    const halo2 = await loadProver({ engine, threads: 3 });
    expect([halo2.engine, halo2.threads]).toEqual(['native', 3]);
    expect(await loadProver({ engine, threads: 3 })).toBe(halo2);
    expect(threadsOf(halo2)).toBe(3);
  });

  it('one, where one was asked for', async () => {
    const halo2 = await loadProver({ engine, threads: 1 });
    expect(halo2.threads).toBe(1);
    expect(threadsOf(halo2)).toBe(1);
  });

  it('as many with auto, which is native here', async () => {
    const halo2 = await loadProver({ engine: 'auto', threads: 3 });
    expect([halo2.engine, halo2.threads]).toEqual(['native', 3]);
    expect(threadsOf(halo2)).toBe(3);
  });

  it('one a core where nothing or 0 was asked for', async () => {
    const halo2 = await loadProver({ engine });
    expect(halo2.threads).toBe(availableParallelism());
    expect(threadsOf(halo2)).toBe(availableParallelism());
    made?.free();
    await vi.waitFor(() => expect(nativeThreads()).toBe(0));
    expect(threadsOf(await loadWithThreads({ engine, threads: 0 }))).toBe(availableParallelism());
  });

  it('what it is told itself, before what it was loaded for', async () => {
    expect(threadsOf(await loadProver({ engine, threads: 3 }), { threads: 5 })).toBe(5);
  });
});
