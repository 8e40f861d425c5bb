import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Lease } from '@proof-of-training/core/lease';
import { PotError } from '@proof-of-training/errors';
import type { Json } from '../event/canonical.js';
import { type CheckedEvent, checkEvent, type LedgerEvent, readEventJson, valuesOf } from '../event/fields.js';
import { requireKind } from '../events/kinds.js';
import { formatVkey, parseVkey } from '../note/key.js';
import { discloseFields } from '../proof/disclosure.js';
import { PublicLog } from '../public/publicLog.js';
import type { EventIndex, EventQuery } from './eventIndex.js';
import { folderSource } from './files.js';
import type { Journal } from './journal.js';
import { createFiles, type OpenedLog, openFiles, rebuild } from './open.js';
import {
  type CreateLogOptions,
  checkCreate,
  checkOpen,
  checkQuery,
  type OpenLogOptions,
  signersOf,
} from './options.js';
import { decodeEvent, requireEntry, type SecretEvent } from './secretEvent.js';
import { verifyPrivate } from './verifyPrivate.js';
import type { Writer } from './writer.js';

/** An event that is on disk. */
export interface Appended {
  index: number;
  id: string;
  /** RFC 3339 in UTC. */
  time: string;
}

/** An event as it is in the private store. */
export interface RecordedEvent extends Appended {
  type: string;
  /** All fields, with id, time and type. The object has no prototype. */
  fields: Record<string, Json>;
}

/** How far before the clock a time may lie: clocks differ. */
const AHEAD_MS = 300_000;
const PUBLISH_MS = 1000;
/** Events that are read at once. */
const AT_ONCE = 32;

/**
 * A log of events in a folder, opened for writing by this process alone.
 *
 * @example
 * const log = await EventLog.create({ dir: 'my-log', signers });
 * const { index } = await log.append({ type: 'decision', fields: { output: 'yes', reason: 'kept back' } });
 * await writeFile('decision.tlog-proof', await log.disclose(index, ['output']));
 * await log.close();
 */
export class EventLog {
  private readonly writer: Writer;
  private readonly journal: Journal;
  private readonly lease: Lease;
  private index: EventIndex;
  private lastTime: number;
  private readonly ids = new Set<string>();
  private readonly lastByType = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private vkeys: string[];
  private view: Promise<PublicLog> | undefined;

  private constructor(
    private readonly options: OpenLogOptions,
    { writer, index, journal, lease, lastTime, vkeys }: OpenedLog,
  ) {
    [this.writer, this.index, this.journal, this.lease, this.lastTime] = [
      writer,
      index,
      journal,
      lease,
      lastTime,
    ];
    this.vkeys = vkeys;
    for (const { id } of writer.pending.values()) this.ids.add(id);
    writer.onIndexed = (rows) => {
      for (const { id } of rows) this.ids.delete(id);
    };
  }

  /** Begins a log. Errors: `OPTION_*`, `LEDGER_EXISTS`, `LEDGER_WRITE`, `LEDGER_KEY_INVALID`, `LEDGER_KEYS`, `LEDGER_LOCKED`. */
  static async create(options: CreateLogOptions): Promise<EventLog> {
    await createFiles(checkCreate(options));
    return EventLog.open(options);
  }

  /**
   * Opens a log and verifies it: every public file against the last checkpoint, what was committed after it against its signature, and that
   * it continues what is `known`. What a crash left is mended; nothing that was acknowledged is lost.
   *
   * Errors: `LEDGER_MISSING`, `LEDGER_LOCKED`; what `PublicLog.open` and its `verify` say; `LEDGER_JOURNAL`, `LEDGER_ROLLED_BACK`,
   * `LEDGER_FORKED`; `OPTION_*`.
   */
  static async open(options: OpenLogOptions): Promise<EventLog> {
    const log = new EventLog(options, await openFiles(checkOpen(options)));
    if (log.writer.pending.size > 0) await log.checkpoint();
    return log;
  }

  /** Entries that are on disk. */
  get size(): number {
    return this.writer.size;
  }

  /**
   * Records an event. Resolves when it is on disk; events that are appended meanwhile share one write.
   *
   * Errors: `LEDGER_EVENT`, `LEDGER_TIME`, `LEDGER_DUPLICATE`: nothing was written; `LEDGER_WRITE`, `LEDGER_LOCKED`, `LEDGER_CLOSED`.
   */
  async append(event: LedgerEvent): Promise<Appended> {
    this.requireOpen();
    // A clock that was set back does not stop the log.
    const time = () => Math.max(Date.now(), this.lastTime);
    const checked = checkEvent(event, { id: randomUUID, time });
    requireKind(checked.type, () => valuesOf(checked.fields));
    this.requireTime(checked.time);
    // A random one is new.
    if (event.id !== undefined) this.requireNewId(checked);
    // From here on it has its place behind those before.
    this.lastTime = checked.time;
    this.ids.add(checked.id);
    const index = await this.writer.append(checked);
    this.lastByType.set(checked.type, Math.max(index, this.lastByType.get(checked.type) ?? 0));
    this.publishSoon();
    return { index, id: checked.id, time: new Date(checked.time).toISOString() };
  }

  /** Folder of the log. */
  get dir(): string {
    return this.options.dir;
  }

  /** The log's name. */
  get origin(): string {
    return parseVkey(this.vkeys[0]!).name;
  }

  /** Index of the last event of a type that this process has recorded. */
  lastOf(type: string): number | undefined {
    return this.lastByType.get(type);
  }

  /** Records an event that comes as JSON, of unknown origin. Errors: `FORMAT_*`; those of {@link EventLog.append}. */
  async appendJson(source: string | Uint8Array): Promise<Appended> {
    return this.append(readEventJson(source));
  }

