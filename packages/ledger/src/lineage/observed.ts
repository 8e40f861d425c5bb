import { canonicalJson, type Json } from '../event/canonical.js';
import { digestOfBytes } from '../events/digest.js';
import { parseVkey } from '../note/key.js';
import { openNote } from '../note/note.js';

/** The text of a collector's note: of one log and one record. */
export function observationText(origin: string, contentDigest: string): string {
  return `proof-of-training/ledger-observation@v1\n${origin}\n${contentDigest}\n`;
}

/**
 * Whether a collector has signed an observation for this log, and its content, where that is shown, is what it has signed.
 *
 * @param fields as a disclosure has them: `contentDigest` and `note`, perhaps `content`
 *
 * @example
 * const { fields, origin } = verifyDisclosure(proof, keyRing({ vkeys }));
 * console.log(isObservedBy(fields, origin, collectorVkey));
 */
export function isObservedBy(fields: Readonly<Record<string, Json>>, origin: string, vkey: string): boolean {
  const { content, contentDigest, note } = fields;
  if (typeof contentDigest !== 'string' || typeof note !== 'string') return false;
  try {
    if (content !== undefined && digestOfBytes(canonicalJson(content)) !== contentDigest) return false;
    return openNote(note, [parseVkey(vkey)]).text === observationText(origin, contentDigest);
  } catch {
    return false;
  }
}
