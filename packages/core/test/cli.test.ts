import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { beforeAll, describe, expect, it } from 'vitest';
import { pot, potProcess } from './helpers/pot.js';
import { toyData } from './helpers/toy.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-cli-'));
const config = join(dir, 'config.json');
const bundlePath = join(dir, 'run/bundle.json');

/** Writes the bundle, altered, to a file. */
function altered(name: string, alter: (b: RunBundle) => void): string {
  const bundle = JSON.parse(readFileSync(bundlePath, 'utf8')) as RunBundle;
  alter(bundle);
  const path = join(dir, name);
  writeFileSync(path, JSON.stringify(bundle));
  return path;
}

beforeAll(async () => {
  const { x, y } = toyData();
  const rows = (v: Float32Array, width: number) =>
    Array.from({ length: v.length / width }, (_, i) => [...v.subarray(i * width, (i + 1) * width)]);
  writeFileSync(join(dir, 'data.json'), JSON.stringify({ x: rows(x, 6), y: rows(y, 3) }));
  writeFileSync(
    config,
    JSON.stringify({
      data: { file: 'data.json' },
      layers: [
        { units: 5, activation: 'relu' },
        { units: 3, activation: 'softmax' },
      ],
      loss: 'categoricalCrossentropy',
      learningRate: 0.125,
      batchSize: 4,
      window: 2,
      steps: 4,
      profile: 'compact',
    }),
  );
  const { code, out, err } = await potProcess(
    'train',
    config,
    '--dir',
    join(dir, 'run'),
    '--json',
    '--workers',
    '2',
    '--metrics',
  );
  expect(err).not.toContain('INSECURE');
  // Two windows and the first weights.
  expect(err).toMatch(/3 proofs \(100 % ok\) \| avg \d+ ms \| p95 \d+ ms \| queue 0/);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ ok: true, steps: 4, bundle: bundlePath });
});

