import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderReport } from '@proof-of-training/verifier';
import type { RunBundle } from '@proof-of-training/verifier/files';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { decodeCheckpoint } from '../src/session/checkpoint.js';
import { TrainingSession } from '../src/session/trainingSession.js';
import { toyData, toyModel, toyOptions } from './helpers/toy.js';

/** Two runs from the same weights over the same data, with everything that they printed. */
const runs: { bundle: RunBundle; dir: string; secrets: Buffer[] }[] = [];
const printed: string[] = [];

beforeAll(async () => {
  const spies = (['log', 'warn', 'error', 'info', 'debug'] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation((...args) => void printed.push(args.join(' '))),
  );
  for (let n = 0; n < 2; n++) {
    const dir = mkdtempSync(join(tmpdir(), 'pot-secret-'));
    const session = await TrainingSession.create({
      ...toyOptions(),
      model: toyModel(),
      data: toyData(),
      dir,
    });
    const salts = readFileSync(join(dir, 'private/salts-1.bin'));
    const { salt } = decodeCheckpoint(
      new Uint8Array(readFileSync(join(dir, 'private/checkpoint-000000-1.bin'))),
      53,
      'c',
    );
    await session.fit({ steps: 2 });
    const opening = await session.opening();
    const bundle = await session.finish();
    const last = Buffer.from(opening.salt, 'base64url');
    runs.push({
      bundle,
      dir,
      secrets: [Buffer.from(salt), last, ...[0, 1, 2].map((i) => salts.subarray(32 * i, 32 * i + 32))],
    });
  }
  for (const spy of spies) spy.mockRestore();
});

describe('what is published', () => {
  it('holds no salt, in any spelling', async () => {
    for (const { bundle, dir, secrets } of runs) {
      const verification = await verifyTrainingRun(bundle, { allowDevelopmentSrs: true });
      const proofs = [bundle.genesis, ...bundle.windows].map((e) => Buffer.from(e.proof, 'base64url'));
      const open = readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((f) => f.isFile() && !f.parentPath.endsWith('private'))
        .map((f) => readFileSync(join(f.parentPath, f.name)));
      const texts = [JSON.stringify(bundle), renderReport({ bundle, verification }), printed.join('\n')];
      const everything = Buffer.concat([...proofs, ...open, ...texts.map((t) => Buffer.from(t))]);
      for (const secret of secrets) {
        const reversed = Buffer.from(secret).reverse();
        for (const spelling of [
          secret,
          reversed,
          Buffer.from(secret.toString('hex')),
          Buffer.from(secret.toString('base64url')),
        ]) {
          expect(everything.includes(spelling)).toBe(false);
        }
      }
    }
  });

  it('hides equal weights and equal data: every commitment and proof differs between two runs', () => {
    const [a, b] = runs.map((r) => r.bundle);
    expect(a!.run.genesis).not.toBe(b!.run.genesis);
    a!.run.shards.forEach((digest) => {
      expect(b!.run.shards).not.toContain(digest);
    });
    expect(a!.genesis.proof.slice(0, 40)).not.toBe(b!.genesis.proof.slice(0, 40));
    expect(a!.windows[0]!.proof.slice(0, 40)).not.toBe(b!.windows[0]!.proof.slice(0, 40));
  });
});
