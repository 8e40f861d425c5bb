/** What a crash leaves: torn writes, killed writers, a full disk. Nothing that was acknowledged is lost, and the log opens. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeFrame, frameAt } from '../src/log/frames.js';
import { Journal } from '../src/log/journal.js';
import { signersOf } from '../src/log/options.js';
import { recover } from '../src/log/recover.js';
import { EventLog, generateLogKeys } from '../src/node.js';
import { copyOf, emptyFolder, filesIn } from './helpers/folder.js';
import { ended, loseNothing, startWriter, until, WRITER } from './helpers/kills.js';

const code = (c: string) => expect.objectContaining({ code: c });
const { signers, vkeys } = generateLogKeys('example.com/log');
const JOURNAL = 'private/journal/0000000000000000.log';
const event = (n: number) => ({ type: 'count', fields: { n } });

describe('a frame', () => {
  const records = [3, 0, 70].map((length, kind) => ({ kind, body: new Uint8Array(length).fill(kind + 65) }));
  const one = encodeFrame(0, records, new Uint8Array(64)).bytes;
  const two = Buffer.concat([one, encodeFrame(3, records, new Uint8Array(64)).bytes]);

  it('that is cut at any byte is known to be torn; whole it gives back its records', () => {
    for (let cut = 1; cut < one.length; cut++)
      expect(frameAt(one.subarray(0, cut), 0), String(cut)).toBe('torn');
    expect(frameAt(one, one.length)).toBe('end');
    const frame = frameAt(two, one.length);
    expect(frame).toMatchObject({ first: 3, end: two.length });
    expect(
      typeof frame === 'object' && frame.records.map(({ body }) => Buffer.from(body).toString()),
    ).toEqual(records.map(({ body }) => Buffer.from(body).toString()));
  });

  it('with any byte changed is torn where it is the last one, and was altered where another follows', () => {
    for (let at = 0; at < one.length; at++) {
      const last = Buffer.from(one);
      last[at]! ^= 1;
      expect(frameAt(last, 0), `last, ${at}`).toBe('torn');
      const first = Buffer.from(two);
      first[at]! ^= 1;
      expect(frameAt(first, 0), `first, ${at}`).toBe('altered');
    }
  });
});

/** A log of three published events, and two that are committed behind its checkpoint, in two frames; and what is published of all five. */
let behind: string;
let published: string;
let ends: number[];
beforeAll(async () => {
  const dir = join(emptyFolder(), 'log');
  const log = await EventLog.create({ dir, signers, publishEveryMs: 3_600_000 });
  await Promise.all([0, 1, 2].map((n) => log.append(event(n))));
  await log.checkpoint();
  ends = [];
  for (const n of [3, 4]) {
    ends.push(readFileSync(join(dir, JOURNAL)).length);
    await log.append(event(n));
  }
  ends.push(readFileSync(join(dir, JOURNAL)).length);
  behind = copyOf(dir);
  await log.close();
  published = copyOf(dir);
});

/** Reads a folder as opening it does, without the lock. */
async function recoveredSize(dir: string): Promise<number> {
  const journal = await Journal.open(join(dir, 'private/journal'));
  try {
    const options = { vkeys: [...vkeys], known: [], onWarning: () => {} };
    return (await recover(dir, journal, signersOf(signers), options)).tree.size;
  } finally {
    await journal.close();
  }
}

describe('a commit that was torn', () => {
  it('at any byte leaves what was acknowledged before it', async () => {
    const dir = copyOf(behind);
    const whole = readFileSync(join(behind, JOURNAL));
    for (let cut = ends[1]!; cut <= ends[2]!; cut += 29) {
      writeFileSync(join(dir, JOURNAL), whole.subarray(0, cut));
      expect(await recoveredSize(dir), String(cut)).toBe(4);
      expect(readFileSync(join(dir, JOURNAL)).length).toBe(ends[1]);
    }
    writeFileSync(join(dir, JOURNAL), whole);
    expect(await recoveredSize(dir)).toBe(5);
  });

  it('is told, and the log goes on behind what it has', async () => {
    const dir = copyOf(behind);
    truncateSync(join(dir, JOURNAL), ends[2]! - 1);
    const warnings: string[] = [];
    const log = await EventLog.open({ dir, signers, onWarning: (text) => warnings.push(text) });
    expect(warnings.join()).toMatch(/bytes of a commit that was not acknowledged/);
    expect((await log.append(event(9))).index).toBe(4);
    await log.verify();
    await log.close();
  });

  it('that stands before another one was altered: the log is refused', async () => {
    for (const at of [ends[0]! + 3, ends[0]! + 60, ends[1]! - 1]) {
      const dir = copyOf(behind);
      const bytes = readFileSync(join(dir, JOURNAL));
      bytes[at]! ^= 1;
      writeFileSync(join(dir, JOURNAL), bytes);
      await expect(recoveredSize(dir)).rejects.toThrow(code('LEDGER_JOURNAL'));
    }
  });
});

