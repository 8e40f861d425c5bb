/** Threads inside one proof: the same statements, keys and proofs as without; and what happens when they fail or end. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  type Halo2,
  type LoadOptions,
  loadProver as loadAny,
  type PotError,
  type Prover,
  proverModule,
} from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ProverPool } from '../src/prove/pool.js';
import { windowTaskOf } from './helpers/statements.js';
import { type ToyWindow, toySpec, toyWindow } from './helpers/window.js';

const THREADS = 3;
/** Threads are an artifact of the WebAssembly engine's; the native one has its own. */
const loadProver = (options: LoadOptions = {}) => loadAny({ engine: 'wasm', ...options });
const helper = (name: string) => new URL(`helpers/${name}`, import.meta.url);

let single: Halo2;
let srs: Uint8Array;
let plain: Prover;
let window: ToyWindow;

beforeAll(async () => {
  single = await loadProver();
  srs = (await developmentSrs(single, toySpec(single).shape.k)).bytes;
  plain = single.prover(srs);
  window = await toyWindow(single, plain);
});

afterAll(async () => (await loadProver({ threads: THREADS })).close());

function codeOf(call: () => unknown): string {
  try {
    call();
  } catch (e) {
    return (e as PotError).code;
  }
  throw new Error('no error');
}

describe('a prover with threads', () => {
  it('has those asked for, is the same one until it is closed, and one without threads stays as it was', async () => {
    const threaded = await loadProver({ threads: THREADS });
    expect(threaded.threads).toBe(THREADS);
    expect(await loadProver({ threads: THREADS })).toBe(threaded);
    expect(single.threads).toBe(1);
    expect(await loadProver()).toBe(single);
  });

  it('gives the same keys, commitments and executor results, and proofs that verify on either side', async () => {
    const threaded = await loadProver({ threads: THREADS });
    const prover = threaded.prover(srs);
    // Its executor's weights and its commitments are in the statement.
    const mine = await toyWindow(threaded, prover);
    expect(mine).toEqual(window);
    const { specJson, publicJson, witness } = window;
    expect(prover.keygen(specJson)).toBe(plain.keygen(specJson));
    expect(prover.vkDigest(specJson)).toBe(single.prover(srs).vkDigest(specJson));
    const proofs = [
      prover.proveWindow(specJson, publicJson, witness),
      plain.proveWindow(specJson, publicJson, witness),
    ];
    for (const proof of proofs) {
      for (const verifier of [prover, plain]) {
        expect(verifier.verify(specJson, publicJson, proof).weightsOut).toBe(window.public.weightsOut);
      }
      const forged = proof.slice();
      forged[forged.length >> 1]! ^= 1;
      expect(codeOf(() => prover.verify(specJson, publicJson, forged))).toMatch(/^VERIFY_|^POINT|^PROOF/);
    }
    prover.free();
  });

  it('makes the same reference string', async () => {
    const threaded = await loadProver({ threads: THREADS });
    expect(threaded.srsDevelopment(8)).toEqual(single.srsDevelopment(8));
  });

  it('remains usable after an error of the caller', async () => {
    const threaded = await loadProver({ threads: THREADS });
    const prover = threaded.prover(srs);
    const wrong = { ...window.witness, x: window.witness.x.slice(1) };
    prover.keygen(window.specJson);
    const failed = codeOf(() => prover.proveWindow(window.specJson, window.publicJson, wrong));
    expect(failed).toBe(codeOf(() => plain.proveWindow(window.specJson, window.publicJson, wrong)));
    const proof = prover.proveWindow(window.specJson, window.publicJson, window.witness);
    plain.verify(window.specJson, window.publicJson, proof);
    prover.free();
  });
});

