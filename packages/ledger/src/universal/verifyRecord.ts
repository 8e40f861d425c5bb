import { asPotError, type PotErrorJson } from '@proof-of-training/errors';
import canonicalize from 'canonicalize';
import type { AuditorOptions } from '../answer/evidence.js';
import { verifyCheckpoint } from '../checkpoint/checkpoint.js';
import { keyRing, keysAt } from '../checkpoint/keyRing.js';
import type { Json } from '../event/canonical.js';
import { digestFrom } from '../events/digest.js';
import { formatVkey } from '../note/key.js';
import { readDisclosure } from '../proof/disclosure.js';
import { parseRecord, recordDigest, statementOf, TLOG_PROOF, type UniversalRecord, unfit } from './schema.js';

/** What was found of a record. */
export interface VerifiedRecord {
  /** As it was found; what the record says of itself is `claimed`. */
  valid: boolean;
  claimed: boolean;
  /** Why it is not valid. */
  failure?: PotErrorJson;
  record: UniversalRecord;
  /** Number of the event in its log, and the fields that are shown; only where it is valid. */
  index?: number;
  fields?: Readonly<Record<string, Json>>;
}

/**
 * Verifies records that follow each other, offline, under the keys that the verifier pinned: each by its proof, that it says nothing but what
 * the proof shows, that it names the one before by its digest, and that its event lies behind the one before. `valid` is found, never read.
 *
 * Errors: `FORMAT_*` and `LEDGER_RECORD` for what is no record. That one does not hold is no error.
 *
 * @example
 * const [{ valid, failure }] = verifyRecords([await readFile('record.json')], { vkeys });
 */
export function verifyRecords(
  sources: readonly (string | Uint8Array)[],
  options: AuditorOptions,
): VerifiedRecord[] {
  const found: VerifiedRecord[] = [];
  for (const source of sources) {
    const record = parseRecord(source);
    const claimed = record.zkproof.valid;
    try {
      const shown = verified(record, options);
      const before = found.at(-1);
      if (before) requireNext(record, shown.index, before);
      found.push({ valid: true, claimed, record, ...shown });
    } catch (e) {
      found.push({ valid: false, claimed, failure: asPotError(e).toJSON(), record });
    }
  }
  return found;
}

function verified({ zkproof }: UniversalRecord, { vkeys, witnesses }: AuditorOptions) {
  const { proof, chain, valid: _, version, ...said } = zkproof;
  const { origin, index: place, disclosure, keys } = proof.public_inputs;
  if (proof.type !== TLOG_PROOF) throw unfit(`a proof of type ${proof.type.slice(0, 64)} is not known here`);
  const ring = keyRing({ vkeys, notes: keys });
  const { disclosed, entry } = readDisclosure(disclosure, ring.origin, (note) =>
    verifyCheckpoint(note, ring, witnesses && { witnesses }),
  );
  const { index, fields, checkpoint } = disclosed;
  const follows = {
    ...statementOf(fields),
    proof: {
      type: TLOG_PROOF,
      commitment: digestFrom(entry.subarray(1)),
      public_inputs: { origin: ring.origin, index, disclosure, keys },
      verification_key: keysAt(ring, checkpoint.size).map(formatVkey),
    },
    chain: {
      previous_proof: chain.previous_proof,
      merkle_root: digestFrom(checkpoint.root),
      block_height: checkpoint.size,
    },
  };
  if (origin !== ring.origin || place !== index)
    throw unfit('the record names another log or place than its proof');
  if (canonicalize({ ...said, proof, chain }) !== canonicalize(follows as never))
    throw unfit('the record says something else than its proof shows');
  return { index, fields };
}

/** The one before must hold: what follows from a record that does not is no chain. */
function requireNext({ zkproof }: UniversalRecord, index: number, before: VerifiedRecord): void {
  if (before.index === undefined) throw unfit('the record before it is not valid');
  if (zkproof.chain.previous_proof !== recordDigest(before.record))
    throw unfit('it does not name the record before it');
  if (index <= before.index) throw unfit('its event does not lie behind that of the record before it');
}
