/** A log as others see it: what an owner, or whoever holds the files, may try with them. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  fetchSource,
  generateLogKeys,
  keyRing,
  PublicLog,
  verifyCheckpoint,
  verifyTlogProof,
} from '../src/index.js';
import { textBytes } from './helpers/bytes.js';
import { publicFiles } from './helpers/log.js';
import { sourceOf } from './helpers/tree.js';

const code = (c: string) => expect.objectContaining({ code: c });
const keys = generateLogKeys('example.com/log');
const SIZE = 600;
const entries = Array.from({ length: SIZE }, (_, i) => textBytes(`\x01entry ${i}`));
const { files, note } = publicFiles(keys, entries);
const { vkeys } = keys;

const open = (all: ReadonlyMap<string, Uint8Array>, more: object = {}) =>
  PublicLog.open(sourceOf(all), { vkeys, ...more });
/** The files with one of them changed, or taken away. */
function changed(path: string, change: (bytes: Uint8Array) => Uint8Array | undefined) {
  const all = new Map(files);
  const bytes = change(files.get(path)!.slice());
  if (bytes) all.set(path, bytes);
  else all.delete(path);
  return all;
}
const flip = (at: number) => (bytes: Uint8Array) => {
  bytes[at]! ^= 1;
  return bytes;
};

describe('an honest log', () => {
  it('verifies, and proves each of its entries offline', async () => {
    const log = await open(files);
    const seen: number[] = [];
    await log.verify({ onProgress: (n) => seen.push(n) });
    expect(seen).toEqual([256, 512, 600]);
    for (const index of [0, 255, 256, 599]) {
      const proof = await log.prove(index);
      const verified = verifyTlogProof(proof, entries[index]!, keyRing(keys));
      expect(verified).toMatchObject({ index, checkpoint: { size: SIZE } });
      expect(() => verifyTlogProof(proof, entries[1]!, keyRing(keys))).toThrow(code('LEDGER_NOT_INCLUDED'));
    }
    for (const index of [-1, 600, 0.5, Number.NaN])
      await expect(log.entry(index)).rejects.toThrow(code('LEDGER_INDEX'));
  });

  it('of no entries, and of one, verifies', async () => {
    for (const size of [0, 1]) await (await open(publicFiles(keys, entries.slice(0, size)).files)).verify();
  });

  it('continues every state that was known', async () => {
    for (const size of [0, 1, 255, 256, 599, 600])
      await open(files, { known: [publicFiles(keys, entries.slice(0, size)).note] });
  });

  it('is read from a web server; one that fails, or sends too much, is told from one without the file', async () => {
    const server = createServer(({ url }, response) => {
      const bytes = files.get(url!.slice('/log/'.length));
      if (url === '/log/tile/0/000') response.writeHead(500).end();
      else if (url === '/log/tile/0/001') response.end(Buffer.alloc(9000));
      else response.writeHead(bytes ? 200 : 404).end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const source = fetchSource(`http://127.0.0.1:${(server.address() as AddressInfo).port}/log`);
      const log = await PublicLog.open(source, { vkeys });
      expect(log.checkpoint.size).toBe(SIZE);
      expect(await source.read('gone', 1)).toBeUndefined();
      for (const index of [0, 300]) await expect(log.entry(index)).rejects.toThrow(code('LEDGER_SOURCE'));
    } finally {
      server.close();
    }
  });
});

describe('a log whose files were altered', () => {
  it.each<[string, string, (bytes: Uint8Array) => Uint8Array | undefined, string]>([
    ['an entry', 'tile/entries/000', flip(9), 'LEDGER_ALTERED'],
    ['the last entry', 'tile/entries/002.p/88', (b) => flip(b.length - 1)(b), 'LEDGER_ALTERED'],
    ['a leaf', 'tile/0/001', flip(77), 'LEDGER_ALTERED'],
    ['a partial tile', 'tile/0/002.p/88', flip(0), 'LEDGER_ALTERED'],
    ['a tile above', 'tile/1/000.p/2', flip(40), 'LEDGER_ALTERED'],
    ['no bundle', 'tile/entries/001', () => undefined, 'LEDGER_CUT'],
    ['no tile', 'tile/0/000', () => undefined, 'LEDGER_CUT'],
    ['a cut bundle', 'tile/entries/001', (b) => b.slice(0, -1), 'LEDGER_TILE'],
    ['a cut tile', 'tile/0/001', (b) => b.slice(0, 8191), 'LEDGER_TILE'],
    ['an empty tile', 'tile/1/000.p/2', () => new Uint8Array(), 'LEDGER_TILE'],
  ])('%s is refused', async (_, path, change, expected) => {
    await expect((await open(changed(path, change))).verify()).rejects.toThrow(code(expected));
  });

  it('entries that changed their places are refused, as such where the leaves stayed', async () => {
    const swapped = [...entries];
    [swapped[3], swapped[4]] = [swapped[4]!, swapped[3]!];
    const other = publicFiles(keys, swapped).files;
    const bundle = changed('tile/entries/000', () => other.get('tile/entries/000'));
    await expect((await open(bundle)).verify()).rejects.toThrow(code('LEDGER_REORDERED'));
    const both = new Map([...other, ['checkpoint', files.get('checkpoint')!]]);
    await expect((await open(both)).verify()).rejects.toThrow(code('LEDGER_ALTERED'));
  });

  it('no proof is made of what does not fit the root', async () => {
    await expect((await open(changed('tile/0/000', flip(0)))).prove(5)).rejects.toThrow(
      code('LEDGER_ALTERED'),
    );
    await expect((await open(changed('tile/entries/000', flip(9)))).entry(0)).rejects.toThrow(
      code('LEDGER_ALTERED'),
    );
  });

  it('a checkpoint that is not there, cut or changed anywhere is refused', async () => {
    await expect(open(changed('checkpoint', () => undefined))).rejects.toThrow(code('LEDGER_CUT'));
    const size = files.get('checkpoint')!.length;
    for (let at = 0; at < size; at += 499) {
      await expect(open(changed('checkpoint', flip(at)))).rejects.toThrow(
        expect.objectContaining({ name: 'PotError' }),
      );
      await expect(open(changed('checkpoint', (b) => b.slice(0, at)))).rejects.toThrow(
        expect.objectContaining({ name: 'PotError' }),
      );
    }
  });
});

describe('another history', () => {
  const older = publicFiles(keys, entries.slice(0, 500));
  const fork = publicFiles(keys, [...entries.slice(0, 499), textBytes('\x01other'), ...entries.slice(500)]);

  it('an older state is refused where the present one is known', async () => {
    const refused = open(older.files, { known: [note] });
    await expect(refused).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_ROLLED_BACK', details: { notes: [note, older.note] } }),
    );
  });

  it('one of the same size, or a longer one that does not continue it, is a fork, with both notes', async () => {
    await expect(open(fork.files, { known: [note] })).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_FORKED', details: { notes: [note, fork.note] } }),
    );
    const details = expect.objectContaining({ notes: [older.note, fork.note], path: expect.any(Array) });
    await expect(open(fork.files, { known: [older.note] })).rejects.toThrow(
      expect.objectContaining({ code: 'LEDGER_FORKED', details }),
    );
    const [mine, theirs] = [note, fork.note].map((text) => verifyCheckpoint(text, keyRing(keys)));
    expect(mine!.root).not.toEqual(theirs!.root);
  });
});

