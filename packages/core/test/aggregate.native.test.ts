/**
 * The real chain, with the smallest windows: train, aggregate, verify in fresh processes with both engines, tamper with everything.
 * Minutes: each link is a proof of 2^17 rows or more.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { OpenRun } from '@proof-of-training/aggregator';
import { AggregationThread, ProofAggregator } from '@proof-of-training/aggregator/node';
import { type AggregateVerifier, isPotError, loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { developmentSrs } from '@proof-of-training/halo2-wasm/node';
import type { AggregateFile, RunBundle } from '@proof-of-training/verifier/files';
import { decodeProof, encodeProof, parseBundle } from '@proof-of-training/verifier/files';
import { verifyAggregate } from '@proof-of-training/verifier/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aggregateRun } from '../src/aggregate/aggregateRun.js';
import { openRun } from '../src/aggregate/run.js';
import { largeSrs, THREADS } from './helpers/aggregation.js';
import { toyData } from './helpers/toy.js';
import { PLACES, wasmAggregate } from './helpers/wasmAggregate.js';

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const MINUTES = 60_000;
const dir = mkdtempSync(join(tmpdir(), 'pot-aggregate-'));
const [config, run, out] = ['config.json', 'run', 'aggregate.json'].map((name) => join(dir, name)) as [
  string,
  string,
  string,
];
type Statement = AggregateFile['aggregate']['public'];

let bundle: RunBundle;
let file: AggregateFile;
let pin: string;

/** Runs `pot` in a process of its own, with the native engine unless told otherwise. */
function pot(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ZK_ENGINE: 'native' },
    });
    const text = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].on('data', (d) => {
        text[stream] += d;
      });
    }
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out: text.stdout, err: text.stderr }));
  });
}

/** Three windows of one step of a 6-3 network, two shards. */
beforeAll(async () => {
  const { x, y } = toyData(1, 8);
  const rows = (v: Float32Array, width: number) =>
    Array.from({ length: v.length / width }, (_, i) => [...v.subarray(i * width, (i + 1) * width)]);
  writeFileSync(join(dir, 'data.json'), JSON.stringify({ x: rows(x, 6), y: rows(y, 3) }));
  const settings = {
    data: { file: 'data.json' },
    layers: [{ units: 3, activation: 'softmax' }],
    loss: 'categoricalCrossentropy',
    learningRate: 0.125,
    batchSize: 4,
    window: 1,
    steps: 3,
    profile: 'compact',
  };
  writeFileSync(config, JSON.stringify(settings));
  const trained = await pot('train', config, '--dir', run, '--srs', 'development');
  expect(trained.code, trained.err).toBe(0);
  bundle = parseBundle(readFileSync(join(run, 'bundle.json')));
  const aggregated = await pot('aggregate', run, '-o', out, '--windows-per-proof', '2', '--json');
  expect(aggregated.code, aggregated.err).toBe(0);
  expect(JSON.parse(aggregated.out)).toMatchObject({ ok: true, windows: 3, steps: 3 });
  file = JSON.parse(readFileSync(out, 'utf8'));
  pin = JSON.parse(aggregated.out).aggregationKey;
}, 20 * MINUTES);

const verify = (path: string, ...more: string[]) =>
  pot('verify', path, '--allow-development-srs', '--json', ...more);

describe('a run in one proof', () => {
  it(
    'verifies in a fresh process, by either engine with the pinned key',
    async () => {
      for (const engine of ['native', 'wasm']) {
        const { code, out: text } = await verify(out, '--aggregation-key', pin, '--engine', engine);
        expect(code, text).toBe(0);
        expect(JSON.parse(text)).toMatchObject({
          ok: true,
          proven: {
            runId: bundle.run.runId,
            steps: 3,
            windows: 3,
            weightsAfter: bundle.windows[2]!.public.weightsOut,
          },
        });
      }
    },
    5 * MINUTES,
  );

  it(
    'verifies with the key derived from the architecture, by either engine',
    async () => {
      for (const engine of ['native', 'wasm']) {
        const { code, out: text } = await verify(out, '--engine', engine);
        expect(code, text).toBe(0);
        expect(JSON.parse(text).checks).toContainEqual({
          name: 'aggregation key',
          ok: true,
          detail: 'aggregation key derived from the public architecture',
        });
      }
    },
    10 * MINUTES,
  );

  it('is refused without the insecure string being allowed', async () => {
    expect((await pot('verify', out, '--aggregation-key', pin)).code).toBe(1);
  });
});

