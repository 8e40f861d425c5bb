/** Notes, keys and checkpoints against those that others made: Go's sumdb, C2SP's pages, sum.golang.org. */

import { ed25519 } from '@noble/curves/ed25519.js';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bigEndian, concat } from '../src/bytes.js';
import { checkpointText } from '../src/checkpoint/checkpoint.js';
import { keyRing, writeKeyNote } from '../src/checkpoint/keyRing.js';
import {
  formatVkey,
  generateLogKeys,
  openNote,
  parseCheckpoint,
  parseVkey,
  refuseFork,
  verifyCheckpoint,
} from '../src/index.js';
import { verifierKey } from '../src/note/key.js';
import { formatNote, parseNote, signNote } from '../src/note/note.js';
import { cosignedHead, cosignedNote } from '../src/note/signature.js';
import { parseSigner } from '../src/note/signer.js';

const code = (c: string) => expect.objectContaining({ code: c });

const NEUMANN = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const NEUMANN_SECRET = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const NEUMANN_NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n\n" +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const C2SP = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k';
const C2SP_NOTE =
  'This is an example message.\n\n' +
  '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n';
const SUMDB = 'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8';
const SUMDB_NOTE =
  'go.sum database tree\n35225469\nvt5T6GaLCXvyHFl9VUvvItR43XZxfLgftEcTyO3eJCQ=\n\n' +
  '— sum.golang.org Az3grpukl5AXaVfYkLiDGORx/DN2nlcS5kZHR5uYOBV2KA2HgXpD+gu9HHONebHLAyaKbbTM75QTtPydhKCExixSfwQ=\n';

describe('notes of others', () => {
  it.each([
    ["of Go's note", NEUMANN, NEUMANN_NOTE],
    ["of C2SP's page", C2SP, C2SP_NOTE],
    ['of sum.golang.org', SUMDB, SUMDB_NOTE],
  ])('%s open, and not with a character changed', (_, vkey, note) => {
    expect(formatNote(openNote(note, [parseVkey(vkey)]))).toBe(note);
    const end = note.indexOf('\n\n');
    for (const at of [0, 5, end - 1, note.length - 4, note.length - 30]) {
      const changed = note.slice(0, at) + (note[at] === 'e' ? 'f' : 'e') + note.slice(at + 1);
      expect(() => openNote(changed, [parseVkey(vkey)])).toThrow(
        expect.objectContaining({ name: 'PotError' }),
      );
    }
  });

  it("Go's signer signs the same here", () => {
    const { text } = parseNote(NEUMANN_NOTE);
    expect(formatNote(signNote(text, [parseSigner(NEUMANN_SECRET)]))).toBe(NEUMANN_NOTE);
  });

  it('a checkpoint of sum.golang.org is read', () => {
    expect(parseCheckpoint(SUMDB_NOTE)).toMatchObject({ origin: 'go.sum database tree', size: 35225469 });
  });
});

describe('keys', () => {
  it("no part of Go's key, and none with a byte changed, is a key", () => {
    for (let i = 0; i < NEUMANN.length; i++) {
      const next = String.fromCharCode(NEUMANN.charCodeAt(i) + 1);
      for (const bad of [
        NEUMANN.slice(i + 1),
        NEUMANN.slice(0, i),
        NEUMANN.slice(0, i) + next + NEUMANN.slice(i + 1),
      ])
        expect(() => parseVkey(bad), bad).toThrow(code('LEDGER_KEY_INVALID'));
    }
    for (const bad of [
      'PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==',
      'PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW',
    ])
      expect(() => parseVkey(bad)).toThrow(code('LEDGER_KEY_INVALID'));
  });

  it('a secret key that is none is not quoted', () => {
    const bad = `${NEUMANN_SECRET.slice(0, -2)}AA`;
    try {
      parseSigner(bad);
      expect.unreachable();
    } catch (e) {
      expect(JSON.stringify(e)).not.toContain(bad.slice(34, 50));
    }
  });

  it('names have no spaces, plus signs and controls', () => {
    for (const name of ['', 'a b', 'a+b', 'a\u00a0b', 'a\nb', 'a\u2003', '\ud800', 'x'.repeat(256)])
      expect(() => generateLogKeys(name), JSON.stringify(name)).toThrow(code('LEDGER_KEY_INVALID'));
  });
});

