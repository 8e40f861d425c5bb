import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const made: string[] = [];
afterAll(() => {
  for (const dir of made) rmSync(dir, { recursive: true, force: true });
});

/** An empty folder that is gone after the file's tests. */
export function emptyFolder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'pot-ledger-'));
  made.push(dir);
  return dir;
}

/** A copy of a log's folder, without its lock. */
export function copyOf(dir: string): string {
  const copy = join(emptyFolder(), 'log');
  cpSync(dir, copy, { recursive: true, filter: (path) => !path.endsWith('/lock') });
  return copy;
}

/** Files below a folder, by their paths from it. */
export function filesIn(dir: string): Map<string, Buffer> {
  const all = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = all.map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  return new Map(paths.sort().map((path) => [path.slice(dir.length + 1), readFileSync(path)]));
}
