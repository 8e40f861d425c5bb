import { createHash } from 'node:crypto';

/**
 * A frame of the journal: what was committed at once.
 *
 *     header    32 bytes: "PoTL", version, first index, records, bytes of the payload, the first 8 bytes of SHA-256 of all that
 *     payload   records: kind (1 byte), bytes of the body (4), body
 *     signature 64 bytes: Ed25519, of the checkpoint's text after this frame
 *     check     16 bytes: the first of SHA-256 of all before
 *
 * An event's body is its secret and its canonical JSON, a rotation's the note about keys.
 */
export interface Frame {
  first: number;
  records: JournalRecord[];
  signature: Uint8Array;
  /** Where the frame ends in its file. */
  end: number;
}

export interface JournalRecord {
  kind: number;
  body: Uint8Array;
  /** Where the record begins in its file. */
  offset: number;
}

/** Kinds of records. */
export const EVENT_RECORD = 1;
export const KEYS_RECORD = 2;

const MAGIC = Buffer.from('PoTL');
const VERSION = 1;
const HEADER_BYTES = 32;
const RECORD_HEADER = 5;
const SIGNATURE_BYTES = 64;
const CHECK_BYTES = 16;

/** A frame as bytes, and where in it each record begins. */
export function encodeFrame(
  first: number,
  records: readonly { kind: number; body: Uint8Array }[],
  signature: Uint8Array,
): { bytes: Buffer; offsets: number[] } {
  const payload = records.reduce((sum, { body }) => sum + RECORD_HEADER + body.length, 0);
  const bytes = Buffer.alloc(HEADER_BYTES + payload + SIGNATURE_BYTES + CHECK_BYTES);
  writeHeader(bytes, first, records.length, payload);
  const offsets: number[] = [];
  let at = HEADER_BYTES;
  for (const { kind, body } of records) {
    offsets.push(at);
    bytes[at] = kind;
    bytes.writeUInt32BE(body.length, at + 1);
    bytes.set(body, at + RECORD_HEADER);
    at += RECORD_HEADER + body.length;
  }
  bytes.set(signature, at);
  at += SIGNATURE_BYTES;
  bytes.set(hash(bytes.subarray(0, at)).subarray(0, CHECK_BYTES), at);
  return { bytes, offsets };
}

/** What stands at a place of a file: a frame, its end (`end`), what a crash left (`torn`), or what was changed (`altered`). */
export function frameAt(file: Buffer, at: number): Frame | 'end' | 'torn' | 'altered' {
  if (at === file.length) return 'end';
  const header = readHeader(file, at);
  // Each frame is on disk before the next is begun: what another one follows was whole once.
  if (!header) return anotherFrom(file, at + 1) ? 'altered' : 'torn';
  const end = at + HEADER_BYTES + header.payload + SIGNATURE_BYTES + CHECK_BYTES;
  if (end > file.length) return anotherFrom(file, at + HEADER_BYTES) ? 'altered' : 'torn';
  const check = file.subarray(end - CHECK_BYTES, end);
  const isWhole = hash(file.subarray(at, end - CHECK_BYTES))
    .subarray(0, CHECK_BYTES)
    .equals(check);
  if (!isWhole) return end < file.length ? 'altered' : 'torn';
  const signed = end - CHECK_BYTES - SIGNATURE_BYTES;
  const records = readRecords(file, at + HEADER_BYTES, signed);
  if (records?.length !== header.count) return 'altered';
  return { first: header.first, records, signature: file.subarray(signed, signed + SIGNATURE_BYTES), end };
}

/** The record at the beginning of some bytes; undefined where it does not end in them. */
export function recordLength(header: Buffer): { kind: number; length: number } {
  return { kind: header[0]!, length: header.readUInt32BE(1) };
}

export { RECORD_HEADER };

function readRecords(file: Buffer, from: number, to: number): JournalRecord[] | undefined {
  const records: JournalRecord[] = [];
  for (let at = from; at < to; ) {
    if (at + RECORD_HEADER > to) return undefined;
    const { kind, length } = recordLength(file.subarray(at, at + RECORD_HEADER));
    const end = at + RECORD_HEADER + length;
    if (end > to) return undefined;
    records.push({ kind, body: file.subarray(at + RECORD_HEADER, end), offset: at });
    at = end;
  }
  return records;
}

function writeHeader(bytes: Buffer, first: number, count: number, payload: number): void {
  MAGIC.copy(bytes);
  bytes[4] = VERSION;
  bytes.writeBigUInt64BE(BigInt(first), 8);
  bytes.writeUInt32BE(count, 16);
  bytes.writeUInt32BE(payload, 20);
  hash(bytes.subarray(0, 24)).copy(bytes, 24, 0, 8);
}

function readHeader(file: Buffer, at: number): { first: number; count: number; payload: number } | undefined {
  if (at + HEADER_BYTES > file.length || !file.subarray(at, at + 4).equals(MAGIC)) return undefined;
  const isWhole = hash(file.subarray(at, at + 24))
    .subarray(0, 8)
    .equals(file.subarray(at + 24, at + HEADER_BYTES));
  if (!isWhole || file[at + 4] !== VERSION) return undefined;
  return {
    first: Number(file.readBigUInt64BE(at + 8)),
    count: file.readUInt32BE(at + 16),
    payload: file.readUInt32BE(at + 20),
  };
}

function anotherFrom(file: Buffer, from: number): boolean {
  for (let at = file.indexOf(MAGIC, from); at >= 0; at = file.indexOf(MAGIC, at + 1)) {
    if (readHeader(file, at)) return true;
  }
  return false;
}

function hash(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
