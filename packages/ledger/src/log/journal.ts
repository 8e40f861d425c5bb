import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PotError } from '@proof-of-training/errors';
import { syncFolder } from './files.js';
import { EVENT_RECORD, encodeFrame, type Frame, frameAt, RECORD_HEADER, recordLength } from './frames.js';

/** A file of the journal is ended when it has this many bytes. */
const SEGMENT_BYTES = 1 << 26;
const NAME = /^(\d{16})\.log$/;

/**
 * The private store: events with their secrets, in the order of the log, in files to which frames are only ever added. A file is named by
 * its first index.
 */
export class Journal {
  private file: FileHandle | undefined;
  /** Where the last file's last whole frame ends. */
  private length = 0;

  private constructor(
    private readonly dir: string,
    /** First indices of the files. */
    private readonly segments: number[],
  ) {}

  static async open(dir: string): Promise<Journal> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const segments = (await readdir(dir)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
    return new Journal(
      dir,
      segments.sort((a, b) => a - b),
    );
  }

  /**
   * Frames with what is at `from` and after it, in order, each with its file.
   *
   * Errors: `LEDGER_JOURNAL` where bytes were changed or are not there. What is not whole at the very end is passed over: a crash left it,
   * or it is being written. `onEnd` is told where the last file's last whole frame ends, and how many bytes are behind it.
   */
  async *frames(from: number, onEnd: (end: number, torn: number) => void = () => {}): AsyncGenerator<Frame> {
    const begin = this.segments.filter((first) => first <= from).length - 1;
    if (begin < 0 && this.segments.length > 0)
      throw damaged(nameOf(this.segments[0]!), 'files before it are gone');
    let next: number | undefined;
    for (const segment of this.segments.slice(Math.max(begin, 0))) {
      if (segment !== (next ?? segment))
        throw damaged(nameOf(segment), 'it, or the end of the file before it, is gone');
      const file = await readFile(join(this.dir, nameOf(segment)));
      const isLast = segment === this.segments.at(-1);
      let at = 0;
      next = segment;
      for (let frame = frameAt(file, 0); frame !== 'end'; frame = frameAt(file, at)) {
        if (frame === 'torn' && isLast) break;
        if (typeof frame === 'string')
          throw damaged(nameOf(segment), `byte ${at} or one after it was changed`);
        if (frame.first !== next) throw damaged(nameOf(segment), `index ${next} is not where it should be`);
        next += frame.records.length;
        at = frame.end;
        if (next > from) yield frame;
      }
      if (isLast) onEnd(at, file.length - at);
    }
  }

  /** Gets ready to write: behind `end` of the last file nothing stays; where there is no file, one begins at index `size`. */
  async continueAt(size: number, end: number): Promise<void> {
    if (this.segments.length === 0) return this.begin(size);
    this.file = await open(join(this.dir, nameOf(this.segments.at(-1)!)), 'r+');
    await this.file.truncate(end);
    await this.file.datasync();
    this.length = end;
  }

  /** Adds a frame and returns when it is on disk, with the offset of each record. Errors: those of the file system. */
  async append(
    first: number,
    records: readonly { kind: number; body: Uint8Array }[],
    signature: Uint8Array,
  ): Promise<number[]> {
    if (this.length >= SEGMENT_BYTES) {
      await this.file?.close();
      await this.begin(first);
    }
    const { bytes, offsets } = encodeFrame(first, records, signature);
    const base = this.length;
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.file!.write(bytes, done, bytes.length - done, base + done);
      done += bytesWritten;
    }
    await this.file!.datasync();
    this.length = base + bytes.length;
    return offsets.map((offset) => base + offset);
  }

  /** The body of an event's record. Errors: `LEDGER_JOURNAL`. */
  async eventBody(index: number, offset: number): Promise<Buffer> {
    const segment = this.segments.filter((first) => first <= index).at(-1);
    if (segment === undefined) throw damaged(nameOf(index), 'it is gone');
    const file = await open(join(this.dir, nameOf(segment)), 'r').catch((cause) => {
      throw damaged(nameOf(segment), 'it cannot be read', cause);
    });
    try {
      const header = Buffer.alloc(RECORD_HEADER);
      await file.read(header, 0, RECORD_HEADER, offset);
      const { kind, length } = recordLength(header);
      const { size } = await file.stat();
      if (kind !== EVENT_RECORD || offset + RECORD_HEADER + length > size)
        throw damaged(nameOf(segment), `event ${index} is not where it was`);
      const body = Buffer.alloc(length);
      await file.read(body, 0, length, offset + RECORD_HEADER);
      return body;
    } finally {
      await file.close();
    }
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = undefined;
  }

  private async begin(first: number): Promise<void> {
    this.file = await open(join(this.dir, nameOf(first)), 'wx', 0o600);
    await syncFolder(this.dir);
    this.segments.push(first);
    this.length = 0;
  }
}

function nameOf(first: number): string {
  return `${String(first).padStart(16, '0')}.log`;
}

/** Never quotes what is in the file. */
export function damaged(name: string, why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_JOURNAL', `the log's private file ${name} is damaged: ${why}`, {
    details: { file: name },
    hint: 'Somebody, or a failing disk, changed it: restore the folder private from a copy.',
    ...(cause !== undefined && { cause }),
  });
}
