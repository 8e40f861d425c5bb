import { basename } from 'node:path';
import { bad, digestOnDisk } from '../artefact.js';
import type { Appended, EventLog } from '../log/eventLog.js';

/** What `recordFile` takes. */
export interface FileOptions {
  /** File or folder. */
  path: string;
  /** Default: its own name. */
  name?: string;
  /** Address that it came from: user, password, query and fragment are left out. */
  origin?: string;
}

/**
 * Records that a file or folder is there with this content. Errors: `LEDGER_ARTEFACT`, those of `EventLog.append`.
 *
 * @example
 * const { digest } = await recordFile(log, { path: 'digits.csv', origin: 'https://example.com/digits.csv' });
 */
export async function recordFile(
  log: EventLog,
  { path, name, origin }: FileOptions,
): Promise<Appended & { digest: string }> {
  const from = origin === undefined ? {} : { origin: cleanAddress(origin) };
  const found = await digestOnDisk(path);
  const fields = { ...found, name: name ?? basename(path), ...from };
  return { ...(await log.append({ type: 'file', fields })), digest: found.digest };
}

function cleanAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw bad('the origin', 'is no address');
  [url.username, url.password, url.search, url.hash] = ['', '', '', ''];
  return url.href;
}
