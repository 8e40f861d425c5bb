/** A log's folder that somebody changed: it is refused by name when it is opened, or when it is looked at. */
import { cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../src/log/database.js';
import { EventLog, generateLogKeys } from '../src/node.js';
import { copyOf, emptyFolder } from './helpers/folder.js';

const code = (c: string) => expect.objectContaining({ code: c });
const { signers } = generateLogKeys('example.com/log');
const JOURNAL = 'private/journal/0000000000000000.log';
const INDEX = 'private/index.sqlite';
const event = (n: number) => ({ type: n % 2 ? 'odd' : 'even', fields: { n } });

/** A log of 300 events, as it was with 260, and another one that continues that. */
let now: string;
let older: string;
let fork: string;
let notes: { now: string; older: string; fork: string };
beforeAll(async () => {
  const dir = join(emptyFolder(), 'log');
  const log = await EventLog.create({ dir, signers, publishEveryMs: 3_600_000 });
  const add = (to: EventLog, from: number, end: number) =>
    Promise.all(Array.from({ length: end - from }, (_, i) => to.append(event(from + i))));
  await add(log, 0, 260);
  const olderNote = await log.checkpoint();
  older = copyOf(dir);
  await add(log, 260, 300);
  const note = await log.checkpoint();
  await log.close();
  now = copyOf(dir);
  fork = copyOf(older);
  const other = await EventLog.open({ dir: fork, signers });
  await add(other, 1000, 1040);
  const forkNote = await other.checkpoint();
  await other.close();
  notes = { now: note, older: olderNote, fork: forkNote };
});

const opened = async (dir: string, more: object = {}) => {
  const log = await EventLog.open({ dir, signers, ...more });
  await log.close();
};
function flip(dir: string, path: string, at: number): void {
  const bytes = readFileSync(join(dir, path));
  bytes[at < 0 ? bytes.length + at : at]! ^= 1;
  writeFileSync(join(dir, path), bytes);
}

describe('opening', () => {
  it.each<[string, (dir: string) => void, string]>([
    ['an entry', (dir) => flip(dir, 'public/tile/entries/000', 705), 'LEDGER_ALTERED'],
    ['a leaf', (dir) => flip(dir, 'public/tile/0/000', 700), 'LEDGER_ALTERED'],
    ['a hash above', (dir) => flip(dir, 'public/tile/1/000.p/1', 7), 'LEDGER_ALTERED'],
    ['a bundle that is gone', (dir) => rmSync(join(dir, 'public/tile/entries/001.p/44')), 'LEDGER_CUT'],
    ['a tile that is cut', (dir) => truncateSync(join(dir, 'public/tile/0/000'), 8000), 'LEDGER_TILE'],
    ['a checkpoint that is gone', (dir) => rmSync(join(dir, 'public/checkpoint')), 'LEDGER_CUT'],
    ['a checkpoint that is changed', (dir) => flip(dir, 'public/checkpoint', 16), 'LEDGER_SIGNATURE'],
    ['keys that are changed', (dir) => flip(dir, 'public/keys/000', 40), 'LEDGER_KEYS'],
    ['a journal that is cut', (dir) => truncateSync(join(dir, JOURNAL), 40_000), 'LEDGER_CUT'],
    ['a journal that is gone', (dir) => rmSync(join(dir, JOURNAL)), 'LEDGER_CUT'],
    ['an event that is changed', (dir) => flip(dir, JOURNAL, 5000), 'LEDGER_JOURNAL'],
  ])('refuses %s', async (_, change, expected) => {
    const dir = copyOf(now);
    change(dir);
    await expect(opened(dir)).rejects.toThrow(code(expected));
  });

  it('refuses two entries that changed their places', async () => {
    const dir = copyOf(now);
    const path = join(dir, 'public/tile/entries/000');
    const bytes = readFileSync(path);
    // Entries of 33 bytes after their length.
    const swapped = Buffer.concat([bytes.subarray(35, 70), bytes.subarray(0, 35), bytes.subarray(70)]);
    writeFileSync(path, swapped);
    await expect(opened(dir)).rejects.toThrow(code('LEDGER_REORDERED'));
  });

  it('refuses an older state of the whole folder where a later one is known', async () => {
    await opened(copyOf(older), { known: [notes.older] });
    await expect(opened(copyOf(older), { known: [notes.now] })).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_ROLLED_BACK', details: { notes: [notes.now, notes.older] } }),
    );
  });

  it('refuses an older state of all but the index, which remembers', async () => {
    const dir = copyOf(older);
    cpSync(join(now, INDEX), join(dir, INDEX));
    await expect(opened(dir)).rejects.toThrow(code('LEDGER_ROLLED_BACK'));
  });

  it('goes forward from an old checkpoint in an otherwise present folder: the journal is signed', async () => {
    const dir = copyOf(now);
    cpSync(join(older, 'public/checkpoint'), join(dir, 'public/checkpoint'));
    rmSync(join(dir, INDEX));
    const log = await EventLog.open({ dir, signers, known: [notes.older] });
    expect(log.size).toBe(300);
    await log.verify();
    await log.close();
  });

  it('refuses another history of the same size, with both notes', async () => {
    await expect(opened(copyOf(fork), { known: [notes.now] })).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_FORKED', details: { notes: [notes.now, notes.fork] } }),
    );
    const dir = copyOf(fork);
    cpSync(join(now, INDEX), join(dir, INDEX));
    await expect(opened(dir)).rejects.toThrow(code('LEDGER_FORKED'));
  });

  it("refuses another log's journal behind the checkpoint: it is not signed for this one", async () => {
    const dir = copyOf(older);
    const strange = join(emptyFolder(), 'log');
    const other = generateLogKeys('example.com/log').signers;
    const log = await EventLog.create({ dir: strange, signers: other, publishEveryMs: 3_600_000 });
    await Promise.all(Array.from({ length: 260 }, (_, i) => log.append(event(i))));
    const end = readFileSync(join(strange, JOURNAL)).length;
    await log.append(event(260));
    await log.close();
    const tail = readFileSync(join(strange, JOURNAL)).subarray(end);
    writeFileSync(join(dir, JOURNAL), Buffer.concat([readFileSync(join(dir, JOURNAL)), tail]));
    await expect(opened(dir)).rejects.toThrow(code('LEDGER_SIGNATURE'));
  });
});

