import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { same, textOf } from '../bytes.js';
import { keyNoteHash } from '../checkpoint/keyRing.js';
import { TILE_WIDTH } from '../merkle/tile.js';
import { TileReader } from '../merkle/tileReader.js';
import type { EventIndex, IndexRow } from './eventIndex.js';
import { folderSource } from './files.js';
import { EVENT_RECORD } from './frames.js';
import { damaged, type Journal } from './journal.js';
import { rowOf } from './open.js';
import { decodeEvent, requireEntry } from './secretEvent.js';

/**
 * Compares the private store with the entries, and the index with the store: each event is that of its entry, no id and no secret is there
 * twice, no time runs backwards, and the index has each event where it is, and no other.
 *
 * Errors: `LEDGER_JOURNAL`, `LEDGER_SALT_REUSED`, `LEDGER_DATABASE`; what `signal` was aborted with.
 */
export async function verifyPrivate(
  dir: string,
  { origin, size }: { origin: string; size: number },
  journal: Journal,
  index: EventIndex,
  signal?: AbortSignal,
): Promise<void> {
  const reader = new TileReader(folderSource(join(dir, 'public')), size);
  const seen = { ids: new Set<string>(), secrets: new Set<string>(), time: 0 };
  let entries: Uint8Array[] = [];
  let rows: IndexRow[] = [];
  let at = 0;
  for await (const { first, records } of journal.frames(0)) {
    signal?.throwIfAborted();
    for (const [i, { kind, body, offset }] of records.entries()) {
      at = first + i;
      if (at >= size) return finish(index, rows, seen.ids.size);
      if (at % TILE_WIDTH === 0) {
        compareRows(index, rows);
        rows = [];
        entries = await reader.bundle(at / TILE_WIDTH);
      }
      const entry = entries[at % TILE_WIDTH]!;
      if (kind === EVENT_RECORD) {
        requireEntry(origin, decodeEvent(body, at), entry, at);
        rows.push(rowOf(body, at, offset));
        requireNew(seen, rows.at(-1)!, body);
      } else if (!same(keyNoteHash(textOf(body) ?? ''), entry.subarray(1)))
        throw damaged('of the journal', `entry ${at} is another rotation`);
    }
  }
  if (size > 0 && at + 1 < size) throw damaged('of the journal', `events from ${at + 1} on are gone`);
  finish(index, rows, seen.ids.size);
}

function finish(index: EventIndex, rows: readonly IndexRow[], events: number): void {
  compareRows(index, rows);
  if (index.events !== events) throw unfit(`it has ${index.events} events, the log ${events}`);
}

function requireNew(
  seen: { ids: Set<string>; secrets: Set<string>; time: number },
  { index, id, time }: IndexRow,
  body: Uint8Array,
): void {
  const secret = Buffer.from(body.subarray(0, 32)).toString('latin1');
  if (seen.ids.has(id)) throw damaged('of the journal', `event ${index} has the id of an earlier one`);
  if (time < seen.time) throw damaged('of the journal', `event ${index} lies before the event before it`);
  if (seen.secrets.has(secret)) {
    throw new PotError('LEDGER_SALT_REUSED', `event ${index} has the salts of an earlier one`, {
      details: { index },
      hint: 'Equal values of both can be told from their commitments.',
    });
  }
  seen.ids.add(id);
  seen.secrets.add(secret);
  seen.time = time;
}

function compareRows(index: EventIndex, rows: readonly IndexRow[]): void {
  if (rows.length === 0) return;
  const found = index.rows(rows[0]!.index, rows.at(-1)!.index + 1);
  const other = rows.find((row, i) => JSON.stringify(row) !== JSON.stringify(found[i]));
  if (other || found.length !== rows.length)
    throw unfit(`it differs at event ${other?.index ?? rows[0]!.index}`);
}

function unfit(why: string): PotError {
  return new PotError('LEDGER_DATABASE', `the index does not fit the private store: ${why}`, {
    hint: 'rebuildIndex() makes it anew from the private store.',
  });
}
