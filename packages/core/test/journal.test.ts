import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
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
const record = (window: number) => ({
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
    const journal = Journal.create(dir);
    await journal.writeCheckpoint(0, checkpoint);
    await journal.writeSalts(new Uint8Array(64));
    await journal.writeData('x', Int32Array.of(1, -1));
    expect(statSync(join(dir, 'private')).mode & 0o777).toBe(0o700);
    for (const name of ['checkpoint-000000.bin', 'salts.bin', 'x.bin']) {
      expect(statSync(join(dir, 'private', name)).mode & 0o777).toBe(0o600);
    }
    expect(await journal.readCheckpoint(0, 3)).toEqual(checkpoint);
    expect([...(await journal.readData('x', 2))]).toEqual([1, -1]);
    journal.release();
  });

  it('is taken by one process at a time, and from a dead one', () => {
    writeFileSync(join(dir, 'run.json'), '{}');
    const journal = Journal.open(dir);
    expect(() => Journal.open(dir)).toThrow(expect.objectContaining({ code: 'SESSION_LOCKED' }));
    journal.release();
    expect(existsSync(join(dir, 'lock'))).toBe(false);
    const dead = spawnSync(process.execPath, ['-e', 'console.log(process.pid)']).stdout.toString();
    writeFileSync(join(dir, 'lock'), dead);
    Journal.open(dir).release();
  });

  it('holds one run', () => {
    expect(() => Journal.open(dir)).toThrow(expect.objectContaining({ code: 'SESSION_MISSING' }));
    writeFileSync(join(dir, 'run.json'), '{}');
    expect(() => Journal.create(dir)).toThrow(expect.objectContaining({ code: 'SESSION_EXISTS' }));
  });

  it('reads windows in order and refuses a gap or damage', async () => {
    const journal = Journal.create(dir);
    await journal.writeWindow(record(1));
    await expect(journal.readWindows()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    await journal.writeWindow(record(0));
    expect((await journal.readWindows()).map((r) => r.window)).toEqual([0, 1]);
    const path = join(dir, 'windows/000001.json');
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -10));
    await expect(journal.readWindows()).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    journal.release();
  });
});
