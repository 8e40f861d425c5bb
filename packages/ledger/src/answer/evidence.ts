import { concat } from '../bytes.js';
import { type Checkpoint, verifyCheckpoint, type Witnesses } from '../checkpoint/checkpoint.js';
import { keyNoteHash, keyRing } from '../checkpoint/keyRing.js';
import { ROTATION } from '../event/entry.js';
import type { KnownEvent } from '../lineage/lineage.js';
import { freshSalts, readDisclosure } from '../proof/disclosure.js';
import { provenUnder } from '../proof/tlogProof.js';
import { type Evidence, unfit } from './format.js';

/** What an auditor believes. */
export interface AuditorOptions {
  /** Both keys of the log, pinned: those of any time. */
  vkeys: readonly string[];
  witnesses?: Witnesses;
}

/** An event of the evidence: what is shown of it, and which fields are not. */
export interface ShownEvent extends KnownEvent {
  withheld: readonly string[];
}

/** Evidence that was verified. */
export interface Opened {
  origin: string;
  checkpoint: Checkpoint;
  /** In the order of the log. */
  events: readonly ShownEvent[];
  /** Entries that are shown, rotations of keys with them, ascending. */
  covered: readonly number[];
  /** Whether that is every entry of the log at this checkpoint. */
  complete: boolean;
}

/**
 * Verifies that every event of some evidence stands in the log where it says, with the values that it shows.
 *
 * Errors: those of `keyRing`, `verifyCheckpoint` and `verifyDisclosure`; `LEDGER_SALT_REUSED`; `LEDGER_ANSWER` where an entry is there twice.
 */
export function openEvidence(evidence: Evidence, { vkeys, witnesses }: AuditorOptions): Opened {
  const ring = keyRing({ vkeys, notes: evidence.keys });
  const checkpoint = verifyCheckpoint(evidence.checkpoint, ring, witnesses && { witnesses });
  const checkpointOf = (note: string) => {
    if (note === evidence.checkpoint) return checkpoint;
    throw unfit('an entry is of another checkpoint');
  };
  const requireFresh = freshSalts();
  const shown = new Map<number, ShownEvent | undefined>();
  for (const { proof, keys } of evidence.entries) {
    const source = `${proof}\n\n${evidence.checkpoint}`;
    if (keys === undefined) {
      const { index, fields, withheld } = requireFresh(readDisclosure(source, ring.origin, checkpointOf));
      if (shown.has(index)) throw unfit(`event ${index} is there twice`);
      shown.set(index, { index, fields, withheld });
    } else {
      const note = evidence.keys[keys];
      if (note === undefined) throw unfit('a rotation has no note');
      const { index } = provenUnder(source, concat(Uint8Array.of(ROTATION), keyNoteHash(note)), checkpointOf);
      if (shown.has(index)) throw unfit(`entry ${index} is there twice`);
      shown.set(index, undefined);
    }
  }
  const covered = [...shown.keys()].sort((a, b) => a - b);
  const events = covered.map((index) => shown.get(index)).filter((event) => event !== undefined);
  return { origin: ring.origin, checkpoint, events, covered, complete: covered.length === checkpoint.size };
}
