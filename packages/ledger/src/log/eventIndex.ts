import { rmSync } from 'node:fs';
import { PotError } from '@proof-of-training/errors';
import { type Database, type DatabaseKind, openDatabase, type SqlValue } from './database.js';

/** What the index knows of an event. */
export interface IndexRow {
  index: number;
  id: string;
  type: string;
  /** Milliseconds since 1970. */
  time: number;
  /** Where its record begins in the journal's file. */
  offset: number;
}

/** What is looked for; all of it must hold. */
export interface EventQuery {
  type?: string;
  /** Not before. */
  from?: string | Date;
  /** Before. */
  to?: string | Date;
  id?: string;
  /** Most events that are given; default 1,000. */
  limit?: number;
  /** Events from this index on; for the next ones after `limit`. */
  after?: number;
}

const VERSION = 1;
/** The log has the folder for itself: pages stay in memory, locks are taken once. */
const SETTINGS = 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768';
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS types (number INTEGER PRIMARY KEY, name TEXT UNIQUE);
  CREATE TABLE IF NOT EXISTS events (n INTEGER PRIMARY KEY, id, type INTEGER, time INTEGER, place INTEGER);
  CREATE UNIQUE INDEX IF NOT EXISTS ids ON events (id);
  CREATE INDEX IF NOT EXISTS kinds ON events (type)`;
const ROWS =
  'SELECT n, id, types.name AS type, time, place FROM events JOIN types ON types.number = events.type';
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Finds events by id, type and time. It holds nothing that the journal does not have: it can be thrown away. */
export class EventIndex {
  private readonly types = new Map<string, number>();

  private constructor(private readonly db: Database) {
    for (const { number, name } of db.all('SELECT number, name FROM types'))
      this.types.set(name as string, number as number);
  }

  /** Opens the index, or begins an empty one where it is not there, damaged or of another version. */
  static open(path: string, kind?: DatabaseKind): EventIndex {
    try {
      return EventIndex.at(path, kind);
    } catch {
      EventIndex.remove(path);
      return EventIndex.at(path, kind);
    }
  }

  private static at(path: string, kind?: DatabaseKind): EventIndex {
    const db = openDatabase(path, kind);
    try {
      db.exec(SETTINGS);
      db.exec(SCHEMA);
      const index = new EventIndex(db);
      if ((index.meta('version') ?? String(VERSION)) !== String(VERSION)) throw new Error('another version');
      return index;
    } catch (e) {
      db.close();
      throw e;
    }
  }

  /** Takes the files of an index away. */
  static remove(path: string): void {
    for (const end of ['', '-journal', '-wal', '-shm', '.lock'])
      rmSync(path + end, { recursive: true, force: true });
  }

  /** Entries of the log that it is about. */
  get size(): number {
    return Number(this.meta('size') ?? 0);
  }

  /** The last checkpoint that it has seen. */
  get note(): string | undefined {
    return this.meta('note');
  }

  /** Adds events, in order, and what the log's size and checkpoint are with them: all of it or nothing. */
  add(rows: readonly IndexRow[], size: number, note?: string): void {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      const values = rows.map(({ index, id, type, time, offset }) => [
        index,
        idKey(id),
        this.numberOf(type),
        time,
        offset,
      ]);
      this.db.many('INSERT INTO events (n, id, type, time, place) VALUES (?, ?, ?, ?, ?)', values);
      const meta = [
        ['version', String(VERSION)],
        ['size', String(size)],
        ...(note === undefined ? [] : [['note', note]]),
      ];
      this.db.many('INSERT OR REPLACE INTO meta (name, value) VALUES (?, ?)', meta);
      this.db.exec('COMMIT');
    } catch (e) {
      this.db.exec('ROLLBACK');
      this.types.clear();
      throw new PotError(
        'LEDGER_DATABASE',
        'the index of events cannot be written, or does not fit the log',
        {
          cause: e,
          hint: 'Where there is space on the disk: rebuildIndex() makes it anew from the private store.',
        },
      );
    }
  }

  /** Whether an event has this id. */
  has(id: string): boolean {
    return this.db.all('SELECT 1 AS one FROM events WHERE id = ?', [idKey(id)]).length > 0;
  }

  /** The events of a range of indices. */
  rows(from: number, to: number): IndexRow[] {
    return this.db.all(`${ROWS} WHERE n >= ? AND n < ? ORDER BY n`, [from, to]).map(rowOf);
  }

  /** Events that a query asks for, in the order of the log. */
  find({ type, from, to, id, limit = 1000, after = 0 }: EventQuery): IndexRow[] {
    if (id !== undefined) {
      const rows = this.db.all(`${ROWS} WHERE id = ?`, [idKey(id)]).map(rowOf);
      const inTime = ({ time }: IndexRow) => time >= ms(from, 0) && time < ms(to, Number.POSITIVE_INFINITY);
      return rows.filter((row) => inTime(row) && (type ?? row.type) === row.type && row.index >= after);
    }
    // Times never run backwards: a span of time is a range of indices.
    const first = Math.max(after, from === undefined ? 0 : this.firstAt(ms(from, 0)));
    const end = to === undefined ? this.size : this.firstAt(ms(to, 0));
    const values: SqlValue[] = [first, end];
    if (type !== undefined) values.push(this.types.get(type) ?? -1);
    const kind = type === undefined ? '' : 'AND events.type = ? ';
    return this.db
      .all(`${ROWS} WHERE n >= ? AND n < ? ${kind}ORDER BY n LIMIT ?`, [...values, limit])
      .map(rowOf);
  }

  /** Time of the last event; 0 where there is none. */
  get lastTime(): number {
    return Number(this.db.all('SELECT time FROM events ORDER BY n DESC LIMIT 1')[0]?.time ?? 0);
  }

  /** How many events it has. */
  get events(): number {
    return Number(this.db.all('SELECT count(*) AS count FROM events')[0]?.count);
  }

  close(): void {
    this.db.close();
  }

  /** The first index whose event is not before a time, by halves. */
  private firstAt(time: number): number {
    let [low, high] = [0, this.size];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [row] = this.db.all('SELECT n, time FROM events WHERE n >= ? ORDER BY n LIMIT 1', [middle]);
      if (row && Number(row.time) < time) low = Number(row.n) + 1;
      else high = middle;
    }
    return low;
  }

  private meta(name: string): string | undefined {
    return this.db.all('SELECT value FROM meta WHERE name = ?', [name])[0]?.value as string | undefined;
  }

  private numberOf(type: string): number {
    const known = this.types.get(type);
    if (known !== undefined) return known;
    this.db.run('INSERT OR IGNORE INTO types (name) VALUES (?)', [type]);
    const number = Number(this.db.all('SELECT number FROM types WHERE name = ?', [type])[0]!.number);
    this.types.set(type, number);
    return number;
  }
}

/** An id as it is kept: a UUID in 16 bytes. */
function idKey(id: string): SqlValue {
  return UUID.test(id) ? new Uint8Array(Buffer.from(id.replaceAll('-', ''), 'hex')) : id;
}

function rowOf({ n, id, type, time, place }: Record<string, SqlValue>): IndexRow {
  const hex = typeof id === 'string' ? '' : Buffer.from(id as Uint8Array).toString('hex');
  const text =
    typeof id === 'string' ? id : hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { index: Number(n), id: text, type: type as string, time: Number(time), offset: Number(place) };
}

function ms(time: string | Date | undefined, otherwise: number): number {
  return time === undefined ? otherwise : new Date(time).getTime();
}