describe('a run that is anchored as it grows', () => {
  it(
    'is aggregated in parts, of which the second continues the first and says nothing of the steps before',
    async () => {
      // As it was after two windows; then the third alone.
      const early = join(dir, 'early.json');
      writeFileSync(early, JSON.stringify({ ...bundle, windows: bundle.windows.slice(0, 2) }));
      const paths = [early, join(run, 'bundle.json')];
      const parts: AggregateFile[] = [];
      for (const [i, path] of paths.entries()) {
        const to = join(dir, `part-${i}.json`);
        // The first is a link of the whole run's chain, and is taken from there.
        const from = i === 0 ? ['--dir', join(run, 'aggregates')] : ['--from-window', '2'];
        const made = await pot('aggregate', path, '-o', to, '--windows-per-proof', '2', '--json', ...from);
        expect(made.code, made.err).toBe(0);
        expect(JSON.parse(made.out)).toMatchObject({ ok: true, windows: 2 - i, aggregationKey: pin });
        parts.push(JSON.parse(readFileSync(to, 'utf8')));
      }
      const [first, second] = parts.map((p) => p.aggregate.public) as [Statement, Statement];
      expect([first.firstStep, first.endStep, second.firstStep, second.endStep]).toEqual([0, 2, 2, 3]);
      expect(second.weightsIn).toBe(first.weightsOut);
      expect(second.weightsOut).toBe(bundle.windows[2]!.public.weightsOut);

      const part = join(dir, 'part-1.json');
      const unasked = await verify(part, '--aggregation-key', pin);
      expect([unasked.code, JSON.parse(unasked.out).failure.code]).toEqual([1, 'AGGREGATE_PART']);
      for (const engine of ['native', 'wasm']) {
        const options = ['--part', '--aggregation-key', pin, '--engine', engine];
        const known = await verify(part, ...options, '--weights-before', first.weightsOut);
        expect(known.code, known.out).toBe(0);
        const { proven } = JSON.parse(known.out);
        expect(proven).toMatchObject({
          steps: 1,
          weightsBefore: first.weightsOut,
          part: { firstStep: 2, endStep: 3 },
        });
        expect(proven.part.statement).toContain('Nothing is proven of the steps before');
        const other = await verify(part, ...options, '--weights-before', bundle.run.genesis);
        expect([other.code, JSON.parse(other.out).failure.code]).toEqual([1, 'EXPECTED_MISMATCH']);
      }

      // Another beginning, or other shards, under the same proof.
      for (const change of [{ weightsIn: bundle.run.genesis }, { firstStep: 1 }, { endStep: 4 }]) {
        const forged = structuredClone(parts[1]!);
        Object.assign(forged.aggregate.public, change);
        const report = await verifyAggregate(forged, {
          allowDevelopmentSrs: true,
          allowPart: true,
          aggregationKey: pin,
        });
        expect(report.failure?.code).toBe('VERIFY_FAILED');
        expect(report.proven).toBeUndefined();
      }
    },
    10 * MINUTES,
  );
});