describe('the index', () => {
  const change = (dir: string, sql: string) => {
    const db = openDatabase(join(dir, INDEX), 'node-sqlite3-wasm');
    db.exec(sql);
    db.close();
  };

  it.each([
    ['an event is left out', 'DELETE FROM events WHERE n = 7'],
    ['an event has another type', 'UPDATE events SET type = 3 - type WHERE n = 8'],
    ['an event has another time', 'UPDATE events SET time = time + 1 WHERE n = 9'],
    ['two events changed their ids', "UPDATE events SET id = 'x' WHERE n = 10"],
    ['an event points to another place', 'UPDATE events SET place = place + 1 WHERE n = 11'],
    ['an event is made up', "INSERT INTO events VALUES (1000, 'made-up', 1, 0, 0)"],
  ])('in which %s is found out, and made anew', async (_, sql) => {
    const dir = copyOf(now);
    change(dir, sql);
    const log = await EventLog.open({ dir, signers });
    await expect(log.verify()).rejects.toThrow(code('LEDGER_DATABASE'));
    await log.rebuildIndex();
    await log.verify();
    await log.close();
  });

  it('that is gone, no database or locked by a killed process is made anew, or taken', async () => {
    for (const spoil of [
      (dir: string) => rmSync(join(dir, INDEX)),
      (dir: string) => writeFileSync(join(dir, INDEX), 'no database, but quite some text'.repeat(500)),
      (dir: string) => change(dir, "UPDATE meta SET value = '99' WHERE name = 'version'"),
      (dir: string) => cpSync(join(dir, 'public/keys'), join(dir, `${INDEX}.lock`), { recursive: true }),
    ]) {
      const dir = copyOf(now);
      spoil(dir);
      const log = await EventLog.open({ dir, signers });
      expect((await log.find({ type: 'odd', limit: 2 })).map(({ index }) => index)).toEqual([1, 3]);
      await log.verify();
      await log.close();
      expect(existsSync(join(dir, `${INDEX}.lock`))).toBe(false);
    }
  });
});

describe('the private store', () => {
  it('with an event that does not fit its entry is refused when it is read, and by verify', async () => {
    const dir = copyOf(now);
    const path = join(dir, JOURNAL);
    const log = await EventLog.open({ dir, signers });
    expect((await log.find({ limit: 1 }))[0]!.fields.n).toBe(0);
    // Behind the back of the log, which has looked at it when it was opened.
    const bytes = readFileSync(path);
    const at = bytes.indexOf('"n":0');
    bytes[at + 4] = '1'.charCodeAt(0);
    writeFileSync(path, bytes);
    await expect(log.get(0)).rejects.toThrow(code('LEDGER_JOURNAL'));
    await expect(log.verify()).rejects.toThrow(code('LEDGER_JOURNAL'));
    await log.close();
  });
});