  /** Publishes what is on disk: the checkpoint's note, signed. Errors: `LEDGER_WRITE`, `LEDGER_CLOSED`. */
  async checkpoint(): Promise<string> {
    this.requireOpen();
    clearTimeout(this.timer);
    this.timer = undefined;
    const { note } = await this.writer.publish();
    this.view = undefined;
    return note;
  }

  /** The log as others see it, at a checkpoint that has all that is on disk. Errors: as {@link EventLog.checkpoint}. */
  async published(): Promise<PublicLog> {
    if (this.writer.size !== this.writer.published.size) await this.checkpoint();
    this.requireOpen();
    this.view ??= PublicLog.open(folderSource(join(this.options.dir, 'public')), { vkeys: this.vkeys });
    return this.view;
  }

  /** A `.tlog-proof` file of an entry. Errors: those of `PublicLog.prove`. */
  async prove(index: number): Promise<string> {
    return (await this.published()).prove(index);
  }

  /** A `.tlog-proof` file that shows chosen fields of an event, and of the others the commitments; `at` is a state of this log. Errors: `LEDGER_FIELD`, `LEDGER_INDEX`. */
  async disclose(index: number, names: readonly string[], at?: PublicLog): Promise<string> {
    const log = at ?? (await this.published());
    const { secret, fields } = await this.secretEvent(index);
    return log.prove(index, discloseFields(log.ring.origin, fields, secret, names));
  }

  /** An event, compared with its entry. Errors: `LEDGER_INDEX`, `LEDGER_JOURNAL`. */
  async get(index: number): Promise<RecordedEvent> {
    const fields = valuesOf((await this.secretEvent(index)).fields);
    return { index, id: String(fields.id), type: String(fields.type), time: String(fields.time), fields };
  }

  /** Events by id, type and time, in the order of the log. Errors: `OPTION_*`, `LEDGER_JOURNAL`, `LEDGER_DATABASE`. */
  async find(query: EventQuery = {}): Promise<RecordedEvent[]> {
    checkQuery(query);
    await this.published();
    const events: RecordedEvent[] = [];
    const rows = this.index.find(query);
    for (let at = 0; at < rows.length; at += AT_ONCE)
      events.push(...(await Promise.all(rows.slice(at, at + AT_ONCE).map(({ index }) => this.get(index)))));
    return events;
  }

  /** Signs with other keys from here on. Errors: `LEDGER_KEYS`, `LEDGER_KEY_INVALID`; as {@link EventLog.checkpoint}. */
  async rotate(signers: readonly string[]): Promise<void> {
    this.requireOpen();
    const next = signersOf(signers);
    await this.writer.rotate(next);
    this.vkeys = next.map(({ key }) => formatVkey(key));
    this.view = undefined;
  }

  /** Looks at all of it: public files, private store, index. Errors: those of `PublicLog.verify`, `LEDGER_JOURNAL`, `LEDGER_SALT_REUSED`, `LEDGER_DATABASE`. */
  async verify({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    const log = await this.published();
    await log.verify(signal && { signal });
    await verifyPrivate(this.options.dir, log.checkpoint, this.journal, this.index, signal);
  }

  /** Makes the index anew from the private store. Errors: `LEDGER_JOURNAL`, `LEDGER_DATABASE`. */
  async rebuildIndex(): Promise<void> {
    const { checkpoint } = await this.published();
    this.index.close();
    this.index = await rebuild(this.options.dir, this.journal, checkpoint);
    this.writer.useIndex(this.index);
  }

  /** Publishes what is on disk and gives the folder back. A second call does nothing. */
  async close(): Promise<void> {
    if (this.closed) return;
    try {
      await this.writer.idle();
      await this.checkpoint();
    } finally {
      this.closed = true;
      clearTimeout(this.timer);
      this.index.close();
      await this.journal.close();
      await this.lease.release();
    }
  }

  private async secretEvent(index: number): Promise<SecretEvent> {
    const log = await this.published();
    const entry = await log.entry(index);
    const [row] = this.index.rows(index, index + 1);
    if (!row) throw noEvent(index);
    const event = decodeEvent(await this.journal.eventBody(index, row.offset), index);
    requireEntry(log.ring.origin, event, entry, index);
    return event;
  }

  private publishSoon(): void {
    if (this.timer || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      // Its failure is the next caller's to hear.
      if (!this.closed) this.checkpoint().catch(() => {});
    }, this.options.publishEveryMs ?? PUBLISH_MS);
    this.timer.unref();
  }

  private requireTime(time: number): void {
    if (time === this.lastTime || (time > this.lastTime && time <= Date.now() + AHEAD_MS)) return;
    const which = time < this.lastTime ? 'before that of the event before it' : 'in the future';
    throw new PotError('LEDGER_TIME', `the event's time lies ${which}`, {
      details: { time: new Date(time).toISOString(), last: new Date(this.lastTime).toISOString() },
      hint: 'Leave the time out; a time that was measured elsewhere belongs into a field of its own.',
    });
  }

  private requireNewId({ id }: CheckedEvent): void {
    if (!this.ids.has(id) && !this.index.has(id)) return;
    throw new PotError('LEDGER_DUPLICATE', 'the log has an event of this id already', {
      details: { id },
      hint: 'Give another id, or none.',
    });
  }

  private requireOpen(): void {
    if (this.closed) throw new PotError('LEDGER_CLOSED', 'the log is closed', { hint: 'Open it again.' });
    this.writer.requireSound();
  }
}

function noEvent(index: number): PotError {
  return new PotError('LEDGER_INDEX', `entry ${index} is no event: there the keys were changed`, {
    details: { index },
    hint: 'Ask for another one.',
  });
}