describe('notes that are none', () => {
  it.each([
    ['nothing', ''],
    ['no signature', 'text\n\n'],
    ['no empty line', 'text\n— a AAAAAAA=\n'],
    ['no newline at the end', C2SP_NOTE.slice(0, -1)],
    ['a tab', C2SP_NOTE.replace(' is', '\tis')],
    ['half a surrogate', `\ud800${C2SP_NOTE}`],
    ['a signature with spaces', C2SP_NOTE.replace('— example', '—  example')],
    ['a name with a plus sign', C2SP_NOTE.replace('example.com/foo', 'a+b')],
    ['base64 in another form', C2SP_NOTE.replace('aQM=', 'aQN=')],
    ['too many signatures', `a\n\n${'— a AAAAAAA=\n'.repeat(65)}`],
    ['too many bytes', `${'a'.repeat(1 << 18)}\n\n— a AAAAAAA=\n`],
  ])('%s', (_, note) => {
    expect(() => parseNote(note)).toThrow(code('LEDGER_NOTE'));
  });

  it('bytes that are not UTF-8', () => {
    const bytes = new TextEncoder().encode(C2SP_NOTE);
    bytes[3] = 0xff;
    expect(() => parseNote(bytes)).toThrow(code('LEDGER_NOTE'));
  });

  it('any text gives a note or a PotError', () => {
    const property = fc.property(fc.string({ unit: 'binary-ascii', maxLength: 200 }), (text) => {
      try {
        expect(formatNote(parseNote(`${text}\n\n— a AAAAAAA=\n`))).toBe(`${text}\n\n— a AAAAAAA=\n`);
      } catch (e) {
        expect(e).toMatchObject({ code: 'LEDGER_NOTE' });
      }
    });
    fc.assert(property, { seed: 1, numRuns: 300 });
  });
});

const ORIGIN = 'example.com/log';
const [first, second, third] = [0, 1, 2].map(() => generateLogKeys(ORIGIN)) as [LogKeys, LogKeys, LogKeys];
type LogKeys = ReturnType<typeof generateLogKeys>;
const signersOf = ({ signers }: LogKeys) => signers.map(parseSigner);
const root = new Uint8Array(32).fill(7);
const signed = (keys: LogKeys, size = 5, hash = root) =>
  formatNote(signNote(checkpointText({ origin: ORIGIN, size, root: hash }), signersOf(keys)));

describe('checkpoints', () => {
  it('are signed by Ed25519 and ML-DSA-65; neither alone suffices', () => {
    const ring = keyRing(first);
    expect(verifyCheckpoint(signed(first), ring)).toMatchObject({ origin: ORIGIN, size: 5, root });
    expect(first.vkeys.map((vkey) => formatVkey(parseVkey(vkey)))).toEqual(first.vkeys);
    const lines = signed(first).split('\n');
    for (const line of [4, 5]) {
      const one = lines.filter((_, i) => i !== line).join('\n');
      expect(() => verifyCheckpoint(one, ring)).toThrow(code('LEDGER_SIGNATURE'));
    }
    expect(() => verifyCheckpoint(signed(second), ring)).toThrow(code('LEDGER_SIGNATURE'));
    expect(() => verifyCheckpoint(signed(first).replace('\n5\n', '\n6\n'), ring)).toThrow(
      code('LEDGER_SIGNATURE'),
    );
  });

  it('of another log, or no checkpoints at all, are refused', () => {
    expect(() => verifyCheckpoint(SUMDB_NOTE, keyRing(first))).toThrow(code('LEDGER_ORIGIN'));
    for (const text of ['a\nb\n', 'a\n05\nAA==\n', `a\n5\n${Buffer.alloc(31).toString('base64')}\n`])
      expect(() => parseCheckpoint(formatNote(signNote(text, [parseSigner(NEUMANN_SECRET)])))).toThrow(
        code('LEDGER_CHECKPOINT'),
      );
  });

  it('two of one size and different roots are a fork, with both notes', () => {
    const notes = [signed(first), signed(first, 5, new Uint8Array(32))];
    const [one, other] = notes.map((note) => verifyCheckpoint(note, keyRing(first)));
    expect(() => refuseFork(one!, other!)).toThrow(
      expect.objectContaining({ code: 'LEDGER_FORKED', details: { notes } }),
    );
    expect(() => refuseFork(one!, one!)).not.toThrow();
  });
});

