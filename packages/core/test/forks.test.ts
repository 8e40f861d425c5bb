/** Two trainers that go on with one run: each bundle verifies alone, and comparing them tells. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { type VerifyRunOptions, verifyTrainingRun } from '@proof-of-training/verifier/node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Journal } from '../src/session/journal.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { pot } from './helpers/pot.js';
import { TOY, toyOptions } from './helpers/toy.js';

const root = mkdtempSync(join(tmpdir(), 'pot-forks-'));
const at = (name: string) => join(root, name);
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** Two windows that all have; two copies that went on; the two windows with proofs made anew; a run of its own. */
let [begun, left, right, again, foreign]: RunBundle[] = [];

/** The bundle of a copy of the run's folder, in which `windows` more were trained. */
async function goOn(name: string, windows: number, prepare = (_dir: string) => {}): Promise<RunBundle> {
  cpSync(at('run'), at(name), { recursive: true });
  prepare(at(name));
  const session = await TrainingSession.resume(at(name), { onWarning: () => {} });
  if (windows > 0) await session.fit({ steps: windows * TOY.window });
  return session.finish();
}

beforeAll(async () => {
  const session = await TrainingSession.create(toyOptions({ dir: at('run') }));
  // The folder of a process that was killed before it took the checkpoints away: from them, the windows can be proved once more.
  const keep = vi.spyOn(Journal.prototype, 'dropCheckpoint').mockResolvedValue();
  await session.fit({ steps: 2 * TOY.window });
  begun = await session.finish();
  keep.mockRestore();
  left = await goOn('left', 2);
  right = await goOn('right', 1);
  again = await goOn('again', 0, (dir) => {
    for (const name of readdirSync(join(dir, 'proofs'))) rmSync(join(dir, 'proofs', name));
  });
  const other = await TrainingSession.create(toyOptions());
  await other.fit({ steps: TOY.window });
  foreign = await other.finish();
});

const verify = (bundle: RunBundle, against: VerifyRunOptions['against']) =>
  verifyTrainingRun(bundle, { allowDevelopmentSrs: true, ...(against !== undefined && { against }) });
const detail = async (bundle: RunBundle, other: RunBundle) => {
  const report = await verify(bundle, other);
  expect(report.failure).toBeUndefined();
  return report.checks.find((c) => c.name === 'fork 0')?.detail;
};

describe('bundles of one run', () => {
  it('that part are a fork, though each holds alone, whichever is asked about', async () => {
    for (const [a, b] of [
      [left, right],
      [right, left],
    ] as const) {
      expect((await verify(a!, undefined)).ok).toBe(true);
      const report = await verify(a!, b!);
      expect(report).toMatchObject({
        ok: false,
        failure: { code: 'RUN_FORKED', details: { other: 0, window: 2, firstStep: 2 * TOY.window } },
      });
      expect(report.proven).toBeUndefined();
    }
  });

  it('of which one is the beginning of the other are none, and the report says which', async () => {
    expect(await detail(left!, begun!)).toBe("the other bundle is this run's beginning, 2 windows");
    expect(await detail(begun!, left!)).toBe(
      "this bundle is the other's beginning; 2 windows after it were not verified",
    );
    expect(await detail(begun!, right!)).toContain('; 1 window after');
  });

  it('that say the same are none, though their proofs are others', async () => {
    expect(again!.windows.map((w) => w.proof)).not.toEqual(begun!.windows.map((w) => w.proof));
    expect(await detail(begun!, again!)).toBe('the other bundle has the same windows');
  });

  it('are all compared', async () => {
    const report = await verify(left!, [begun!, JSON.stringify(right!)]);
    expect(report.failure).toMatchObject({ code: 'RUN_FORKED', details: { other: 1, window: 2 } });
    expect(report.checks.filter((c) => c.name.startsWith('fork')).map((c) => c.ok)).toEqual([true, false]);
  });
});

describe('what is no fork', () => {
  it('a bundle of another run is not comparable', async () => {
    expect((await verify(begun!, foreign!)).failure?.code).toBe('RUN_NOT_COMPARABLE');
    const renamed = { ...foreign!, run: { ...foreign!.run, runId: begun!.run.runId } };
    expect((await verify(begun!, renamed)).failure?.code).toBe('RUN_ID');
  });

  it('one that somebody invents: its proof does not hold', async () => {
    const invented = structuredClone(left!);
    invented.windows[2]!.public.weightsOut = right!.windows[2]!.public.weightsOut;
    invented.windows.length = 3;
    const report = await verify(left!, invented);
    expect(report.failure?.code).toMatch(/^VERIFY_/);
    expect(report.checks.at(-1)?.name).toBe('fork 0');
  });

  it('one that does not follow from its own windows, or cannot be read', async () => {
    const broken = structuredClone(right!);
    broken.windows[2]!.public.weightsIn = broken.windows[1]!.public.weightsIn;
    expect((await verify(left!, broken)).failure?.code).toBe('RUN_CONTINUITY');
    expect((await verify(left!, '{')).failure?.code).toMatch(/^FORMAT_/);
    expect((await verify(left!, [null as never])).failure?.code).toBe('SOURCE_INVALID');
    for (const nothing of [[], null, 7])
      await expect(verify(left!, nothing as never)).rejects.toMatchObject({ code: 'OPTION_INVALID' });
  });
});

it('pot verify --against', async () => {
  for (const [name, bundle] of Object.entries({ begun, left, right }))
    writeFileSync(at(`${name}.json`), JSON.stringify(bundle));
  const against = (...names: string[]) =>
    pot(
      'verify',
      at('left.json'),
      '--allow-development-srs',
      ...names.flatMap((name) => ['--against', at(name)]),
    );
  const fine = await against('begun.json');
  expect(fine.out).toContain("fork 0: the other bundle is this run's beginning");
  expect(fine.code).toBe(0);
  const forked = await against('begun.json', 'right.json');
  expect(forked.out).toContain('[RUN_FORKED]');
  expect(forked.out).not.toContain('\nVERIFIED');
  expect(forked.code).toBe(1);
  expect(await against('missing.json')).toMatchObject({ code: 2, err: expect.stringContaining('FILE_READ') });
});
