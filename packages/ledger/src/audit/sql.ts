import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PotError } from '@proof-of-training/errors';
import type { ShownEvent } from '../answer/evidence.js';

/** What a statement gives. */
export interface SqlRows {
  columns: string[];
  rows: (string | number | null)[][];
}

/** A statement that never ends is ended. */
const MAX_MS = 30_000;
const FILE = fileURLToPath(new URL('../../dist/audit/sqlWorker.js', import.meta.url));

/**
 * Runs one statement that reads over the views of some events, in a thread of its own, over a database in memory that nothing else uses, for
 * thirty seconds at most. Errors: `LEDGER_SQL`.
 */
export async function runSql(sql: string, events: readonly ShownEvent[], maxMs = MAX_MS): Promise<SqlRows> {
  requireReading(sql);
  const worker = new Worker(FILE, {
    workerData: { sql, events },
    execArgv: [],
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 2048 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<SqlRows>((resolve, reject) => {
      timer = setTimeout(() => reject(refused(`it takes more than ${maxMs / 1000} seconds`)), maxMs);
      worker.once('message', (said: { ok: SqlRows } | { error: string }) => {
        if ('ok' in said) resolve(said.ok);
        else reject(refused(said.error));
      });
      worker.once('error', (cause) => reject(refused('it needs more memory than there is for it', cause)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** Comments, texts, names in quotes, and everything else. */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|;|[^\s;'"`[\]]+/g;

/** Errors: `LEDGER_SQL` unless it is one statement that begins as one that reads. */
export function requireReading(sql: string): void {
  const tokens = (sql.match(TOKENS) ?? []).filter((token) => !/^(?:--|\/\*)/.test(token));
  while (tokens.at(-1) === ';') tokens.pop();
  if (tokens.includes(';')) throw refused('it has more than one statement');
  const [first = ''] = tokens;
  if (!/^(?:select|with|values)\b/i.test(first))
    throw refused('it does not begin with SELECT, WITH or VALUES');
}

function refused(why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_SQL', `the statement is refused: ${why}`, {
    hint: 'Give one SELECT over the views that docs/operate/audit.md lists.',
    ...(cause !== undefined && { cause }),
  });
}
