import type { Json } from '../event/canonical.js';
import { kindOf } from '../events/kinds.js';
import { parseVkey } from '../note/key.js';
import { openNote } from '../note/note.js';
import type { KnownEvent } from './lineage.js';

/** First line of a note that releases. */
const RELEASE = 'proof-of-training/ledger-release@v1';

/** A quarantine that holds. */
export interface Quarantined {
  /** Number and id of the event. */
  index: number;
  id: string;
  artefact: string;
  releaseKeys: readonly string[];
}

/** The text of a note that releases: of one log, one quarantine, one artefact. */
export function releaseText(origin: string, { id, artefact }: { id: string; artefact: string }): string {
  return `${RELEASE}\n${origin}\n${id}\n${artefact}\n`;
}

/** Whether a note releases what a quarantine holds: signed by one of the keys that its event names, and about it alone. */
export function isRelease(origin: string, held: Quarantined, note: string): boolean {
  return held.releaseKeys.some((vkey) => {
    try {
      return openNote(note, [parseVkey(vkey)]).text === releaseText(origin, held);
    } catch {
      return false;
    }
  });
}

/** What is in quarantine by the events of a log, in its order. A release without a valid signature counts for nothing. */
export function quarantinedBy(origin: string, events: Iterable<KnownEvent>): Map<string, Quarantined[]> {
  const held = new Map<string, Quarantined[]>();
  for (const event of events) applyQuarantine(origin, held, event);
  return held;
}

/** Adds what one more event says. */
export function applyQuarantine(
  origin: string,
  held: Map<string, Quarantined[]>,
  { index, fields }: KnownEvent,
): void {
  const type = kindOf(fields)?.type;
  const artefact = text(fields.artefact);
  const before = held.get(artefact) ?? [];
  if (type === 'quarantine') {
    const releaseKeys = (fields.releaseKeys ?? []) as readonly string[];
    held.set(artefact, [...before, { index, id: text(fields.id), artefact, releaseKeys }]);
  }
  if (type !== 'quarantine.release') return;
  const left = before.filter(
    (one) => one.id !== fields.quarantine || !isRelease(origin, one, text(fields.note)),
  );
  if (left.length > 0) held.set(artefact, left);
  else held.delete(artefact);
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