describe('what cannot be', () => {
  it('refuses numbers that are none', async () => {
    for (const threads of [0, -1, 1.5, Number.NaN, 65, '2' as unknown as number]) {
      await expect(loadProver({ threads })).rejects.toMatchObject({ code: 'THREADS_UNAVAILABLE' });
      await expect(proverModule(threads)).rejects.toMatchObject({ code: 'THREADS_UNAVAILABLE' });
    }
  });

  it('refuses a second prover with another number of threads', async () => {
    await loadProver({ threads: THREADS });
    await expect(loadProver({ threads: 2 })).rejects.toMatchObject({
      code: 'THREADS_UNAVAILABLE',
      details: { threads: 2, open: THREADS },
    });
  });

  it('says that workers did not start, and can be loaded afterwards', async () => {
    await (await loadProver({ threads: THREADS })).close();
    // A module that imports a shared memory, and nothing else of ours.
    const foreign = '0061736d01000000' + '0209' + '01' + '0165' + '016d' + '02030102';
    const module = await WebAssembly.compile(Buffer.from(foreign, 'hex'));
    await expect(loadProver({ threads: THREADS, module })).rejects.toMatchObject({
      code: 'THREADS_UNAVAILABLE',
      cause: expect.any(Error),
    });
    expect((await loadProver({ threads: THREADS })).threads).toBe(THREADS);
  });

  it('does not take the module of the other kind', async () => {
    await (await loadProver({ threads: THREADS })).close();
    const threaded = await loadProver({ threads: THREADS, module: await proverModule() });
    expect(threaded.threads).toBe(THREADS);
    expect(threaded.module).toBe(await proverModule(2));
    expect(await loadProver({ module: threaded.module })).toBe(single);
  });
});

describe('after close', () => {
  it('everything of it gives PROVER_CLOSED, and a new one proves in a memory of its own', async () => {
    const first = await loadProver({ threads: THREADS });
    const prover = first.prover(srs);
    const executor = first.executor(window.specJson, window.witness.w0);
    prover.keygen(window.specJson);
    const grown = first.memoryBytes;
    await first.close();
    await first.close();
    expect(codeOf(() => first.srsDevelopment(4))).toBe('PROVER_CLOSED');
    expect(codeOf(() => prover.keygen(window.specJson))).toBe('PROVER_CLOSED');
    expect(codeOf(() => executor.weights())).toBe('PROVER_CLOSED');
    const second = await loadProver({ threads: 2 });
    expect(second).not.toBe(first);
    expect(second.threads).toBe(2);
    expect(second.memoryBytes).toBeLessThan(grown);
    // What is left of the first one must not touch the second one's memory.
    prover.free();
    executor.free();
    const again = second.prover(srs);
    again.keygen(window.specJson);
    const proof = again.proveWindow(window.specJson, window.publicJson, window.witness);
    plain.verify(window.specJson, window.publicJson, proof);
    await second.close();
  });
});

describe('a thread that fails', () => {
  it('gives memory that is exhausted as a typed error, not for ever; the next prover works', async () => {
    const threaded = await loadProver({ threads: THREADS });
    const prover = threaded.prover(srs);
    // Nearly all of the 4 GiB of addresses; never touched, so no machine's memory is.
    const { memory } = (threaded as unknown as { crew: { memory: WebAssembly.Memory } }).crew;
    memory.grow(65536 - memory.buffer.byteLength / 65536);
    expect(codeOf(() => prover.keygen(window.specJson))).toBe('WASM_OUT_OF_MEMORY');
    expect(codeOf(() => prover.keygen(window.specJson))).toBe('WASM_POISONED');
    await threaded.close();
    const next = (await loadProver({ threads: THREADS })).prover(srs);
    expect(next.keygen(window.specJson)).toBe(plain.vkDigest(window.specJson));
  });

  it('makes the prover unusable, and says so; the next one works', async () => {
    const threaded = await loadProver({ threads: THREADS });
    const prover = threaded.prover(srs);
    const { module, crew } = threaded as unknown as { module: object; crew: { memory: object } };
    const { memory } = crew;
    // One more thread of the same memory, which does what a worker does where a panic ended its work.
    const worker = new Worker(helper('failingThread.mjs'), { workerData: { memory, module } });
    await once(worker, 'exit');
    expect(codeOf(() => prover.keygen(window.specJson))).toBe('WASM_POISONED');
    await threaded.close();
    const next = (await loadProver({ threads: THREADS })).prover(srs);
    expect(next.keygen(window.specJson)).toBe(plain.vkDigest(window.specJson));
  });
});

it('lets its process end by itself, from the main thread and from a worker of its own', () => {
  for (const where of ['main', 'worker', 'closed']) {
    const run = spawnSync(process.execPath, [fileURLToPath(helper('threadedProcess.mjs')), where], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(run.stderr).toBe('');
    expect(run.stdout).toBe('threads 2, string made\n');
    expect(run.status).toBe(0);
  }
});

it('works inside the worker of a pool', async () => {
  const pool = await ProverPool.start({ srs, engine: 'wasm', workers: 1, threads: 2 });
  const { proof } = await pool.run(windowTaskOf(window));
  await pool.close();
  plain.verify(window.specJson, window.publicJson, proof!);
});
