/** An aggregation key's digest is derived in a thread of its own: what goes wrong there is said, and breaks nothing here. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { aggregationDigest, type Halo2, inspectSrs, loadProver } from '@proof-of-training/halo2-wasm';
import { planSpec, profiles, type SgdSpec } from '@proof-of-training/sgd-circuit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type DeriveKey, derivedOnce } from '../src/aggregate/derivedOnce.js';
import { deriveHere } from '../src/index.js';

// From here a program finds both packages.
const HERE = fileURLToPath(new URL('../../core', import.meta.url));

let halo2: Halo2;
let spec: SgdSpec;
let before: number;
let srs: Uint8Array;

beforeAll(async () => {
  halo2 = await loadProver({ engine: 'wasm' });
  srs = halo2.srsDevelopment(8);
  const layer = { inputs: 4, outputs: 3, activation: 'softmax', bias: true } as const;
  ({ spec } = planSpec(
    halo2,
    {
      kind: 'window',
      mode: 'exact',
      layers: [layer],
      loss: 'softmaxCrossEntropy',
      batch: 2,
      steps: 2,
      scales: profiles.default,
      xOffset: 0,
      yOffset: 0,
      toleranceLimbs: 0,
    },
    { aggregated: true },
  ));
  before = halo2.memoryBytes;
});

/** Bytes whose memory is somebody else's by now. */
function detached(): Uint8Array {
  const bytes = new Uint8Array(9);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  return bytes;
}

const request = (more: object = {}) => ({ srs, specJson: JSON.stringify(spec), places: 2, ...more });

it.each<[string, () => object, RegExp]>([
  ['a specification that is none', () => ({ specJson: '{}' }), /^SPEC_INVALID$/],
  ['a string with too few points', () => ({}), /^SRS_TOO_SMALL$/],
  ['a string that is none', () => ({ srs: new Uint8Array(9) }), /^SRS_/],
  ['no bytes', () => ({ srs: 'a text' }), /^OPTION_INVALID$/],
  ['bytes that cannot be sent', () => ({ srs: detached() }), /^PROVER_FAILED$/],
  ['no whole number of places', () => ({ places: 2.5 }), /^OPTION_INVALID$/],
])('gives the error of %s, and the shared instance takes no part', async (_, more, code) => {
  await expect(aggregationDigest(request(more()))).rejects.toMatchObject({
    code: expect.stringMatching(code),
  });
  expect(halo2.memoryBytes).toBe(before);
  expect(halo2.srsInspect(srs).k).toBe(8);
});

it('is what verifiers derive with, and a derivation that failed is tried again', async () => {
  const own = inspectSrs(halo2, srs);
  for (const _ of [1, 2]) {
    await expect(deriveHere(spec, own, 2, 'wasm')).rejects.toMatchObject({ code: 'SRS_TOO_SMALL' });
  }
  expect(halo2.memoryBytes).toBe(before);
  expect(halo2.srsInspect(srs).k).toBe(8);
});

it('an abort ends it with the reason, before and while the thread works', async () => {
  const reason = new Error('enough');
  await expect(aggregationDigest(request(), AbortSignal.abort(reason))).rejects.toBe(reason);
  const aborted = new AbortController();
  const digest = aggregationDigest(request(), aborted.signal);
  setTimeout(() => aborted.abort(reason), 5);
  await expect(digest).rejects.toBe(reason);
  const nothing = 'soon' as unknown as AbortSignal;
  await expect(aggregationDigest(request(), nothing)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
});

it('Halo2.aggregation refuses what WebAssembly would round', () => {
  for (const places of [2.5, -1, Number.NaN, '2' as unknown as number]) {
    const make = () => halo2.aggregation(srs, JSON.stringify(spec), places);
    expect(make).toThrow(/aggregation: places must be a whole number/);
  }
});

describe('a derivation that several wait for', () => {
  /** One that never ends by itself. */
  function endless() {
    const signals: AbortSignal[] = [];
    const derive: DeriveKey = (_spec, _srs, _places, _engine, signal) => {
      signals.push(signal!);
      return new Promise((_, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    };
    return { signals, derive: derivedOnce(derive) };
  }

  it('goes on while one of them waits, and ends with the last', async () => {
    const { signals, derive } = endless();
    const own = inspectSrs(halo2, srs);
    const [one, other] = [new AbortController(), new AbortController()];
    const waits = [one, other].map(({ signal }) => derive(spec, own, 2, 'wasm', signal));
    one.abort('the first');
    await expect(waits[0]).rejects.toBe('the first');
    expect(signals.map((s) => s.aborted)).toEqual([false]);
    other.abort('the last');
    await expect(waits[1]).rejects.toBe('the last');
    expect(signals.map((s) => s.aborted)).toEqual([true]);
    const again = new AbortController();
    const third = derive(spec, own, 2, 'wasm', again.signal);
    expect(signals).toHaveLength(2);
    again.abort('done');
    await expect(third).rejects.toBe('done');
  });
});

/** The permission model's flag: Node 24 no longer takes the name that Node 20 has. */
const PERMISSION = ['--permission', '--experimental-permission'].find((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag),
)!;

/** What a program says in a process that may start no threads. */
function withoutThreads(script: string): Promise<string> {
  const flags = [PERMISSION, '--allow-fs-read=*', '--no-warnings', '--input-type=module'];
  return new Promise((resolve, reject) =>
    execFile(process.execPath, [...flags, '-e', script], { cwd: HERE }, (e, out) =>
      e ? reject(e) : resolve(out.trim()),
    ),
  );
}

it('is derived in this thread where there can be no other', async () => {
  const said = await withoutThreads(`
    import { aggregationDigest, inspectSrs, loadProver } from '@proof-of-training/halo2-wasm';
    import { deriveHere } from '@proof-of-training/verifier';
    const halo2 = await loadProver({ engine: 'wasm' });
    const srs = inspectSrs(halo2, halo2.srsDevelopment(8));
    const spec = ${JSON.stringify(spec)};
    const request = { srs: srs.bytes, specJson: JSON.stringify(spec), places: 2 };
    const { code, details } = await aggregationDigest(request).catch((e) => e);
    const here = await deriveHere(spec, srs, 2, 'wasm').catch((e) => e);
    console.log(code, details.reason, here.code);`);
  expect(said).toBe('THREADS_UNAVAILABLE none SRS_TOO_SMALL');
});
