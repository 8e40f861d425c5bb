/** Mirrors: what they copy, and what a log, its server or whoever holds its keys may try with them. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { exitCodeOf, potProgram } from '@proof-of-training/core/cli';
import { describe, expect, it, vi } from 'vitest';
import {
  folderSource,
  generateLogKeys,
  type LogSource,
  mirrorAll,
  mirrorLog,
  PublicLog,
  verifyFork,
} from '../src/node.js';
import { addCommands } from '../src/pot.js';
import { textBytes } from './helpers/bytes.js';
import { emptyFolder, filesIn } from './helpers/folder.js';
import { publicFiles } from './helpers/log.js';
import { newLog } from './helpers/newLog.js';
import { sourceOf } from './helpers/tree.js';

const code = (c: string) => expect.objectContaining({ code: c });
const keys = generateLogKeys('example.com/log');
const { vkeys } = keys;
const entries = Array.from({ length: 700 }, (_, i) => textBytes(`\x01entry ${i}`));
const made = new Map<number, ReturnType<typeof publicFiles>>();
const at = (size: number) => {
  if (!made.has(size)) made.set(size, publicFiles(keys, entries.slice(0, size)));
  return made.get(size)!;
};
const other = [...entries.slice(0, 99), textBytes('\x01other'), ...entries.slice(100)];
const evil = publicFiles(keys, other);

/** A mirror of its own that has so many entries. */
function mirrorOf(size: number) {
  const dir = emptyFolder();
  for (const [path, bytes] of onDisk(at(size).files)) {
    mkdirSync(dirname(join(dir, 'public', path)), { recursive: true });
    writeFileSync(join(dir, 'public', path), bytes);
  }
  return dir;
}
const copied = (dir: string) =>
  new Map([...filesIn(join(dir, 'public'))].map(([path, bytes]) => [path, new Uint8Array(bytes)]));
/** A log's files as they lie on disk: partial tiles are gone where the full ones are there. */
const onDisk = (files: ReadonlyMap<string, Uint8Array>) =>
  new Map([...files].filter(([path]) => !files.has(path.replace(/\.p\/\d+$/, '')) || !path.includes('.p/')));
/** The folder with these files. */
function folderWith(files: ReadonlyMap<string, Uint8Array>) {
  const dir = emptyFolder();
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return dir;
}

