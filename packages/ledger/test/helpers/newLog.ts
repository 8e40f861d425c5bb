import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EventLog, generateLogKeys } from '../../src/node.js';
import { emptyFolder, filesIn } from './folder.js';

/** A log of its own, with its keys, in a folder that is gone after the tests. */
export async function newLog() {
  const keys = generateLogKeys('example.com/log');
  const dir = join(emptyFolder(), 'log');
  const log = await EventLog.create({ dir, signers: keys.signers, publishEveryMs: 3_600_000 });
  return { log, dir, ...keys };
}

/** Where one of these byte strings lies outside the journal, which alone may have it: tiles, notes, index, lock. */
export function leaks(dir: string, secrets: readonly (string | Uint8Array)[]): string[] {
  const files = [...filesIn(dir)].filter(([path]) => !path.startsWith(join('private', 'journal')));
  if (files.length < 4 || readdirSync(join(dir, 'public')).length === 0) throw new Error('that is no log');
  return files.flatMap(([path, bytes]) =>
    secrets
      .filter((secret) => bytes.includes(Buffer.from(secret as string)))
      .map((_, i) => `${path}: secret ${i}`),
  );
}

/** The journal, as bytes. */
export function journalOf(dir: string): Buffer {
  return readFileSync(join(dir, 'private/journal/0000000000000000.log'));
}