describe('pot', () => {
  it('train writes a bundle and a report', () => {
    expect(existsSync(bundlePath)).toBe(true);
    const html = readFileSync(join(dir, 'run/report.html'), 'utf8');
    expect(html).toContain('every step of this run is proven');
    expect(html).not.toMatch(/<script|https?:\/\//);
  });

  it('train refuses a folder that holds a run, and resumes one that is complete', async () => {
    expect(await pot('train', config, '--dir', join(dir, 'run'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('SESSION_EXISTS'),
    });
    const again = await potProcess(
      'train',
      '--resume',
      '--dir',
      join(dir, 'run'),
      '--out',
      join(dir, 'again.json'),
      '--json',
    );
    expect(again.code).toBe(0);
    const bundles = [bundlePath, join(dir, 'again.json')].map(
      (p) => JSON.parse(readFileSync(p, 'utf8')) as RunBundle,
    );
    expect(bundles[1]!.windows).toEqual(bundles[0]!.windows);
  });

  it('train trains adapters by the optimiser that the configuration names, and no other', async () => {
    const optimizer = { type: 'momentum', momentum: 0.75, weightDecay: 0.125 };
    const plain = JSON.parse(readFileSync(config, 'utf8')) as object;
    const write = (name: string, more: object) => {
      const path = join(dir, name);
      writeFileSync(path, JSON.stringify({ ...plain, ...more }));
      return path;
    };
    const folder = join(dir, 'adapters');
    const path = write('adapters.json', { adapters: { rank: 2, alpha: 4 }, optimizer });
    const { code, out, err } = await potProcess(
      'train',
      path,
      '--dir',
      folder,
      '--srs',
      'development',
      '--json',
    );
    expect(err).toContain('INSECURE');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      ok: true,
      optimizer: { ...optimizer, weightDecay: expect.closeTo(0.125, 2) },
      statement: expect.stringContaining('SGD with momentum (0.75, weight decay 0.125'),
    });
    const shown = await pot('inspect', join(folder, 'bundle.json'));
    expect(shown.out).toMatch(/^optimizer +\{"type":"momentum".*"momentum":0.75/m);
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('SGD with momentum (0.75');

    const wrong = write('wrong.json', { optimizer: { type: 'sgd', momentum: 0.5 } });
    expect((await pot('train', wrong, '--dir', join(dir, 'dense'))).err).toContain('CONFIG_INVALID');
  });

  it('aggregate refuses what breaks a rule before it needs the engine, and writes nothing', async () => {
    const target = join(dir, 'never.aggregate.json');
    const blake = altered('blake.json', (b) => {
      delete b.run.transcript;
    });
    const gap = altered('gap.json', (b) => {
      b.windows.shift();
    });
    for (const [path, code] of [
      [blake, 'AGGREGATE_TRANSCRIPT'],
      [gap, 'AGGREGATE_STEPS'],
      [join(dir, 'nothing.json'), 'FILE_READ'],
    ] as const) {
      const { code: exit, out } = await pot('aggregate', path, '-o', target, '--json');
      expect(exit).toBe(2);
      expect(JSON.parse(out)).toMatchObject({ ok: false, error: { code } });
    }
    expect(existsSync(target)).toBe(false);
    expect(await pot('aggregate', bundlePath)).toMatchObject({
      code: 2,
      err: expect.stringContaining('--out'),
    });
  });

  it('train and verify refuse an engine that does not exist, before anything is made', async () => {
    const unknown = { code: 2, err: expect.stringContaining('ENGINE_UNKNOWN') };
    const folder = join(dir, 'never');
    expect(await pot('train', config, '--dir', folder, '--engine', 'gpu')).toMatchObject(unknown);
    expect(existsSync(folder)).toBe(false);
    expect(await pot('verify', bundlePath, '--allow-development-srs', '--engine', 'gpu')).toMatchObject(
      unknown,
    );
  });

  it('train continues a run to the steps of a configuration', async () => {
    const longer = join(dir, 'longer.json');
    writeFileSync(longer, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), steps: 6 }));
    const out = join(dir, 'longer-bundle.json');
    const more = await pot('train', longer, '--resume', '--dir', join(dir, 'run'), '--out', out, '--json');
    expect(more.code).toBe(0);
    expect(JSON.parse(more.out)).toMatchObject({ ok: true, steps: 6 });
  });

  it('verify accepts the bundle in a fresh process, without a flag, and names the ceremony', async () => {
    const good = await potProcess('verify', bundlePath);
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining('VERIFIED') });
    expect(good.out).toContain('Aztec Ignition');
    expect(good.out).not.toContain('INSECURE');
  });

  it('verify refuses a bundle on the development SRS unless that is allowed', async () => {
    const bundle = join(dir, 'adapters/bundle.json');
    const refused = await potProcess('verify', bundle, '--json');
    expect(refused.code).toBe(1);
    expect(JSON.parse(refused.out)).toMatchObject({
      ok: false,
      failure: { code: 'SRS_DEVELOPMENT_REFUSED' },
    });
    const allowed = await pot('verify', bundle, '--allow-development-srs');
    expect(allowed).toMatchObject({ code: 0, out: expect.stringContaining('INSECURE') });
  });

  it.each<[string, string, (b: RunBundle) => void]>([
    [
      'one flipped byte',
      'VERIFY_FAILED',
      (b) => {
        const bytes = Buffer.from(b.windows[0]!.proof, 'base64url');
        bytes[bytes.length - 70]! ^= 1;
        b.windows[0]!.proof = bytes.toString('base64url');
      },
    ],
    [
      'swapped proofs',
      'RUN_STEPS',
      (b) => {
        b.windows.reverse();
      },
    ],
    [
      'another learning rate',
      'RUN_ID',
      (b) => {
        b.run.eta = '7';
      },
    ],
    [
      'a missing proof',
      'RUN_STEPS',
      (b) => {
        b.windows.shift();
      },
    ],
  ])('verify refuses %s with exit code 1 and %s', async (name, code, alter) => {
    const path = altered(`${name}.json`, alter);
    const run = name === 'one flipped byte' ? potProcess : pot;
    const { code: exit, out } = await run('verify', path, '--json');
    expect(exit).toBe(1);
    expect(JSON.parse(out).failure.code).toBe(code);
  });

  it('verify insists on what it is told to expect', async () => {
    const { run } = JSON.parse(readFileSync(bundlePath, 'utf8')) as RunBundle;
    const flags = ['--dataset-root', run.datasetRoot];
    expect((await pot('verify', bundlePath, ...flags)).code).toBe(0);
    const other = await pot('verify', bundlePath, ...flags, '--run-id', run.genesis);
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('EXPECTED_MISMATCH') });
  });

  it('says what is wrong with a file', async () => {
    writeFileSync(join(dir, 'cut.json'), readFileSync(bundlePath, 'utf8').slice(0, 3000));
    expect(await pot('verify', join(dir, 'cut.json'))).toMatchObject({
      code: 1,
      out: expect.stringContaining('FORMAT_TRUNCATED'),
    });
    expect(await potProcess('verify', join(dir, 'nothing'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('FILE_READ'),
    });
    expect((await pot('verify')).code).toBe(2);
    expect((await potProcess('unheard-of')).code).toBe(2);
    writeFileSync(join(dir, 'bad.json'), JSON.stringify({ layers: [] }));
    expect(await pot('train', join(dir, 'bad.json'), '--dir', join(dir, 'other'))).toMatchObject({
      code: 2,
      err: expect.stringContaining('CONFIG_INVALID'),
    });
    expect(existsSync(join(dir, 'other'))).toBe(false);
  });

  it('inspect shows a bundle without verifying it', async () => {
    const { code, out } = await pot('inspect', bundlePath, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      verified: false,
      network: [6, 5, 3],
      steps: 4,
      learningRate: 0.125,
    });
  });

  it('srs makes the development SRS, loudly', async () => {
    const { code, out, err } = await potProcess('srs', 'development', '--k', '10', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ k: 10, development: true });
    expect(err).toContain('INSECURE');
  });
});