describe('a mirror', () => {
  it('has the very files of the log, from whatever state it goes on', async () => {
    const dir = emptyFolder();
    for (const size of [0, 1, 256, 257, 700, 700]) {
      const { files, note } = at(size);
      const before = existsSync(join(dir, 'public')) ? copied(dir).get('checkpoint') : undefined;
      const done = await mirrorLog(sourceOf(files), { dir, vkeys });
      expect(done).toMatchObject({
        origin: 'example.com/log',
        size,
        note: size === 700 && before ? expect.any(String) : note,
      });
      const mine = copied(dir);
      for (const [path, bytes] of onDisk(files))
        if (path !== 'checkpoint' || done.from < size) expect(mine.get(path), path).toEqual(bytes);
      await (await PublicLog.open(folderSource(join(dir, 'public')), { vkeys })).verify();
    }
    expect(
      [...copied(dir).keys()].filter((path) => /00[01]\.p/.test(path) && !path.includes('tile/1')),
    ).toEqual([]);
  });

  it('follows a log that is being written, over a web server, and its rotations of keys', async () => {
    const { log, dir, vkeys: pinned } = await newLog();
    const root = join(dir, 'public');
    const server = createServer(({ url }, response) => {
      const path = join(root, url!);
      response.writeHead(existsSync(path) ? 200 : 404).end(existsSync(path) ? readFileSync(path) : undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const mirrors = emptyFolder();
    const sources = [`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, root];
    try {
      for (let round = 0; round < 2; round++) {
        await Promise.all(Array.from({ length: 170 }, (_, n) => log.append({ type: 'x', fields: { n } })));
        if (round === 0) await log.rotate(generateLogKeys('example.com/log').signers);
        const note = await log.checkpoint();
        const found = await mirrorAll({ sources, dir: mirrors, vkeys: pinned });
        expect(found.map((one) => one.ok && one.note)).toEqual([note, note, note]);
      }
      const proof = await log.disclose(320, ['n']);
      const mirror = await PublicLog.open(folderSource(join(mirrors, '3/public')), { vkeys: pinned });
      expect(proof.startsWith((await mirror.prove(320)).split('\n')[0]!)).toBe(true);
      await mirror.verify();
    } finally {
      server.close();
      await log.close();
    }
  });
});

describe('what a mirror refuses, and stays as it is', () => {
  it.each<[string, number, LogSource, string]>([
    ['another history', 500, sourceOf(evil.files), 'LEDGER_FORKED'],
    ['another history behind a power of two', 256, sourceOf(evil.files), 'LEDGER_FORKED'],
    ['two checkpoints of one size', 700, sourceOf(evil.files), 'LEDGER_FORKED'],
    ['an old checkpoint', 500, sourceOf(at(499).files), 'LEDGER_ROLLED_BACK'],
    ['an empty log', 500, sourceOf(at(0).files), 'LEDGER_ROLLED_BACK'],
    ['nothing', 500, sourceOf(new Map()), 'LEDGER_CUT'],
    [
      'a log of other keys',
      500,
      sourceOf(publicFiles(generateLogKeys('example.com/log'), entries).files),
      'LEDGER_KEYS',
    ],
    ['entries of another history', 500, swapped(['tile/entries/001']), 'LEDGER_ALTERED'],
    [
      'one altered entry',
      500,
      swapped(['tile/entries/002.p/188'], (b) => b.fill(7, 9, 10)),
      'LEDGER_ALTERED',
    ],
    ['a cut bundle', 500, swapped(['tile/entries/002.p/188'], (b) => b.slice(0, -1)), 'LEDGER_TILE'],
    ['a bundle that is gone', 500, swapped(['tile/entries/002.p/188'], () => undefined), 'LEDGER_CUT'],
    ['tiles that do not fit', 500, swapped(['tile/1/000.p/2'], (b) => b.fill(7, 0, 1)), 'LEDGER_ALTERED'],
  ])('%s', async (_, size, source, expected) => {
    const dir = mirrorOf(size);
    const before = copied(dir);
    await expect(mirrorLog(source, { dir, vkeys })).rejects.toThrow(code(expected));
    expect(copied(dir)).toEqual(before);
    // What a failed copy left is in nobody's way.
    if (expected !== 'LEDGER_ALTERED') return;
    const { size: now } = await mirrorLog(sourceOf(at(700).files), { dir, vkeys });
    expect(now).toBe(700);
    await (await PublicLog.open(folderSource(join(dir, 'public')), { vkeys })).verify();
  });

  it('its own files, where somebody changed them', async () => {
    for (const path of ['tile/0/001.p/244', 'tile/entries/001.p/244']) {
      const dir = mirrorOf(500);
      const file = join(dir, 'public', path);
      writeFileSync(file, readFileSync(file).fill(7, 20, 21));
      await expect(mirrorLog(sourceOf(at(700).files), { dir, vkeys })).rejects.toThrow(
        code('LEDGER_ALTERED'),
      );
    }
  });

  it('other notes about keys, of whoever holds the first pair', async () => {
    const dir = emptyFolder();
    const rotated = (n: number) =>
      publicFiles(keys, entries.slice(0, n), { at: 300, keys: generateLogKeys('example.com/log') });
    await mirrorLog(sourceOf(rotated(400).files), { dir, vkeys });
    const refused = mirrorLog(sourceOf(rotated(500).files), { dir, vkeys });
    await expect(refused).rejects.toThrow(expect.objectContaining({ name: 'PotError' }));
    expect(copied(dir).size).toBeGreaterThan(5);
  });

  it('a second process, and options that it does not know', async () => {
    const dir = mirrorOf(3);
    const slow: LogSource = {
      read: async (path) => {
        await new Promise((r) => setTimeout(r, 30));
        return at(5).files.get(path);
      },
    };
    const both = await Promise.allSettled([mirrorLog(slow, { dir, vkeys }), mirrorLog(slow, { dir, vkeys })]);
    const reasons = both.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []));
    expect(reasons).toEqual(['LEDGER_LOCKED']);
    await expect(mirrorLog(slow, { dir, vkeys, to: 'x' } as never)).rejects.toThrow(code('OPTION_UNKNOWN'));
  });

  it.skipIf(process.getuid?.() === 0 && !existsSync('/dev/full'))(
    'a folder that cannot be written',
    async () => {
      const dir = join(emptyFolder(), 'file');
      writeFileSync(dir, '');
      await expect(mirrorLog(sourceOf(at(5).files), { dir, vkeys })).rejects.toThrow(code('LEDGER_WRITE'));
    },
  );
});

describe('the report of a fork', () => {
  async function reportOf(size: number): Promise<string> {
    const dir = mirrorOf(size);
    const error = await mirrorLog(sourceOf(evil.files), { dir, vkeys }).catch((e) => e);
    return readFileSync(error.details.report, 'utf8');
  }

  it('convinces everyone who has the keys', async () => {
    for (const size of [500, 512, 700])
      expect(verifyFork(await reportOf(size), { vkeys })).toEqual({
        origin: 'example.com/log',
        sizes: [size, 700],
      });
  });

  it('that is none convinces nobody', async () => {
    const report = JSON.parse(await reportOf(500));
    const refuse = (change: object, expected: string, pinned = vkeys) =>
      expect(() => verifyFork(JSON.stringify({ ...report, ...change }), { vkeys: pinned })).toThrow(
        code(expected),
      );
    refuse({ path: undefined }, 'LEDGER_FORK_REPORT');
    refuse({ path: report.path.slice(1) }, 'LEDGER_FORK_REPORT');
    refuse({ path: [report.path[1], report.path[0], ...report.path.slice(2)] }, 'LEDGER_FORK_REPORT');
    refuse({ notes: [report.notes[0], report.notes[0]], path: undefined }, 'LEDGER_FORK_REPORT');
    refuse({ notes: [report.notes[1], report.notes[0]] }, 'LEDGER_FORK_REPORT');
    refuse({ notes: [at(500).note, at(700).note] }, 'LEDGER_FORK_REPORT');
    refuse({ more: 1 }, 'LEDGER_FORK_REPORT');
    refuse({}, 'LEDGER_KEYS', generateLogKeys('example.com/log').vkeys);
    refuse({ notes: [report.notes[0], report.notes[1].replace('700', '701')] }, 'LEDGER_SIGNATURE');
  });
});

describe('several mirrors', () => {
  it('find out a log that shows different readers different histories', async () => {
    const [one, two] = [folderWith(at(700).files), folderWith(evil.files)];
    const dir = emptyFolder();
    const found = await mirrorAll({ sources: [one, two], dir, vkeys });
    expect(found.map((result) => (result.ok ? 'ok' : result.failure.code))).toEqual([
      'LEDGER_FORKED',
      'LEDGER_FORKED',
      'LEDGER_FORKED',
    ]);
  });

  it('refuse an older state than one of them had, each by itself', async () => {
    const dir = emptyFolder();
    const [new_, old] = [folderWith(at(700).files), folderWith(at(500).files)];
    expect((await mirrorAll({ sources: [new_], dir, vkeys, count: 2 })).every(({ ok }) => ok)).toBe(true);
    rmSync(join(dir, '2'), { recursive: true });
    const [first, second] = await mirrorAll({ sources: [new_, old], dir, vkeys, count: 2 });
    expect([first?.ok, second?.ok === false && second.failure.code]).toEqual([true, 'LEDGER_ROLLED_BACK']);
  });
});

it('pot audit mirror keeps three, and exits with 1 where one refuses', async () => {
  const out: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => !!out.push(String(chunk)));
  const pot = (...args: string[]) => {
    const program = potProgram();
    addCommands(program);
    return exitCodeOf(program, args).finally(() => {
      process.exitCode = undefined;
    });
  };
  const dir = emptyFolder();
  const [pins, mirrors] = [join(dir, 'vkeys'), join(dir, 'mirrors')];
  writeFileSync(pins, vkeys.join('\n'));
  try {
    expect(await pot('audit', 'mirror', folderWith(at(300).files), mirrors, '--vkeys', pins)).toBe(0);
    expect(out.join('')).toContain('3: 300 entries, 300 new');
    expect(await pot('audit', 'mirror', folderWith(evil.files), mirrors, '--vkeys', pins)).toBe(1);
    const report = /report of the fork: (.*)\n/.exec(out.join(''))![1]!;
    expect(await pot('audit', 'verify', report, '--vkeys', pins)).toBe(0);
    expect(out.join('')).toContain('two histories, of 300 and of 700 entries');
    expect(await pot('audit', 'verify', join(mirrors, '2'), '--vkeys', pins)).toBe(0);
  } finally {
    spy.mockRestore();
  }
});

/** The log of 700 entries, with files of the other history in it, or changed ones. */
function swapped(paths: string[], change?: (bytes: Uint8Array) => Uint8Array | undefined): LogSource {
  const files = new Map(at(700).files);
  const evil = publicFiles(keys, [...entries.slice(0, 505), textBytes('\x01other'), ...entries.slice(506)]);
  for (const path of paths) {
    const bytes = change ? change(files.get(path)!.slice()) : evil.files.get(path);
    if (bytes) files.set(path, bytes);
    else files.delete(path);
  }
  return sourceOf(files);
}