describe('a publication that was torn', () => {
  it('at every byte of a tile, a bundle, or before the checkpoint, is made again', async () => {
    const files = filesIn(join(published, 'public'));
    const dir = copyOf(behind);
    const tile = files.get('tile/0/000.p/5')!;
    for (let cut = 0; cut <= tile.length; cut += 1) {
      mkdirSync(join(dir, 'public/tile/0/000.p'), { recursive: true });
      writeFileSync(join(dir, 'public/tile/0/000.p/5'), tile.subarray(0, cut));
      writeFileSync(join(dir, 'public/tile/0/000'), tile.subarray(0, cut));
      writeFileSync(join(dir, 'public/tile/entries/000'), tile.subarray(0, cut));
      if (cut % 8 === 0) expect(await recoveredSize(dir)).toBe(5);
    }
    rmSync(join(dir, 'public/tile/0/000'));
    rmSync(join(dir, 'public/tile/entries/000'));
    const log = await EventLog.open({ dir, signers });
    await log.verify();
    await log.close();
    expect(filesIn(join(dir, 'public')).get('tile/0/000.p/5')).toEqual(tile);
  });

  it('of tiles that became full by the commits behind the checkpoint, is made up for', async () => {
    const dir = join(emptyFolder(), 'log');
    const log = await EventLog.create({ dir, signers, publishEveryMs: 3_600_000 });
    const add = (n: number) => Promise.all(Array.from({ length: n }, (_, i) => log.append(event(i))));
    await add(250);
    await log.checkpoint();
    await add(10);
    const crashed = copyOf(dir);
    await log.close();
    const again = await EventLog.open({ dir: crashed, signers });
    await again.verify();
    await again.close();
    expect(filesIn(join(crashed, 'public')).get('tile/0/000')).toEqual(
      filesIn(join(dir, 'public')).get('tile/0/000'),
    );
  });

  it('after the checkpoint and before the index is caught up with', async () => {
    const dir = copyOf(published);
    cpSync(join(behind, 'private/index.sqlite'), join(dir, 'private/index.sqlite'));
    const log = await EventLog.open({ dir, signers });
    await log.verify();
    expect((await log.find()).map(({ fields }) => fields.n)).toEqual([0, 1, 2, 3, 4]);
    await log.close();
  });
});

describe('a writer that is killed', () => {
  it('loses nothing that it acknowledged, wherever it was', async () => {
    // One that commits by single events, and one by many. More of them: the slow tier.
    await loseNothing(2);
  });

  it('gives the log to another one at once, and one that is only stopped does not', async () => {
    const dir = join(emptyFolder(), 'log');
    await (await EventLog.create({ dir, signers })).close();
    const { child, said } = startWriter(dir, signers, 1);
    await until(() => said().length > 1);
    child.kill('SIGSTOP');
    await expect(EventLog.open({ dir, signers })).rejects.toThrow(code('LEDGER_LOCKED'));
    child.kill('SIGKILL');
    await ended(child);
    const log = await EventLog.open({ dir, signers });
    expect(log.size).toBeGreaterThan(0);
    await log.close();
  });

  it.skipIf(process.platform !== 'linux')(
    'by no kill but a disk that takes no more says so, and the log opens afterwards',
    async () => {
      const dir = join(emptyFolder(), 'log');
      await (await EventLog.create({ dir, signers })).close();
      // No file above 64 KiB: a write behind that fails as on a full disk.
      const command = `trap '' XFSZ; ulimit -f 64; exec "$0" "$@"`;
      const args = [WRITER, dir, JSON.stringify(signers), '20', '3600000', '500'];
      const child = spawn('bash', ['-c', command, process.execPath, ...args]);
      let text = '';
      child.stdout.on('data', (data) => {
        text += data;
      });
      await ended(child);
      const lines = text.trim().split('\n');
      expect(lines.at(-1)).toBe('failed LEDGER_WRITE');
      const log = await EventLog.open({ dir, signers });
      await log.verify();
      const acknowledged = lines.slice(1, -1).map((line) => line.split(' '));
      expect(acknowledged.length).toBeGreaterThan(20);
      for (const [index, id] of acknowledged) expect((await log.get(Number(index))).id).toBe(id);
      await log.close();
    },
  );
});
