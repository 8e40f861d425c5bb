/** `threads: 0` is one a core where they can be had, and one thread where not; a number that was asked for is kept. */
import { availableParallelism } from 'node:os';
import { afterEach, expect, it } from 'vitest';
import { type Halo2, loadProver, loadWithThreads, MAX_THREADS } from '../src/index.js';

const engine = 'wasm';
const all = Math.min(availableParallelism(), MAX_THREADS);
let open: Halo2 | undefined;
afterEach(async () => {
  if (open && open.threads > 1) await open.close();
});

it('0 is one a core', async () => {
  open = await loadWithThreads({ engine, threads: 0 });
  expect(open.threads).toBe(all);
});

it('0 is one thread where a prover with another number is open', async () => {
  open = await loadProver({ engine, threads: all === 2 ? 3 : 2 });
  const single = await loadWithThreads({ engine, threads: 0 });
  expect(single.threads).toBe(1);
  expect(single).toBe(await loadProver({ engine }));
});

it('a number that was asked for is kept, or refused', async () => {
  open = await loadWithThreads({ engine, threads: 3 });
  expect(open.threads).toBe(3);
  await expect(loadWithThreads({ engine, threads: 2 })).rejects.toMatchObject({
    code: 'THREADS_UNAVAILABLE',
  });
  for (const threads of [-1, 1.5, MAX_THREADS + 1]) {
    await expect(loadWithThreads({ engine, threads })).rejects.toMatchObject({ code: 'THREADS_UNAVAILABLE' });
  }
});

it('without a number there is one, and what else goes wrong is not hidden', async () => {
  open = await loadWithThreads({ engine });
  expect(open.threads).toBe(1);
  await expect(loadWithThreads({ engine: 'gpu' as 'wasm', threads: 0 })).rejects.toMatchObject({
    code: 'ENGINE_UNKNOWN',
  });
});
