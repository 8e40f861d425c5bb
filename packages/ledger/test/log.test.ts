/** The log in its folder: what it records, finds, proves and refuses. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  EventLog,
  folderSource,
  generateLogKeys,
  keyRing,
  PublicLog,
  verifyDisclosure,
} from '../src/node.js';
import { copyOf, emptyFolder, filesIn } from './helpers/folder.js';

const code = (c: string) => expect.objectContaining({ code: c });
const keys = generateLogKeys('example.com/log');
const { signers, vkeys } = keys;
const event = (n: number, type = 'count') => ({ type, fields: { n, note: `secret-note-${n}` } });
const newLog = (more: object = {}) =>
  EventLog.create({ dir: join(emptyFolder(), 'log'), signers, publishEveryMs: 3_600_000, ...more });
const dirOf = (log: EventLog) => (log as unknown as { options: { dir: string } }).options.dir;

describe('a log', () => {
  it('records, proves, discloses and finds, and is the same when it is opened again', async () => {
    const log = await newLog();
    const dir = dirOf(log);
    const first = await log.append({ ...event(0), id: 'the-first', time: '2025-11-30T12:20:23Z' });
    expect(first).toEqual({ index: 0, id: 'the-first', time: '2025-11-30T12:20:23.000Z' });
    await Promise.all(
      Array.from({ length: 299 }, (_, i) => log.append(event(i + 1, i % 3 ? 'count' : 'third'))),
    );
    expect(log.size).toBe(300);
    const text = await log.disclose(257, ['n']);
    const { fields, withheld } = verifyDisclosure(text, keyRing(keys));
    expect([{ ...fields }, withheld]).toEqual([{ n: 257 }, ['id', 'note', 'time', 'type']]);
    expect(await log.get(0)).toMatchObject({
      id: 'the-first',
      type: 'count',
      fields: { n: 0, note: 'secret-note-0' },
    });
    expect((await log.find({ type: 'third', limit: 3 })).map(({ index }) => index)).toEqual([1, 4, 7]);
    expect((await log.find({ type: 'third', after: 292 })).map(({ index }) => index)).toEqual([
      292, 295, 298,
    ]);
    expect((await log.find({ to: '2025-11-30T12:20:24Z' })).map(({ id }) => id)).toEqual(['the-first']);
    expect(await log.find({ id: 'the-first', from: '2025-11-30T12:20:24Z' })).toEqual([]);
    expect(await log.find({ id: 'the-first', from: '2025-11-30T12:20:23Z' })).toHaveLength(1);
    expect(await log.find({ type: 'gone' })).toEqual([]);
    for (const bad of [{ limit: -1 }, { from: 'yesterday' }, { kind: 'x' }, { to: new Date(Number.NaN) }])
      await expect(log.find(bad as never)).rejects.toThrow(expect.objectContaining({ name: 'PotError' }));
    await log.verify();
    await log.close();
    await log.close();
    await expect(log.append(event(1))).rejects.toThrow(code('LEDGER_CLOSED'));
    const again = await EventLog.open({ dir, signers });
    expect(again.size).toBe(300);
    await again.verify();
    expect((await again.append(event(300))).index).toBe(300);
    await again.close();
    await (await PublicLog.open(folderSource(join(dir, 'public')), { vkeys })).verify();
  });

  it('writes many events at once: one frame, one sync', async () => {
    const log = await newLog();
    const journal = join(dirOf(log), 'private/journal/0000000000000000.log');
    await Promise.all(Array.from({ length: 1000 }, (_, i) => log.append(event(i))));
    const frames =
      Buffer.from(filesIn(dirOf(log)).get(journal.slice(dirOf(log).length + 1))!)
        .toString('latin1')
        .split('PoTL').length - 1;
    expect(frames).toBeLessThanOrEqual(2);
    await log.close();
  });

  it('publishes by itself', async () => {
    const log = await newLog({ publishEveryMs: 1 });
    await log.append(event(1));
    for (let i = 0; i < 500 && !existsSync(join(dirOf(log), 'public/tile/0/000.p/1')); i++)
      await new Promise((r) => setTimeout(r, 10));
    const seen = async () =>
      (await PublicLog.open(folderSource(join(dirOf(log), 'public')), { vkeys })).checkpoint.size;
    for (let i = 0; i < 500 && (await seen()) < 1; i++) await new Promise((r) => setTimeout(r, 10));
    expect(await seen()).toBe(1);
    await log.close();
  });

  it('is begun once, and only where there is none', async () => {
    const log = await newLog();
    await log.close();
    await expect(EventLog.create({ dir: dirOf(log), signers })).rejects.toThrow(code('LEDGER_EXISTS'));
    await expect(EventLog.open({ dir: emptyFolder(), signers })).rejects.toThrow(code('LEDGER_MISSING'));
    await expect(EventLog.create({ dir: '/proc/none', signers })).rejects.toThrow(code('LEDGER_WRITE'));
    await expect(EventLog.open({ dir: 'x', signers, knwon: [] } as never)).rejects.toThrow(
      code('OPTION_UNKNOWN'),
    );
    const other = generateLogKeys('example.com/log');
    await expect(EventLog.open({ dir: dirOf(log), signers: other.signers })).rejects.toThrow(
      code('LEDGER_KEYS'),
    );
  });

  it("is only its owner's but for the folder public", async () => {
    const log = await newLog();
    await log.append(event(1));
    await log.close();
    expect(statSync(join(dirOf(log), 'private')).mode & 0o777).toBe(0o700);
    expect(statSync(join(dirOf(log), 'private/journal/0000000000000000.log')).mode & 0o777).toBe(0o600);
    expect(existsSync(join(dirOf(log), 'public/checkpoint'))).toBe(true);
  });
});

describe('what is no event of this log', () => {
  it('is refused before anything is written', async () => {
    const log = await newLog();
    await log.append({ ...event(1), id: 'one', time: '2025-11-30T12:00:00Z' });
    const before = filesIn(dirOf(log));
    const refusals: [string, () => Promise<unknown>][] = [
      ['LEDGER_DUPLICATE', () => log.append({ ...event(2), id: 'one' })],
      ['LEDGER_TIME', () => log.append({ ...event(2), time: '2025-11-30T11:59:59.999Z' })],
      ['LEDGER_TIME', () => log.append({ ...event(2), time: new Date(Date.now() + 600_000) })],
      ['LEDGER_EVENT', () => log.append({ type: 'x', fields: { n: Number.NaN } })],
      ['LEDGER_EVENT', () => log.append({ type: 'x', fields: { n: 'x'.repeat(300_000) } })],
      ['FORMAT_DUPLICATE_KEY', () => log.appendJson('{"type":"x","fields":{"a":1,"a":2}}')],
      ['FORMAT_PROTO_KEY', () => log.appendJson('{"type":"x","fields":{"__proto__":1}}')],
      ['FORMAT_NOT_JSON', () => log.appendJson(Uint8Array.of(0xff))],
    ];
    for (const [expected, append] of refusals) await expect(append()).rejects.toThrow(code(expected));
    expect(filesIn(dirOf(log))).toEqual(before);
    expect(log.size).toBe(1);
    expect((await log.appendJson('{"type":"x","fields":{"a":[1,{"b":null}]}}')).index).toBe(1);
    await log.checkpoint();
    await expect(log.append({ ...event(2), id: 'one' })).rejects.toThrow(code('LEDGER_DUPLICATE'));
    await log.close();
    const again = await EventLog.open({ dir: dirOf(log), signers });
    await expect(again.append({ ...event(2), id: 'one' })).rejects.toThrow(code('LEDGER_DUPLICATE'));
    await expect(again.append({ ...event(2), time: '2025-11-30T11:00:00Z' })).rejects.toThrow(
      code('LEDGER_TIME'),
    );
    await again.close();
  });

  it('as an index of one, is refused', async () => {
    const log = await newLog();
    await expect(log.get(0)).rejects.toThrow(code('LEDGER_INDEX'));
    await log.append(event(0));
    await expect(log.disclose(0, ['gone'])).rejects.toThrow(code('LEDGER_FIELD'));
    for (const index of [1, -1, 0.5]) await expect(log.prove(index)).rejects.toThrow(code('LEDGER_INDEX'));
    await log.close();
  });
});

describe('one writer at a time', () => {
  it('a second one is refused, or waits', async () => {
    const log = await newLog();
    await log.append(event(0));
    const dir = dirOf(log);
    await expect(EventLog.open({ dir, signers })).rejects.toThrow(code('LEDGER_LOCKED'));
    const waiting = EventLog.open({ dir, signers, waitMs: 10_000 });
    await new Promise((r) => setTimeout(r, 100));
    await log.close();
    const second = await waiting;
    expect(second.size).toBe(1);
    await second.close();
  });
});

describe('rotation of keys', () => {
  it('is signed by the old keys, stands in the log, and old keys sign nothing more', async () => {
    const log = await newLog();
    const dir = dirOf(log);
    await log.append(event(0));
    const old = await log.checkpoint();
    const next = generateLogKeys('example.com/log');
    await expect(log.rotate(generateLogKeys('example.com/other').signers)).rejects.toThrow(
      code('LEDGER_KEYS'),
    );
    await expect(log.rotate(signers)).rejects.toThrow(code('LEDGER_KEYS'));
    await log.rotate(next.signers);
    await expect(log.get(1)).rejects.toThrow(code('LEDGER_INDEX'));
    expect((await log.append(event(2))).index).toBe(2);
    await log.verify();
    const proof = await log.disclose(2, ['n']);
    await log.close();
    await expect(EventLog.open({ dir, signers })).rejects.toThrow(code('LEDGER_KEYS'));
    const again = await EventLog.open({ dir, signers: next.signers, known: [old] });
    await again.verify();
    await again.rebuildIndex();
    await again.verify();
    await again.close();
    for (const pinned of [keys, next]) {
      const seen = await PublicLog.open(folderSource(join(dir, 'public')), { vkeys: pinned.vkeys });
      await seen.verify();
      expect(verifyDisclosure(proof, seen.ring).fields.n).toBe(2);
    }
    expect(() => verifyDisclosure(proof, keyRing(keys))).toThrow(code('LEDGER_SIGNATURE'));
  });

  it('that was begun and not committed means nothing', async () => {
    const log = await newLog();
    await log.append(event(0));
    await log.close();
    const rotated = copyOf(dirOf(log));
    const other = await EventLog.open({ dir: rotated, signers });
    await other.rotate(generateLogKeys('example.com/log').signers);
    await other.close();
    const { cpSync } = await import('node:fs');
    cpSync(join(rotated, 'public/keys/001'), join(dirOf(log), 'public/keys/001'));
    const again = await EventLog.open({ dir: dirOf(log), signers });
    await again.append(event(1));
    await again.verify();
    await again.close();
  });
});

it('no secret is found in public files, index or errors', async () => {
  const log = await newLog();
  const dir = dirOf(log);
  const secret = 'needle-8c1f0d';
  await log.append({ type: 'x', fields: { kept: secret, shown: 'hay' } });
  const shown = Buffer.from(await log.disclose(0, ['shown']), 'utf8');
  const errors: unknown[] = [];
  const note = (e: unknown) => void errors.push(e);
  await log.append({ type: 'x', fields: { kept: [secret, Number.NaN] } }).catch(note);
  await log.append({ type: secret.repeat(20), fields: {} }).catch(note);
  await log.append({ type: 'x', fields: { [`${secret} `]: 1 } }).catch(note);
  await log.appendJson(`{"type":"x","fields":{"a":"${secret}`).catch(note);
  await log.append({ type: 'x', fields: { a: 1 }, time: secret }).catch(note);
  await EventLog.open({ dir, signers: [signers[0].slice(0, -4), signers[1]] }).catch(note);
  await log.close();
  expect(errors).toHaveLength(6);
  const files = filesIn(dir);
  const journal = files.get('private/journal/0000000000000000.log')!;
  expect(journal.includes(secret)).toBe(true);
  const at = journal.indexOf('{"id"');
  const eventSecret = journal.subarray(at - 32, at);
  const seeds = signers.map((text) =>
    Buffer.from(text.split('+').slice(4).join('+'), 'base64').subarray(-32),
  );
  const texts = errors.map((e) =>
    Buffer.from(`${JSON.stringify(e)}${(e as Error).stack}${(e as Error).cause}`),
  );
  for (const place of [
    ...[...files].filter(([path]) => !path.includes('journal')).map(([, bytes]) => bytes),
    shown,
    ...texts,
  ]) {
    for (const needle of [Buffer.from(secret), eventSecret, ...seeds]) {
      for (const form of [
        needle,
        Buffer.from(needle.toString('base64')),
        Buffer.from(needle.toString('hex')),
      ])
        expect(place.includes(form)).toBe(false);
    }
  }
});
