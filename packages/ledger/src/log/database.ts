import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import sqlite from 'node-sqlite3-wasm';

/** A value of SQL. */
export type SqlValue = null | number | string | Uint8Array;

/** What is asked of an embedded SQL database. */
export interface Database {
  exec(sql: string): void;
  run(sql: string, values?: readonly SqlValue[]): void;
  all(sql: string, values?: readonly SqlValue[]): Record<string, SqlValue>[];
  /** Runs one statement for each row. */
  many(sql: string, rows: Iterable<readonly SqlValue[]>): void;
  close(): void;
}

/** SQLite: better-sqlite3 where it is installed, WebAssembly otherwise. */
export type DatabaseKind = 'better-sqlite3' | 'node-sqlite3-wasm';

/** Opens a database in a file that no other process uses. */
export function openDatabase(path: string, kind: DatabaseKind = installedKind()): Database {
  return kind === 'better-sqlite3' ? openNative(path) : openWasm(path);
}

const require = createRequire(import.meta.url);

function installedKind(): DatabaseKind {
  try {
    require.resolve('better-sqlite3');
    return 'better-sqlite3';
  } catch {
    return 'node-sqlite3-wasm';
  }
}

function openWasm(path: string): Database {
  // It locks by a folder, which a killed process leaves behind; who comes here has the log's own lock.
  rmSync(`${path}.lock`, { recursive: true, force: true });
  return interfaceOf(new sqlite.Database(path));
}

function interfaceOf(db: InstanceType<typeof sqlite.Database>): Database {
  return {
    exec: (sql) => db.exec(sql),
    run: (sql, values = []) => void db.run(sql, [...values]),
    all: (sql, values = []) => db.all(sql, [...values]) as Record<string, SqlValue>[],
    many(sql, rows) {
      const statement = db.prepare(sql);
      try {
        for (const row of rows) statement.run([...row]);
      } finally {
        statement.finalize();
      }
    },
    close: () => db.close(),
  };
}

/** A database in memory, always WebAssembly's: the same SQLite, and the same answers, everywhere. */
export function openMemory(): Database & { first(sql: string, most: number): Record<string, SqlValue>[] } {
  const db = new sqlite.Database();
  return {
    ...interfaceOf(db),
    first(sql, most) {
      const statement = db.prepare(sql);
      try {
        const rows: Record<string, SqlValue>[] = [];
        for (const row of statement.iterate()) {
          rows.push(row as Record<string, SqlValue>);
          if (rows.length >= most) break;
        }
        return rows;
      } finally {
        statement.finalize();
      }
    },
  };
}

/** What is used of better-sqlite3, which brings no types of its own. */
interface Native {
  exec(sql: string): void;
  prepare(sql: string): {
    run(...values: SqlValue[]): unknown;
    all(...values: SqlValue[]): Record<string, SqlValue>[];
  };
  close(): void;
}

function openNative(path: string): Database {
  const Constructor = require('better-sqlite3') as new (file: string) => Native;
  const db = new Constructor(path);
  return {
    exec: (sql) => db.exec(sql),
    run: (sql, values = []) => void db.prepare(sql).run(...values),
    all: (sql, values = []) => db.prepare(sql).all(...values),
    many(sql, rows) {
      const statement = db.prepare(sql);
      for (const row of rows) statement.run(...row);
    },
    close: () => db.close(),
  };
}