describe('witnesses', () => {
  const name = 'witness.example/w';
  const text = checkpointText({ origin: ORIGIN, size: 5, root });
  const seed = new Uint8Array(32).fill(3);
  const pq = ml_dsa44.keygen(seed);
  const keys = [
    verifierKey(name, 'cosignature-ed25519', ed25519.getPublicKey(seed)),
    verifierKey(name, 'cosignature-ml-dsa-44', pq.publicKey),
  ];
  const cosigned = (time: number, wrong = 0) => {
    const at = bigEndian(time, 8);
    const head = cosignedHead(name, text, time + wrong)!;
    const both = [ed25519.sign(cosignedNote(text, time + wrong), seed), ml_dsa44.sign(head, pq.secretKey)];
    const more = keys.map(({ id }, i) => ({ name, id, signature: concat(at, both[i]!) }));
    const own = signNote(text, signersOf(first));
    return formatNote({ text, signatures: [...own.signatures, ...more] });
  };

  it('cosign with a time, by Ed25519 and by ML-DSA-44', () => {
    const witnesses = { keys, threshold: 2 };
    expect(verifyCheckpoint(cosigned(1679315147), keyRing(first), { witnesses }).size).toBe(5);
    expect(() => verifyCheckpoint(cosigned(1679315147, 1), keyRing(first), { witnesses })).toThrow(
      code('LEDGER_SIGNATURE'),
    );
    expect(() => verifyCheckpoint(signed(first), keyRing(first), { witnesses })).toThrow(
      code('LEDGER_WITNESSES'),
    );
  });

  it('sign what tlog-cosignature says, to the byte', () => {
    expect(new TextDecoder().decode(cosignedNote('o\n1\nr\n', 1679315147))).toBe(
      'cosignature/v1\ntime 1679315147\no\n1\nr\n',
    );
    const head = Buffer.from(cosignedHead('w', checkpointText({ origin: 'log', size: 258, root }), 1)!);
    const expected = `737562747265652f76310a00 0177 0000000000000001 036c6f67 ${'00'.repeat(8)} 0000000000000102 ${'07'.repeat(32)}`;
    expect(head.toString('hex')).toBe(expected.replaceAll(' ', ''));
  });
});

describe('rotations of keys', () => {
  const note0 = writeKeyNote(signersOf(first), 0);
  const before = { note: note0, number: 0, signers: signersOf(first) };
  const note1 = writeKeyNote(signersOf(second), 10, before);
  const note2 = writeKeyNote(signersOf(third), 20, { note: note1, number: 1, signers: signersOf(second) });
  const notes = [note0, note1, note2];

  it('each pair signs from its size on, and not before or after', () => {
    const ring = keyRing({ vkeys: second.vkeys, notes });
    const spans = [
      [first, 0, 9],
      [second, 10, 19],
      [third, 20, 99],
    ] as const;
    for (const [keys, from, to] of spans) {
      for (const size of [9, 10, 19, 20]) {
        const verify = () => verifyCheckpoint(signed(keys, size), ring);
        if (from <= size && size <= to) expect(verify).not.toThrow();
        else expect(verify).toThrow(code('LEDGER_SIGNATURE'));
      }
    }
    for (const pinned of [first, third]) expect(keyRing({ vkeys: pinned.vkeys, notes })).toEqual(ring);
  });

  it("without the old keys' word are refused", () => {
    const { text, signatures } = parseNote(note1);
    for (const gone of [0, 1, 2, 3]) {
      const cut = formatNote({ text, signatures: signatures.filter((_, i) => i !== gone) });
      expect(() => keyRing({ vkeys: first.vkeys, notes: [note0, cut] })).toThrow(code('LEDGER_SIGNATURE'));
    }
    const own = writeKeyNote(signersOf(third), 10, { ...before, signers: signersOf(third) });
    expect(() => keyRing({ vkeys: first.vkeys, notes: [note0, own] })).toThrow(code('LEDGER_SIGNATURE'));
  });

  it('that leave one out, change the order, keep a key or hide the pinned ones are refused', () => {
    const ring =
      (all: string[], vkeys: readonly string[] = first.vkeys) =>
      () =>
        keyRing({ vkeys, notes: all });
    expect(ring([note0, note2])).toThrow(code('LEDGER_KEYS'));
    expect(ring([note1, note2])).toThrow(code('LEDGER_KEYS'));
    expect(ring(notes, generateLogKeys(ORIGIN).vkeys)).toThrow(code('LEDGER_KEYS'));
    expect(ring(notes, generateLogKeys('example.com/other').vkeys)).toThrow(code('LEDGER_KEYS'));
    const again = writeKeyNote(signersOf(first), 20, before);
    expect(ring([note0, again])).toThrow(code('LEDGER_KEYS'));
    const early = writeKeyNote(signersOf(second), 0, before);
    expect(ring([note0, early])).toThrow(code('LEDGER_KEYS'));
    expect(ring([note0], first.vkeys)).not.toThrow();
    expect(() => keyRing({ vkeys: [first.vkeys[0]] })).toThrow(code('LEDGER_KEYS'));
  });
});
