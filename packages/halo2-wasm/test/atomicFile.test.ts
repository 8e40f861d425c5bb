import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFileAtomic, makeFolder, writeFileAtomic } from '../src/node.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pot-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

it('replaces the whole content and leaves no temporary file', async () => {
  const path = join(dir, 'file');
  await writeFileAtomic(path, 'a long first content');
  await writeFileAtomic(path, 'second');
  expect(readFileSync(path, 'utf8')).toBe('second');
  expect(readdirSync(dir)).toEqual(['file']);
});

it('gives secrets the mode 0600', async () => {
  await writeFileAtomic(join(dir, 'secret'), new Uint8Array(3), 0o600);
  expect(statSync(join(dir, 'secret')).mode & 0o777).toBe(0o600);
});

it('leaves nothing behind when it fails', async () => {
  await expect(writeFileAtomic(join(dir, 'missing', 'file'), 'x')).rejects.toThrow('ENOENT');
  expect(readdirSync(dir)).toEqual([]);
});

it('of many that create a file at once, one does, and no content is mixed or lost', async () => {
  const path = join(dir, 'file');
  const texts = Array.from({ length: 16 }, (_, n) => `content ${n}`);
  const results = await Promise.allSettled(texts.map((text) => createFileAtomic(path, text)));
  const made = results.flatMap((r, n) => (r.status === 'fulfilled' ? [texts[n]] : []));
  expect(made).toEqual([readFileSync(path, 'utf8')]);
  for (const r of results) if (r.status === 'rejected') expect(r.reason.code).toBe('EEXIST');
  expect(readdirSync(dir)).toEqual(['file']);
});

it('gives no name to what is called off when it is on disk', async () => {
  for (const write of [writeFileAtomic, createFileAtomic]) {
    const stop = () => {
      throw new Error('called off');
    };
    await expect(write(join(dir, 'file'), 'x', undefined, stop)).rejects.toThrow('called off');
    expect(readdirSync(dir)).toEqual([]);
  }
});

it('makes a folder with its parents, again where it is there, with the mode asked for', () => {
  const path = join(dir, 'a', 'b', 'c');
  for (let n = 0; n < 2; n++) makeFolder(path, 0o700);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});

it('says at once where no folder can be made', () => {
  writeFileSync(join(dir, 'file'), '');
  symlinkSync(join(dir, 'nowhere'), join(dir, 'dangling'));
  for (const [path, code] of [
    [join(dir, 'file'), 'EEXIST'],
    [join(dir, 'file', 'folder'), 'ENOTDIR'],
    [join(dir, 'dangling'), 'EEXIST'],
  ] as const) {
    expect(() => makeFolder(path), path).toThrow(expect.objectContaining({ code }));
  }
});

it.runIf(process.platform === 'linux')('ends where the parent says that it is not there', () => {
  for (const path of ['/proc/x', '/proc/x/y'])
    expect(() => makeFolder(path), path).toThrow(expect.objectContaining({ code: 'ENOENT' }));
});
