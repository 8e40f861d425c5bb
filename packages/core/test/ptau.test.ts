import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Halo2, loadProver } from '@proof-of-training/halo2-wasm';
import { developmentSrs, importPtau, readSrs } from '@proof-of-training/halo2-wasm/node';
import { verifyTrainingRun } from '@proof-of-training/verifier/node';
import { beforeAll, describe, expect, it } from 'vitest';
import { TrainingSession } from '../src/session/trainingSession.js';
import { toyOptions } from './helpers/toy.js';

interface Snarkjs {
  curves: { getCurveFromName(name: string): Promise<{ terminate(): Promise<void> }> };
  powersOfTau: {
    newAccumulator(curve: unknown, power: number, file: string): Promise<unknown>;
    contribute(from: string, to: string, name: string, entropy: string): Promise<unknown>;
    verify(file: string): Promise<boolean>;
  };
}

const dir = mkdtempSync(join(tmpdir(), 'pot-ptau-'));
const ptau = join(dir, 'final.ptau');
let halo2: Halo2;

beforeAll(async () => {
  halo2 = await loadProver();
  const { curves, powersOfTau } = createRequire(import.meta.url)('snarkjs') as Snarkjs;
  const curve = await curves.getCurveFromName('bn128');
  await powersOfTau.newAccumulator(curve, 10, join(dir, 'new.ptau'));
  await powersOfTau.contribute(join(dir, 'new.ptau'), ptau, 'test', 'entropy of the test');
  expect(await powersOfTau.verify(ptau)).toBe(true);
  await curve.terminate();
});

describe('a powers-of-tau file of snarkjs', () => {
  it('is imported, and a run proven with it verifies without any insecure string', async () => {
    const srs = await importPtau(halo2, ptau, 10, dir);
    expect(srs.development).toBe(false);
    expect((await readSrs(halo2, srs.path, srs.hash)).bytes).toEqual(srs.bytes);
    const warnings: string[] = [];
    const session = await TrainingSession.create(toyOptions({ srs, onWarning: (m) => warnings.push(m) }));
    await session.fit({ steps: 2 });
    const bundle = await session.finish();
    expect(warnings).toEqual([]);

    const pinned = { srs: srs.bytes, expectedSrsHash: srs.hash };
    expect(await verifyTrainingRun(bundle, pinned)).toMatchObject({ ok: true, developmentSrs: false });
    // What a session takes, a verifier takes; of it only the bytes are believed.
    const lying = { ...srs, hash: '00'.repeat(32), development: true, k: 3 };
    for (const given of [srs, lying]) {
      expect(await verifyTrainingRun(bundle, { srs: given })).toMatchObject({
        ok: true,
        developmentSrs: false,
      });
    }
    for (const wrong of ['file', 7, null, {}, { bytes: [1] }, [1, 2]]) {
      const options = { srs: wrong as unknown as Uint8Array };
      expect((await verifyTrainingRun(bundle, options)).failure?.code).toBe('OPTION_INVALID');
    }
    const code = async (options: object) => (await verifyTrainingRun(bundle, options)).failure?.code;
    expect(await code({})).toBe('SRS_NEEDED');
    expect(await code({ ...pinned, expectedSrsHash: '00'.repeat(32) })).toBe('SRS_PIN');
    const development = (await developmentSrs(halo2, 10)).bytes;
    expect(await code({ srs: development })).toBe('SRS_DEVELOPMENT_REFUSED');
    expect(await code({ srs: development, allowDevelopmentSrs: true })).toBe('SRS_MISMATCH');
  });

  it('is refused where a byte is different, where it is cut, and where it is too small', async () => {
    const bytes = readFileSync(ptau);
    const write = (name: string, content: Buffer) => {
      const path = join(dir, name);
      writeFileSync(path, content);
      return path;
    };
    const flipped = Buffer.from(bytes);
    // The middle of the first section of points.
    flipped[2000]! ^= 1;
    await expect(importPtau(halo2, write('flipped.ptau', flipped), 10, dir)).rejects.toMatchObject({
      code: expect.stringMatching(/^(SRS|PTAU)_/),
    });
    await expect(
      importPtau(halo2, write('cut.ptau', bytes.subarray(0, 5000)), 10, dir),
    ).rejects.toMatchObject({
      code: expect.stringMatching(/^(SRS|PTAU)_/),
    });
    await expect(importPtau(halo2, ptau, 12, dir)).rejects.toMatchObject({
      code: expect.stringMatching(/^(SRS|PTAU)_/),
    });
    await expect(importPtau(halo2, join(dir, 'none.ptau'), 10, dir)).rejects.toMatchObject({
      code: 'SRS_FILE',
    });
  });

  it('is used again only with its pinned hash', async () => {
    const { path } = await importPtau(halo2, ptau, 10, dir);
    const code = 'SRS_HASH';
    await expect(readSrs(halo2, path, '00'.repeat(32))).rejects.toMatchObject({ code });
    const damaged = readFileSync(path);
    damaged[damaged.length >> 1]! ^= 1;
    writeFileSync(path, damaged);
    await expect(readSrs(halo2, path, 'any')).rejects.toThrow();
  });
});
