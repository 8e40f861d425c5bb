import { readFile, stat } from 'node:fs/promises';
import { PotError } from '@proof-of-training/errors';

/** Two keys have a few thousand characters. */
const MAX_BYTES = 1 << 16;

/** The two lines of a file of signers or vkeys. Errors: `FILE_READ`, `LEDGER_KEY_INVALID`; neither quotes the file. */
export async function readKeys(path: string): Promise<string[]> {
  let content: string;
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new Error('too large');
    content = await readFile(path, 'utf8');
  } catch (cause) {
    throw new PotError('FILE_READ', `${path} cannot be read, or is too large for a file of keys`, { cause });
  }
  const keys = content.split('\n').filter((line) => line.trim() !== '');
  if (keys.length === 2) return keys.map((key) => key.trim());
  throw new PotError('LEDGER_KEY_INVALID', `${path} has not two lines, one for each key`, {
    hint: 'Give the file that pot audit init wrote: signers to record, vkeys to verify.',
  });
}
