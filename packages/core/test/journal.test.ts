import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeCheckpoint, encodeCheckpoint } from '../src/session/checkpoint.js';
import { Journal } from '../src/session/journal.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pot-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const checkpoint = { weights: BigInt64Array.of(1n, -2n, 2n ** 50n), salt: new Uint8Array(32).fill(7) };
const closed = (window: number) => ({
  window,
  firstStep: 8 * window,
  epoch: 0,
  shard: 0,
  loss: 1,
  accuracy: 0.5,
});

describe('checkpoints', () => {
  it('come back as they were', () => {
    expect(decodeCheckpoint(encodeCheckpoint(checkpoint), 3, 'c')).toEqual(checkpoint);
  });

  it('are refused where a bit, or the end, is different', () => {
    const bytes = encodeCheckpoint(checkpoint);
    const flipped = bytes.slice();
    flipped[40]! ^= 1;
    for (const bad of [flipped, bytes.subarray(0, 80), new Uint8Array(0)]) {
      expect(() => decodeCheckpoint(bad, 3, 'c')).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
    }
    expect(() => decodeCheckpoint(bytes, 4, 'c')).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
  });
});

describe('the run folder', () => {
  it('keeps secrets in a private folder with private files', async () => {
    const journal = await Journal.create(dir);
    await journal.writeCheckpoint(0, checkpoint);
    await journal.writeSalts(new Uint8Array(64));
    await journal.writeData('x', Int32Array.of(1, -1));
    await journal.writeWindow(closed(0));
    expect(statSync(join(dir, 'private')).mode & 0o777).toBe(0o700);
    const names = ['checkpoint-000000-1.bin', 'salts-1.bin', 'uses-1.json', 'x-1.bin'];
    expect(readdirSync(join(dir, 'private')).sort()).toEqual(names);
    for (const name of names) expect(statSync(join(dir, 'private', name)).mode & 0o777).toBe(0o600);
    expect(await journal.readCheckpoint(0, 3)).toEqual(checkpoint);
    expect([...(await journal.readData('x', 2))]).toEqual([1, -1]);
    await journal.release();
  });

  it('is taken by one at a time', async () => {
    writeFileSync(join(dir, 'run.json'), '{}');
    const journal = await Journal.open(dir);
    await expect(Journal.open(dir)).rejects.toMatchObject({ code: 'SESSION_LOCKED' });
    await journal.release();
    await (await Journal.open(dir)).release();
  });

  it('holds one run', async () => {
    await expect(Journal.open(dir)).rejects.toMatchObject({ code: 'SESSION_MISSING' });
    writeFileSync(join(dir, 'run.json'), '{}');
    await expect(Journal.create(dir)).rejects.toMatchObject({ code: 'SESSION_EXISTS' });
  });

  it('reads windows in order and refuses a gap or damage', async () => {
    const journal = await Journal.create(dir);
    await expect(journal.writeWindow(closed(1))).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    for (const n of [0, 1, 2]) await journal.writeWindow(closed(n));
    expect((await journal.readWindows()).map((r) => r.window)).toEqual([0, 1, 2]);
    const path = join(dir, 'windows/000001-1.json');
    const text = readFileSync(path, 'utf8');
    for (const bad of [text.slice(0, -10), '', text.replace('"window":1', '"window":3')]) {
      writeFileSync(path, bad);
      await expect(journal.readWindows()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    }
    rmSync(path);
    await expect(journal.readWindows()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    await journal.release();
  });
});