describe('files that do not fit their own checkpoint', () => {
  it('accuse nobody of a fork', async () => {
    for (const [size, path, byte] of [
      [256, 'tile/1/000.p/2', 40],
      [500, 'tile/0/001', 0],
      [500, 'tile/1/000.p/2', 0],
    ] as const) {
      const { note: known } = publicFiles(keys, entries.slice(0, size));
      await expect(open(changed(path, flip(byte)), { known: [known] })).rejects.toThrow(
        code('LEDGER_ALTERED'),
      );
    }
  });
});

describe('keys that were changed', () => {
  const next = generateLogKeys('example.com/log');
  const rotated = publicFiles(keys, entries, { at: 300, keys: next });

  it('by a rotation that stands in the log are followed from the first pair, and from the last', async () => {
    for (const pinned of [keys, next])
      await (await PublicLog.open(sourceOf(rotated.files), { vkeys: pinned.vkeys, known: [] })).verify();
  });

  it('without the entry, or without the note, are refused', async () => {
    const without = new Map(rotated.files);
    without.delete('keys/001');
    await expect(open(without)).rejects.toThrow(code('LEDGER_SIGNATURE'));
    const silent = publicFiles(keys, entries, { at: 300, keys: next });
    const plain = publicFiles(next, [...entries, textBytes('\x01x')]).files;
    const hidden = new Map([...plain, ...[...silent.files].filter(([path]) => path.startsWith('keys/'))]);
    await expect((await open(hidden)).verify()).rejects.toThrow(code('LEDGER_KEYS'));
  });
});
