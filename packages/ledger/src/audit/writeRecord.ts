import { keysAt } from '../checkpoint/keyRing.js';
import { digestFrom } from '../events/digest.js';
import { FLOW_FIELDS, GUARDED_FIELDS } from '../events/kinds.js';
import type { EventLog } from '../log/eventLog.js';
import { formatVkey } from '../note/key.js';
import { recordDigest, statementOf, TLOG_PROOF, type UniversalRecord } from '../universal/schema.js';

/** What `writeRecord` takes. */
export interface WriteRecordOptions {
  /** Number of the event. */
  index: number;
  /** Fields to show besides type, time and digests; default: all but salts and texts. */
  fields?: readonly string[];
  /** The record before it. */
  previous?: UniversalRecord;
}

/**
 * An event as a record for exchange: its statement, the proof of it, and where it stands.
 *
 * Errors: `LEDGER_INDEX`, `LEDGER_FIELD`, those of `EventLog.published`.
 *
 * @example
 * const first = await writeRecord(log, { index: 3 });
 * const second = await writeRecord(log, { index: 7, fields: ['name'], previous: first });
 */
export async function writeRecord(
  log: EventLog,
  { index, fields: chosen, previous }: WriteRecordOptions,
): Promise<UniversalRecord> {
  const at = await log.published();
  const { fields, type } = await log.get(index);
  const all = Object.keys(fields);
  const needed = ['time', 'type', ...(FLOW_FIELDS[type] ?? []).filter((name) => all.includes(name))];
  const names = new Set([...needed, ...(chosen ?? all.filter((name) => !GUARDED_FIELDS.includes(name)))]);
  const disclosure = await log.disclose(index, [...names], at);
  const shown = Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)));
  const { size, root } = at.checkpoint;
  return {
    zkproof: {
      version: '1.0',
      ...statementOf(shown),
      proof: {
        type: TLOG_PROOF,
        commitment: digestFrom((await at.entry(index)).subarray(1)),
        public_inputs: { origin: at.ring.origin, index, disclosure, keys: [...at.keyNotes] },
        verification_key: keysAt(at.ring, size).map(formatVkey),
      },
      chain: {
        previous_proof: previous ? recordDigest(previous) : null,
        merkle_root: digestFrom(root),
        block_height: size,
      },
      valid: true,
    },
  };
}