describe('tampering', () => {
  /** Both engines' verifiers of the aggregate's own proof, which is what verification ends with: the rest of it takes a second. */
  const engines = ['native', 'wasm'] as const;
  const verifiers: AggregateVerifier[] = [];
  beforeAll(async () => {
    for (const engine of engines) {
      const halo2 = await loadProver({ engine });
      const { bytes } = await developmentSrs(halo2, bundle.run.spec.shape.k);
      verifiers.push(halo2.aggregateVerifier(decodeProof(file.aggregate.key.bytes), bytes));
    }
  });
  afterAll(() => {
    for (const verifier of verifiers.splice(0)) verifier.free();
  });

  const altered = (change: (f: AggregateFile) => void) => {
    const copy = structuredClone(file);
    change(copy);
    return copy;
  };
  const one = (codes: (string | undefined)[]) => {
    expect(codes).toHaveLength(2);
    expect(codes[1]).toBe(codes[0]);
    return codes[0];
  };
  /** The code by which the whole verification refuses it, the same with both engines. */
  async function refusal(change: (f: AggregateFile) => void): Promise<string | undefined> {
    const forged = altered(change);
    const codes = [];
    for (const engine of engines) {
      const report = await verifyAggregate(forged, {
        engine,
        allowDevelopmentSrs: true,
        aggregationKey: pin,
      });
      expect(report.ok).toBe(false);
      codes.push(report.failure?.code);
    }
    return one(codes);
  }
  /** The code by which its last check, of proof, accumulator and statement under the key, refuses it. */
  function proofRefusal(change: (f: AggregateFile) => void): string | undefined {
    const { run, aggregate } = altered(change);
    const { key: _, ...inner } = aggregate;
    return one(
      verifiers.map((verifier) => {
        try {
          verifier.verify(JSON.stringify(run.spec), JSON.stringify(inner));
          return undefined;
        } catch (e) {
          return isPotError(e) ? e.code : String(e);
        }
      }),
    );
  }
  /** Changes the byte `at` of a proof. */
  const flip = (proof: string, at: number) => {
    const bytes = decodeProof(proof);
    bytes[at]! ^= 1;
    return encodeProof(bytes);
  };
  const proven = (proof: string) => (f: AggregateFile) => Object.assign(f.aggregate, { proof });

  it(
    'with any byte of the proof',
    async () => {
      expect(proofRefusal(() => {})).toBeUndefined();
      const { proof } = file.aggregate;
      const { length } = decodeProof(proof);
      for (let at = 0; at < length; at += Math.floor(length / 16)) {
        expect(proofRefusal(proven(flip(proof, at))), `byte ${at}`).toBe('VERIFY_FAILED');
      }
      for (const at of [0, length >> 1, length - 1]) {
        expect(await refusal(proven(flip(proof, at))), `byte ${at}`).toBe('VERIFY_FAILED');
      }
    },
    5 * MINUTES,
  );

  it('with the length of the proof', async () => {
    const bytes = decodeProof(file.aggregate.proof);
    const others = [bytes.subarray(0, -1), bytes.subarray(0, -32), new Uint8Array([...bytes, 0])];
    for (const other of others) expect(proofRefusal(proven(encodeProof(other)))).toBe('VERIFY_FAILED');
    expect(await refusal(proven(encodeProof(others[2]!)))).toBe('VERIFY_FAILED');
  });

  it('with what it says', async () => {
    const hex = (n: number) => `0x${n.toString(16).padStart(64, '0')}`;
    const says = (change: object) => refusal((f) => Object.assign(f.aggregate.public, change));
    expect(await says({ weightsOut: hex(1) })).toBe('VERIFY_FAILED');
    expect(await says({ endStep: 2 })).toBe('VERIFY_FAILED');
    expect(await says({ schedule: hex(1) })).toBe('VERIFY_FAILED');
    expect(await says({ datasetRoot: hex(1) })).toBe('AGGREGATE_STATEMENT');
  });

  it('with each number of the accumulator: another one, off the curve, beyond the field', async () => {
    const with_ = (i: number, v: bigint) => (f: AggregateFile) => {
      f.aggregate.accumulator[i] = `0x${v.toString(16).padStart(64, '0')}`;
    };
    for (let i = 0; i < 8; i++) {
      const own = BigInt(file.aggregate.accumulator[i]!);
      expect(proofRefusal(with_(i, own ^ 1n))).toBe('AGGREGATE_ACCUMULATOR');
      expect(proofRefusal(with_(i, own + (1n << 128n)))).toBe('AGGREGATE_ACCUMULATOR');
    }
    const first = BigInt(file.aggregate.accumulator[0]!);
    expect(await refusal(with_(0, first ^ 1n))).toBe('AGGREGATE_ACCUMULATOR');
    // Two other points of the curve, whose pairing holds: the ones of the statement are public inputs of the proof.
    const exchanged = await refusal((f) => {
      f.aggregate.accumulator = [...f.aggregate.accumulator.slice(4), ...f.aggregate.accumulator.slice(0, 4)];
    });
    expect(exchanged).toBe('VERIFY_FAILED');
  });

  it("with the key: bytes that are none, another key's", async () => {
    expect(await refusal((f) => Object.assign(f.aggregate.key, { bytes: 'AAAA' }))).toBe('KEY_INVALID');
    const bytes = decodeProof(file.aggregate.key.bytes);
    // The last two points exchanged: points of the curve, so a key, and not this one.
    const [a, b] = [bytes.slice(-64, -32), bytes.slice(-32)];
    bytes.set(b, bytes.length - 64);
    bytes.set(a, bytes.length - 32);
    const code = await refusal((f) => Object.assign(f.aggregate.key, { bytes: encodeProof(bytes) }));
    expect(code).toBe('AGGREGATE_KEY');
  });
});

