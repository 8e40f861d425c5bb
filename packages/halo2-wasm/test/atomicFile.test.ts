import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from '../src/node.js';

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
