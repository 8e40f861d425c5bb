/** Records for exchange: written, read, and valid only where that is found. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  type EventLog,
  generateLogKeys,
  parseRecord,
  record,
  type UniversalRecord,
  verifyRecords,
  writeRecord,
} from '../src/node.js';
import { recordSchema } from '../src/universal/schema.js';
import { newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const SCHEMA = fileURLToPath(new URL('../../../docs/protocol/universal-record.schema.json', import.meta.url));

let log: EventLog;
let vkeys: readonly string[];
let first: UniversalRecord;
let second: UniversalRecord;
beforeAll(async () => {
  ({ log, vkeys } = await newLog());
  await record(log, { name: 'one', inputs: { a: { text: 'a' } } }, (s) => s.output('b', { text: 'b' }));
  await record(log, { name: 'two', inputs: { b: { text: 'b' }, c: { text: 'c' } } }, (s) =>
    s.output('d', { text: 'd' }),
  );
  await log.append({ type: 'power', fields: { layer: 'physical', watts: 3 } });
  first = await writeRecord(log, { index: 0 });
  second = await writeRecord(log, { index: 1, fields: [], previous: first });
});
afterAll(() => log.close());

const verify = (...records: UniversalRecord[]) =>
  verifyRecords(
    records.map((one) => JSON.stringify(one)),
    { vkeys },
  );
function changed(change: (zkproof: UniversalRecord['zkproof']) => void, one = first): UniversalRecord {
  const copy = structuredClone(one);
  change(copy.zkproof);
  return copy;
}

it('has the JSON Schema that is published', () => {
  const { $schema, ...schema } = z.toJSONSchema(recordSchema, { target: 'draft-2020-12' });
  const titled = { $schema, title: 'Universal record', ...schema };
  expect(JSON.parse(readFileSync(SCHEMA, 'utf8'))).toEqual(titled);
});

describe('a record', () => {
  it('says what its proof shows, and leads to the next one', async () => {
    const [one, two] = verify(first, second);
    expect([one!.failure, two!.failure]).toEqual([undefined, undefined]);
    expect([one!.valid, two!.valid, two!.index]).toEqual([true, true, 1]);
    expect(parseRecord(JSON.stringify(first))).toEqual(first);
    const { event, layer, chain } = first.zkproof;
    expect(event).toMatchObject({
      type: 'stage',
      metadata: { name: 'one', inputs: [event.input], outputs: [event.output] },
    });
    expect([layer, chain.previous_proof, chain.block_height]).toEqual(['computation', null, 3]);
    // Of two inputs the digest of their list; what was not chosen is not there.
    expect(second.zkproof.event.input).not.toBe(event.output);
    expect(Object.keys(second.zkproof.event.metadata).sort()).toEqual(['inputs', 'outcome', 'outputs']);
    const physical = await writeRecord(log, { index: 2 });
    expect(physical.zkproof).toMatchObject({
      layer: 'physical',
      event: { input: null, metadata: { watts: 3 } },
    });
    expect(verify(physical)[0]!.valid).toBe(true);
  });

  it('is valid where that is found, whatever it says', () => {
    const [one] = verify(changed((r) => Object.assign(r, { valid: false })));
    expect([one!.valid, one!.claimed]).toEqual([true, false]);
    // The next one names it without that.
    expect(
      verify(
        changed((r) => Object.assign(r, { valid: false })),
        second,
      )[1]!.valid,
    ).toBe(true);
  });

  it.each<[string, (r: UniversalRecord['zkproof']) => void, string]>([
    ['time', (r) => Object.assign(r, { timestamp: '2026-01-01T00:00:00.000Z' }), 'LEDGER_RECORD'],
    ['layer', (r) => Object.assign(r, { layer: 'network' }), 'LEDGER_RECORD'],
    ['type', (r) => Object.assign(r.event, { type: 'training.run' }), 'LEDGER_RECORD'],
    ['input', (r) => Object.assign(r.event, { input: r.event.output }), 'LEDGER_RECORD'],
    ['metadata', (r) => Object.assign(r.event.metadata, { more: 1 }), 'LEDGER_RECORD'],
    ['commitment', (r) => Object.assign(r.proof, { commitment: r.chain.merkle_root }), 'LEDGER_RECORD'],
    ['place', (r) => Object.assign(r.proof.public_inputs, { index: 1 }), 'LEDGER_RECORD'],
    [
      'key',
      (r) => Object.assign(r.proof, { verification_key: generateLogKeys('example.com/log').vkeys }),
      'LEDGER_RECORD',
    ],
    ['root', (r) => Object.assign(r.chain, { merkle_root: r.proof.commitment }), 'LEDGER_RECORD'],
    ['height', (r) => Object.assign(r.chain, { block_height: 4 }), 'LEDGER_RECORD'],
    ['type of proof', (r) => Object.assign(r.proof, { type: 'halo2' }), 'LEDGER_RECORD'],
    [
      'proof, of another event',
      (r) =>
        Object.assign(r.proof.public_inputs, { disclosure: second.zkproof.proof.public_inputs.disclosure }),
      'LEDGER_RECORD',
    ],
    [
      'disclosed value',
      (r) =>
        Object.assign(r.proof.public_inputs, {
          disclosure: r.proof.public_inputs.disclosure.replace(/^extra ..../m, 'extra AAAA'),
        }),
      'FORMAT_NOT_JSON',
    ],
  ])('with another %s is not valid', (_, change, expected) => {
    const [one] = verify(changed(change));
    expect([one!.valid, one!.claimed, one!.failure?.code]).toEqual([false, true, expected]);
    expect(one).not.toHaveProperty('fields');
  });

  it('of another log, out of order, or behind one that is not valid, is not valid', () => {
    const { vkeys: others } = generateLogKeys('example.com/log');
    const [foreign] = verifyRecords([JSON.stringify(first)], { vkeys: others });
    expect(foreign).toMatchObject({ valid: false, failure: { code: 'LEDGER_KEYS' } });
    expect(verify(second, first).map(({ valid }) => valid)).toEqual([true, false]);
    expect(verify(first, first)[1]!.valid).toBe(false);
    const bad = changed((r) => Object.assign(r.chain, { block_height: 4 }));
    expect(verify(bad, second).map(({ valid }) => valid)).toEqual([false, false]);
  });

  it('that is none is refused', () => {
    for (const change of [
      (r: object) => Object.assign(r, { more: 1 }),
      (r: UniversalRecord['zkproof']) => Object.assign(r, { version: '2.0' }),
      (r: UniversalRecord['zkproof']) => Object.assign(r.chain, { block_height: -1 }),
      (r: UniversalRecord['zkproof']) => Object.assign(r.event, { input: 'md5:0' }),
    ])
      expect(() => verify(changed(change as never))).toThrow(code('LEDGER_RECORD'));
    expect(() => parseRecord('{"zkproof":1,"zkproof":2}')).toThrow(code('FORMAT_DUPLICATE_KEY'));
  });
});
