/** Files of another version are refused with the reason and what to do, before anything else of them is looked at. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPotError } from '@proof-of-training/halo2-wasm';
import { readOpening } from '@proof-of-training/verifier';
import {
  AGGREGATE_FORMAT,
  BUNDLE_FORMAT,
  FORMAT_VERSION,
  OPENING_FORMAT,
  PROOF_FORMAT,
  parseAggregate,
  parseBundle,
  parseTrainingProof,
} from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Journal } from '../src/session/journal.js';
import { SESSION_FORMAT } from '../src/session/records.js';
import { bundleFixture } from './fixtures/bundle.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pot-version-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** As version 1 had it: neither start nor beacon. */
function versionOne(): object {
  const { run, ...rest } = bundleFixture();
  const { start, ...old } = run;
  return { ...rest, version: 1, run: old };
}

async function readSession(file: object): Promise<unknown> {
  writeFileSync(join(dir, 'run.json'), JSON.stringify(file));
  const journal = await Journal.open(dir);
  try {
    return await journal.readSession();
  } finally {
    await journal.release();
  }
}

const readers: [string, string, (file: object) => unknown][] = [
  ['a bundle', BUNDLE_FORMAT, (f) => parseBundle(JSON.stringify(f))],
  ['a single proof', PROOF_FORMAT, (f) => parseTrainingProof(JSON.stringify(f))],
  ['an aggregate', AGGREGATE_FORMAT, (f) => parseAggregate(JSON.stringify(f))],
  ['an opening', OPENING_FORMAT, readOpening],
  ['a run folder', SESSION_FORMAT, readSession],
];

async function errorOf(read: () => unknown) {
  try {
    await read();
  } catch (e) {
    if (isPotError(e)) return e;
    throw e;
  }
  throw new Error('nothing was refused');
}

describe.each(readers)('%s', (_, format, read) => {
  it('of version 1 is refused: with what made it, and what to do', async () => {
    const error = await errorOf(() => read({ ...versionOne(), format }));
    expect(error.code).toBe('FORMAT_VERSION');
    expect(error.shortMessage).toBe(`format version 1 is not supported, only ${FORMAT_VERSION}`);
    expect(error.hint).toContain('0.1');
  });

  it.each([3, 0, 2.5, '2', null, undefined, [2], { toString: 'x' }])(
    'of version %o is refused',
    async (version) => {
      const error = await errorOf(() => read({ ...bundleFixture(), format, version }));
      expect(error.code).toBe('FORMAT_VERSION');
      expect(error.hint ?? '0.1').not.toContain('0.1');
    },
  );
});

it('a run folder without a run file is damaged, and of no version', async () => {
  expect((await errorOf(() => readSession({ ...versionOne(), format: BUNDLE_FORMAT }))).code).toBe(
    'STATE_DAMAGED',
  );
});

it('a bundle of version 1 fails verification as a report, not as a crash', async () => {
  const { ok, failure, checks } = await verifyTrainingRun(versionOne(), { allowDevelopmentSrs: true });
  expect(ok).toBe(false);
  expect(failure?.code).toBe('FORMAT_VERSION');
  expect(checks).toHaveLength(1);
});
