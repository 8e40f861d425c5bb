/** Events: what is one, its one form, and what a disclosure of some of its fields proves. */
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, toBase64 } from '../src/bytes.js';
import { checkpointText } from '../src/checkpoint/checkpoint.js';
import { keyRing } from '../src/checkpoint/keyRing.js';
import { commitEvent, commitField, saltsOf } from '../src/event/commit.js';
import { checkEvent, fieldsJson, type LedgerEvent, readEventJson } from '../src/event/fields.js';
import { canonicalJson, generateLogKeys, verifyDisclosure, verifyDisclosures } from '../src/index.js';
import { entryOf } from '../src/log/secretEvent.js';
import { TileReader } from '../src/merkle/tileReader.js';
import { formatNote, signNote } from '../src/note/note.js';
import { parseSigner } from '../src/note/signer.js';
import { discloseFields } from '../src/proof/disclosure.js';
import { formatTlogProof, parseTlogProof } from '../src/proof/tlogProof.js';
import { treeOf } from './helpers/tree.js';

const code = (c: string) => expect.objectContaining({ code: c });
const missing = { id: () => 'an-id', time: () => Date.UTC(2026, 10, 30) };
const check = (event: unknown) => checkEvent(event as LedgerEvent, missing);

describe('canonical JSON', () => {
  it("RFC 8785's own example", () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e-27, 4.5, 2e-3, 1e-27],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e-27,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
    // Names in the order of UTF-16 code units.
    expect(
      canonicalJson({ '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, ö: 7 }),
    ).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
    expect(canonicalJson(-0)).toBe('0');
  });

  it('is what JSON.parse gives back, whatever the order of the names', () => {
    const property = fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      let text: string;
      try {
        text = canonicalJson(value);
      } catch (e) {
        expect(e).toMatchObject({ code: 'LEDGER_EVENT' });
        return;
      }
      expect(canonicalJson(JSON.parse(text))).toBe(text);
    });
    fc.assert(property, { seed: 1, numRuns: 200 });
  });

  const circle: Record<string, unknown> = {};
  circle.self = circle;
  let deep: unknown = 1;
  for (let i = 0; i < 5000; i++) deep = [deep];
  it.each<[string, unknown]>([
    ['NaN', Number.NaN],
    ['infinity', { a: -Infinity }],
    ['an integer that rounds', 2 ** 53],
    ['undefined', [undefined]],
    ['a hole', new Array(2)],
    ['a function', { a: () => 1 }],
    ['a BigInt', 1n],
    ['a symbol', { [Symbol('a')]: 1 }],
    ['a Date', new Date()],
    ['a Map', new Map()],
    ['bytes', new Uint8Array(2)],
    ['half a surrogate', 'a\udc00'],
    ['half a surrogate in a name', { '\ud800': 1 }],
    ['__proto__', JSON.parse('{"__proto__":{"a":1}}')],
    ['a circle', circle],
    ['what is too deep', deep],
    ['what is too large', 'x'.repeat((1 << 18) + 1)],
    ['too many values', new Array(1e7)],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(code('LEDGER_EVENT'));
  });

  it('reads a value once, and tells nothing of a getter that throws', () => {
    let reads = 0;
    expect(
      canonicalJson({
        get a() {
          return ++reads;
        },
      }),
    ).toBe('{"a":1}');
    const bad = {
      get a() {
        throw new Error('secret-9f3a');
      },
    };
    try {
      canonicalJson(bad);
      expect.unreachable();
    } catch (e) {
      expect(`${JSON.stringify(e)} ${(e as Error).cause} ${(e as Error).stack}`).not.toContain('secret-9f3a');
    }
  });
});

