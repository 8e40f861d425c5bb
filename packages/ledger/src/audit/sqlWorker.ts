import { parentPort, workerData } from 'node:worker_threads';
import type { ShownEvent } from '../answer/evidence.js';
import { openMemory, type SqlValue } from '../log/database.js';
import { makeViews } from './views.js';

const MAX_ROWS = 100_000;

const { sql, events } = workerData as { sql: string; events: ShownEvent[] };
const db = openMemory();
try {
  makeViews(db, events);
  const found = db.first(sql, MAX_ROWS + 1);
  if (found.length > MAX_ROWS) throw new Error(`it gives more than ${MAX_ROWS} rows`);
  const columns = Object.keys(found[0] ?? {});
  const rows = found.map((row) => columns.map((column) => plain(row[column])));
  parentPort?.postMessage({ ok: { columns, rows } });
} catch (e) {
  parentPort?.postMessage({ error: e instanceof Error ? e.message : 'SQLite refuses it' });
}

function plain(value: SqlValue | undefined): string | number | null {
  if (value instanceof Uint8Array) return `x'${Buffer.from(value).toString('hex')}'`;
  if (typeof value === 'bigint') return String(value);
  return value ?? null;
}