describe('the chain', () => {
  /** Natively, with keys of this process: what the command left is read by another process than made it. */
  let native: AggregationThread;
  let opened: OpenRun;
  beforeAll(async () => {
    const srs = await largeSrs('native');
    opened = await openRun(bundle.run);
    native = await AggregationThread.start({ srs, spec: bundle.run.spec, places: PLACES, engine: 'native' });
  }, 5 * MINUTES);
  afterAll(() => native?.close());

  const aggregates = join(run, 'aggregates');
  /** The folder of this run's links. */
  const folder = () => readdirSync(aggregates)[0]!;
  const linkOf = (end: number) =>
    readdirSync(join(aggregates, folder())).find((name) => Number(name.split('-')[0]) === end)!;
  /** Another folder that has one of them, changed. */
  const copyOf = (link: string, change: (text: string) => string) => {
    const copy = mkdtempSync(join(tmpdir(), 'pot-links-'));
    mkdirSync(join(copy, folder()));
    const text = readFileSync(join(aggregates, folder(), link), 'utf8');
    writeFileSync(join(copy, folder(), link), change(text));
    return copy;
  };

  it(
    "has the same key in WebAssembly, byte for byte, and goes on there from native's link",
    async () => {
      expect([native.engine, (await loadProver()).engine]).toEqual(['native', 'native']);
      let wasm: AggregationThread | undefined;
      const shared = await wasmAggregate(async (spec) => {
        const srs = await largeSrs('wasm');
        wasm = await AggregationThread.start({ srs, spec, places: PLACES, engine: 'wasm', threads: THREADS });
        return wasm;
      });
      await wasm?.close();
      const { key, ...both } = shared.file.aggregate;
      expect(shared.bundle.run.spec).toEqual(bundle.run.spec);
      expect(key).toEqual(file.aggregate.key);
      expect(Buffer.compare(native.key, decodeProof(key.bytes))).toBe(0);
      expect(shared.info).toEqual(native.info);
      await native.verify(shared.first);
      await native.verify(both);
      const options = { allowDevelopmentSrs: true, aggregationKey: pin } as const;
      for (const engine of ['native', 'wasm'] as const) {
        const report = await verifyAggregate(shared.file, { ...options, engine });
        expect(report).toMatchObject({ ok: true, proven: { windows: 3, runId: shared.bundle.run.runId } });
      }
    },
    20 * MINUTES,
  );

  it(
    'is what the command left, and is continued from it without proving anything',
    async () => {
      const links: number[] = [];
      const aggregator = new ProofAggregator(opened, native, {
        dir: aggregates,
        onProgress: ({ windows, ms }) => links.push(ms === undefined ? windows : -1),
      });
      const again = await aggregator.aggregateProofs(bundle.windows);
      expect(links).toEqual([3]);
      const { key: _, ...aggregate } = file.aggregate;
      expect(again).toEqual(aggregate);
    },
    5 * MINUTES,
  );

  it(
    'refuses a stored link that was altered',
    async () => {
      const dir = copyOf(linkOf(3), (text) => text.replace('"51"', '"52"').slice(0, -1));
      const aggregator = new ProofAggregator(opened, native, { dir });
      await expect(aggregator.aggregateProofs(bundle.windows)).rejects.toMatchObject({
        code: 'INTERMEDIATE_DAMAGED',
      });
    },
    5 * MINUTES,
  );

  it(
    'refuses a window that was tampered with, before its link',
    async () => {
      const forged = structuredClone(bundle.windows);
      forged[1]!.proof = flipLast(forged[1]!.proof);
      await expect(new ProofAggregator(opened, native).aggregateProofs(forged)).rejects.toMatchObject({
        code: expect.stringMatching(/^(VERIFY_|AGGREGATE_PROOF)/),
        details: { window: 1 },
      });
    },
    5 * MINUTES,
  );

  it(
    'is cancelled',
    async () => {
      const cancel = new AbortController();
      const copy = mkdtempSync(join(tmpdir(), 'pot-links-'));
      const work = aggregateRun(bundle, {
        engine: 'native',
        windowsPerProof: 2,
        dir: copy,
        signal: cancel.signal,
      });
      setTimeout(() => cancel.abort(), 2000);
      const error = await work.catch((e: unknown) => e);
      expect(error).toBeInstanceOf(PotError);
      expect(error).toMatchObject({ code: 'PROVER_ABORTED' });
      expect(existsSync(copy)).toBe(true);
    },
    5 * MINUTES,
  );
});

function flipLast(proof: string): string {
  const bytes = decodeProof(proof);
  bytes[bytes.length - 40]! ^= 1;
  return encodeProof(bytes);
}