describe('an event', () => {
  it('has id, time and type among its fields, in the order of the names', () => {
    const event = check({
      type: 'inference',
      fields: { output: 'x', Input: [1] },
      time: '2026-11-30T12:20:23Z',
    });
    expect(fieldsJson(event.fields)).toBe(
      '{"Input":[1],"id":"an-id","output":"x","time":"2026-11-30T12:20:23.000Z","type":"inference"}',
    );
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['no type', { fields: {} }],
    ['a type with a space', { type: 'a b', fields: {} }],
    ['no fields', { type: 'a' }],
    ['a list as fields', { type: 'a', fields: [] }],
    ['a field named id', { type: 'a', fields: { id: 1 } }],
    ['a field named __proto__', { type: 'a', fields: JSON.parse('{"__proto__":1}') }],
    ['a name with a newline', { type: 'a', fields: { 'a\nb': 1 } }],
    [
      'too many fields',
      { type: 'a', fields: Object.fromEntries(Array.from({ length: 62 }, (_, i) => [`f${i}`, i])) },
    ],
    [
      'too many bytes in all',
      { type: 'a', fields: Object.fromEntries([1, 2, 3].map((i) => [`f${i}`, 'é'.repeat(50_000)])) },
    ],
    ['an unknown member', { type: 'a', fields: {}, salt: 'x' }],
    ['an id with a space', { type: 'a', fields: {}, id: 'a b' }],
    ['a time without zone', { type: 'a', fields: {}, time: '2026-11-30T12:20:23' }],
    ['the thirtieth of February', { type: 'a', fields: {}, time: '2026-02-30T12:20:23Z' }],
    ['no time', { type: 'a', fields: {}, time: new Date(Number.NaN) }],
  ])('is not %s', (_, event) => {
    expect(() => check(event)).toThrow(code('LEDGER_EVENT'));
  });

  it.each<[string, string | Uint8Array, string]>([
    ['a name twice', '{"type":"a","fields":{"a":1,"a":2}}', 'FORMAT_DUPLICATE_KEY'],
    ['__proto__', '{"type":"a","fields":{"__proto__":1}}', 'FORMAT_PROTO_KEY'],
    ['what is too deep', `{"type":"a","fields":{"a":${'['.repeat(99)}${']'.repeat(99)}}}`, 'FORMAT_TOO_DEEP'],
    ['bytes that are no UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), 'FORMAT_NOT_JSON'],
    ['NaN', '{"type":"a","fields":{"a":NaN}}', 'FORMAT_NOT_JSON'],
    ['what is huge', ' '.repeat(1 << 19), 'FORMAT_TOO_LARGE'],
  ])('as JSON is not %s', (_, text, expected) => {
    expect(() => check(readEventJson(text))).toThrow(code(expected));
  });
});

const ORIGIN = 'example.com/log';
const keys = generateLogKeys(ORIGIN);
const ring = keyRing(keys);
const secrets = [0, 1, 2].map(() => new Uint8Array(randomBytes(32)));
const events = ['red', 'green', 'red'].map((colour, i) =>
  check({ type: 'choice', id: `event-${i}`, fields: { colour, note: `private ${i}`, weight: i + 0.5 } }),
);
const { builder, source } = treeOf(events.map(({ fields }, i) => commitEvent(ORIGIN, fields, secrets[i]!)));
const head = checkpointText({ origin: ORIGIN, size: 3, root: builder.root() });
const checkpoint = formatNote(signNote(head, keys.signers.map(parseSigner)));

async function disclose(
  index: number,
  names: string[],
  change = (extra: Uint8Array) => extra,
): Promise<string> {
  const path = await new TileReader(source, 3).inclusionPath(index);
  const extra = change(discloseFields(ORIGIN, events[index]!.fields, secrets[index]!, names));
  return formatTlogProof({ index, path, checkpoint, extra });
}
interface Extra {
  format: string;
  fields: Record<string, unknown>[];
}
const asJson = (extra: Uint8Array) => JSON.parse(new TextDecoder().decode(extra)) as Extra;
const changed = (change: (value: Extra) => void) => (extra: Uint8Array) => {
  const value = asJson(extra);
  change(value);
  return bytesOf(canonicalJson(value));
};

it('the log computes the entry that a verifier does', () => {
  const property = fc.property(
    fc.dictionary(fc.stringMatching(/^[A-Za-z][\w.-]{0,63}$/), fc.jsonValue()),
    (own) => {
      const { id: _i, time: _t, type: _y, __proto__: _p, ...fields } = own;
      const secret = new Uint8Array(randomBytes(32));
      let event: ReturnType<typeof check>;
      try {
        event = check({ type: 'any', fields });
      } catch {
        return;
      }
      expect(entryOf(ORIGIN, { fields: event.fields, secret })).toEqual(
        commitEvent(ORIGIN, event.fields, secret),
      );
    },
  );
  fc.assert(property, { seed: 1, numRuns: 100 });
});

describe('a disclosure', () => {
  it('shows the chosen fields and nothing else', async () => {
    const text = await disclose(1, ['colour', 'time']);
    const { fields, withheld, index, origin } = verifyDisclosure(text, ring);
    expect({ ...fields }).toEqual({ colour: 'green', time: '2026-11-30T00:00:00.000Z' });
    expect([withheld, index, origin]).toEqual([['id', 'note', 'type', 'weight'], 1, ORIGIN]);
    const shown = Buffer.from(parseTlogProof(text).extra!).toString();
    for (const secret of ['private', 'event-1', 'choice', '1.5']) expect(shown).not.toContain(secret);
    const salts = saltsOf(secrets[1]!, 6).map(toBase64);
    expect(salts.map((salt) => shown.includes(salt))).toEqual([true, false, false, true, false, false]);
    expect(shown).not.toContain(toBase64(secrets[1]!));
  });

  it('cannot be found by trying values: equal values have different commitments', () => {
    const of = (i: number) => {
      const field = events[i]!.fields.find(({ name }) => name === 'colour')!;
      return toBase64(commitField(ORIGIN, field, saltsOf(secrets[i]!, 6)[0]!));
    };
    expect(of(0)).not.toBe(of(2));
  });

  it.each<[string, (value: Extra) => void, string]>([
    [
      'a value',
      (v) => {
        v.fields[0]!.value = 'blue';
      },
      'LEDGER_NOT_INCLUDED',
    ],
    [
      'a salt',
      (v) => {
        v.fields[0]!.salt = toBase64(randomBytes(32));
      },
      'LEDGER_NOT_INCLUDED',
    ],
    [
      'a name',
      (v) => {
        v.fields[0]!.name = 'color';
      },
      'LEDGER_NOT_INCLUDED',
    ],
    [
      'a commitment',
      (v) => {
        v.fields[1]!.commitment = toBase64(randomBytes(32));
      },
      'LEDGER_NOT_INCLUDED',
    ],
    [
      'a field taken away',
      (v) => {
        v.fields.pop();
      },
      'LEDGER_NOT_INCLUDED',
    ],
    [
      'a field twice',
      (v) => {
        v.fields.unshift(v.fields[0]!);
      },
      'LEDGER_DISCLOSURE',
    ],
    [
      'the order',
      (v) => {
        v.fields.reverse();
      },
      'LEDGER_DISCLOSURE',
    ],
    [
      'a salt that is short',
      (v) => {
        v.fields[0]!.salt = 'AAAA';
      },
      'LEDGER_DISCLOSURE',
    ],
    [
      'a member more',
      (v) => {
        v.fields[0]!.more = 1;
      },
      'LEDGER_DISCLOSURE',
    ],
    [
      'the format',
      (v) => {
        v.format = 'x';
      },
      'LEDGER_DISCLOSURE',
    ],
  ])('with %s changed is refused', async (_, change, expected) => {
    const text = await disclose(0, ['colour'], changed(change));
    expect(() => verifyDisclosure(text, ring)).toThrow(code(expected));
  });

  it("with another event's field, or moved to another event, is refused", async () => {
    const other = asJson(discloseFields(ORIGIN, events[1]!.fields, secrets[1]!, ['colour'])).fields[0]!;
    const moved = await disclose(
      0,
      ['colour'],
      changed((v) => {
        v.fields[0] = other;
      }),
    );
    expect(() => verifyDisclosure(moved, ring)).toThrow(code('LEDGER_NOT_INCLUDED'));
    const proof = parseTlogProof(await disclose(0, ['colour']));
    const elsewhere = formatTlogProof({ ...parseTlogProof(await disclose(1, [])), extra: proof.extra! });
    expect(() => verifyDisclosure(elsewhere, ring)).toThrow(code('LEDGER_NOT_INCLUDED'));
  });

  it("of another log's event does not fit: the log's name is in each commitment", async () => {
    const field = events[0]!.fields[0]!;
    const salt = saltsOf(secrets[0]!, 6)[0]!;
    expect(commitField('other.example', field, salt)).not.toEqual(commitField(ORIGIN, field, salt));
  });

  it('that is no canonical JSON, or no disclosure, is refused', async () => {
    const spaced = await disclose(0, ['colour'], (extra) => bytesOf(JSON.stringify(asJson(extra), null, 1)));
    expect(() => verifyDisclosure(spaced, ring)).toThrow(code('LEDGER_DISCLOSURE'));
    const { extra: _, ...bare } = parseTlogProof(await disclose(0, []));
    expect(() => verifyDisclosure(formatTlogProof(bare), ring)).toThrow(code('LEDGER_DISCLOSURE'));
    for (const text of [
      '',
      'x\n\ny',
      'c2sp.org/tlog-proof@v1\nindex 01\n\nx',
      'c2sp.org/tlog-proof@v1\nindex 1\nAA==\n\nx',
    ])
      expect(() => verifyDisclosure(text, ring)).toThrow(code('LEDGER_PROOF_FORMAT'));
  });

  it('of a salt that serves two events is refused together with the other', async () => {
    const texts = [await disclose(0, ['colour']), await disclose(2, ['colour'])];
    expect(verifyDisclosures(texts, ring).map(({ fields }) => fields.colour)).toEqual(['red', 'red']);
    expect(verifyDisclosures([texts[0]!, texts[0]!], ring)).toHaveLength(2);
    const again = treeOf([0, 1].map(() => commitEvent(ORIGIN, events[0]!.fields, secrets[0]!)));
    const signed = signNote(
      checkpointText({ origin: ORIGIN, size: 2, root: again.builder.root() }),
      keys.signers.map(parseSigner),
    );
    const extra = discloseFields(ORIGIN, events[0]!.fields, secrets[0]!, ['colour']);
    const both = await Promise.all(
      [0, 1].map(async (index) => {
        const path = await new TileReader(again.source, 2).inclusionPath(index);
        return formatTlogProof({ index, path, checkpoint: formatNote(signed), extra });
      }),
    );
    expect(() => verifyDisclosures(both, ring)).toThrow(code('LEDGER_SALT_REUSED'));
  });

  it('names fields that the event has', async () => {
    await expect(disclose(0, ['gone'])).rejects.toThrow(code('LEDGER_FIELD'));
  });
});
