/** Counts of proofs that open one commitment. */
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileUses, memoryUses } from '../src/node.js';

const dir = mkdtempSync(join(tmpdir(), 'pot-uses-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('counts in memory from the proofs of the run, to the last', async () => {
  const uses = memoryUses();
  expect([await uses.take(4), await uses.take(4)]).toEqual([2, 3]);
  await expect(uses.take(4)).rejects.toMatchObject({ code: 'SALT_EXHAUSTED' });
  expect(await memoryUses(0).take(1)).toBe(0);
});

it('counts on disk, over counters, and of many at once each gets a number of its own', async () => {
  const folder = join(dir, 'one');
  expect(await fileUses(folder).take(21)).toBe(2);
  const counts = await Promise.all(Array.from({ length: 10 }, () => fileUses(folder).take(21)));
  expect(counts.sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const rest = await Promise.allSettled(Array.from({ length: 12 }, () => fileUses(folder).take(21)));
  expect(rest.filter((r) => r.status === 'fulfilled')).toHaveLength(8);
  await expect(fileUses(folder).take(21)).rejects.toMatchObject({ code: 'SALT_EXHAUSTED' });
  expect(readdirSync(folder)).toHaveLength(19);
});

it('says what is wrong where it cannot count', async () => {
  const file = join(dir, 'file');
  writeFileSync(file, '');
  await expect(fileUses(file).take(21)).rejects.toMatchObject({ code: 'FILE_WRITE' });
});

it('never gives a number again where files of others lie beside, or one is missing', async () => {
  const folder = join(dir, 'two');
  for (let i = 0; i < 3; i++) await fileUses(folder).take(21);
  writeFileSync(join(folder, '.abc.tmp'), '');
  writeFileSync(join(folder, 'notes.txt'), '');
  expect(await fileUses(folder).take(21)).toBe(5);
  // Someone took the first one away: as many proofs as before.
  rmSync(join(folder, '3.use'));
  const copy = join(dir, 'three');
  cpSync(folder, copy, { recursive: true });
  expect(await fileUses(copy).take(21)).toBe(6);
});
