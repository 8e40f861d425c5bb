import { PotError } from '@proof-of-training/errors';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import { bytesOf, fromBase64, textOf, toBase64 } from '../bytes.js';
import { type Checkpoint, verifyCheckpoint, type Witnesses } from '../checkpoint/checkpoint.js';
import type { KeyRing } from '../checkpoint/keyRing.js';
import { canonicalJson, type Json, MAX_DEPTH } from '../event/canonical.js';
import { type Commitment, commitField, eventEntry, SALT_BYTES, saltsOf } from '../event/commit.js';
import { type Field, isFieldName, MAX_FIELDS, valuesOf } from '../event/fields.js';
import { MAX_PROOF_BYTES, parseTlogProof, provenUnder } from './tlogProof.js';

/** What the `extra` line of a disclosure is. */
const FORMAT = 'proof-of-training/ledger-disclosure@v1';

/** A field in the `extra` line: opened, or its commitment alone. */
type Shown = { name: string; salt: string; value: Json } | { name: string; commitment: string };

/** What a disclosure proves. */
export interface Disclosed {
  origin: string;
  /** Number of the event in the log. */
  index: number;
  /** The values that are disclosed, by their names. The object has no prototype. */
  fields: Record<string, Json>;
  /** Names of the fields that the event has besides, whose values are not disclosed. */
  withheld: string[];
  checkpoint: Checkpoint;
}

/**
 * The `extra` bytes of a disclosure: the chosen fields with salt and value, of the others name and commitment.
 *
 * Errors: `LEDGER_FIELD` where the event has no field of a name.
 */
export function discloseFields(
  origin: string,
  fields: readonly Field[],
  secret: Uint8Array,
  names: readonly string[],
): Uint8Array {
  const gone = names.find((name) => !fields.some((field) => field.name === name));
  if (gone !== undefined) {
    throw new PotError('LEDGER_FIELD', `the event has no field ${String(gone).slice(0, 64)}`, {
      details: { fields: fields.map(({ name }) => name) },
      hint: 'Name fields that it has.',
    });
  }
  const salts = saltsOf(secret, fields.length);
  const shown = fields.map((field, i): Shown => {
    const { name, json } = field;
    return names.includes(name)
      ? { name, salt: toBase64(salts[i]!), value: JSON.parse(json) as Json }
      : { name, commitment: toBase64(commitField(origin, field, salts[i]!)) };
  });
  return bytesOf(canonicalJson({ format: FORMAT, fields: shown }));
}

/**
 * Verifies a disclosure, offline: that an event with these values of these fields stands in the log. It has at most one value for a name.
 *
 * Errors: those of `verifyTlogProof`, `LEDGER_DISCLOSURE`; `LEDGER_NOT_INCLUDED` also where a value, a salt or a name was altered, or is of
 * another event.
 *
 * @example
 * const { fields, withheld } = verifyDisclosure(text, keyRing({ vkeys }));
 * console.log(fields.output, withheld);
 */
export function verifyDisclosure(
  source: string | Uint8Array,
  ring: KeyRing,
  options: { witnesses?: Witnesses } = {},
): Disclosed {
  return readDisclosure(source, ring.origin, believed(ring, options)).disclosed;
}

/**
 * Verifies several disclosures together: each by itself, and that no salt serves two fields.
 *
 * Errors: those of {@link verifyDisclosure}; `LEDGER_SALT_REUSED`.
 *
 * @example
 * for (const { index, fields } of verifyDisclosures([first, second], keyRing({ vkeys }))) console.log(index, fields.type);
 */
export function verifyDisclosures(
  sources: readonly (string | Uint8Array)[],
  ring: KeyRing,
  options: { witnesses?: Witnesses } = {},
): Disclosed[] {
  const requireFresh = freshSalts();
  const checkpointOf = believed(ring, options);
  return sources.map((source) => requireFresh(readDisclosure(source, ring.origin, checkpointOf)));
}

/** Verifies each checkpoint once. */
function believed(ring: KeyRing, options: { witnesses?: Witnesses }): (note: string) => Checkpoint {
  const known = new Map<string, Checkpoint>();
  return (note) => {
    const checkpoint = known.get(note) ?? verifyCheckpoint(note, ring, options);
    known.set(note, checkpoint);
    return checkpoint;
  };
}

/** What a disclosure proves, and the salts that it shows. */
export interface ReadDisclosure {
  disclosed: Disclosed;
  salts: readonly (readonly [name: string, salt: string])[];
  entry: Uint8Array;
}

/** Refuses what has a salt of another field that was given before. Errors of what it gives: `LEDGER_SALT_REUSED`. */
export function freshSalts(): (read: ReadDisclosure) => Disclosed {
  const used = new Map<string, string>();
  return ({ disclosed, salts }) => {
    for (const [name, salt] of salts) {
      const place = `${disclosed.index} ${name}`;
      if ((used.get(salt) ?? place) !== place) throw reused(disclosed.index, name);
      used.set(salt, place);
    }
    return disclosed;
  };
}

/** Verifies a disclosure under checkpoints of `checkpointOf`, which verifies them. Errors: those of {@link verifyDisclosure}. */
export function readDisclosure(
  source: string | Uint8Array,
  origin: string,
  checkpointOf: (note: string) => Checkpoint,
): ReadDisclosure {
  const { extra } = parseTlogProof(source);
  if (!extra) throw malformed('it has no extra line');
  const shown = parseExtra(extra);
  const open = shown.flatMap((field) =>
    'value' in field ? [{ ...field, json: canonicalJson(field.value) }] : [],
  );
  const committed = shown.map((field): Commitment => {
    if (!('value' in field)) return { name: field.name, commitment: hashOf(field.commitment) };
    const json = canonicalJson(field.value);
    return {
      name: field.name,
      commitment: commitField(origin, { name: field.name, json }, hashOf(field.salt)),
    };
  });
  const salts = open.map(({ name, salt }) => [name, salt] as const);
  if (new Set(open.map(({ salt }) => salt)).size < open.length) throw reused(-1, open[0]!.name);
  const entry = eventEntry(origin, committed);
  const { index, checkpoint } = provenUnder(source, entry, checkpointOf);
  const withheld = shown.flatMap((field) => ('value' in field ? [] : [field.name]));
  const disclosed: Disclosed = { origin, index, fields: valuesOf(open), withheld, checkpoint };
  return { disclosed, salts, entry };
}

/** The fields of an `extra` line, in the one form that it may have. */
function parseExtra(extra: Uint8Array): Shown[] {
  const value = readStrictJson(
    extra,
    { maxBytes: MAX_PROOF_BYTES, maxDepth: MAX_DEPTH + 4 },
    'the disclosure',
  );
  const { format, fields } = (value ?? {}) as { format?: unknown; fields?: unknown };
  if (format !== FORMAT || !Array.isArray(fields)) throw malformed('its extra line is of another format');
  if (canonicalJson(value) !== textOf(extra)) throw malformed('its extra line is no canonical JSON');
  if (fields.length > MAX_FIELDS) throw malformed(`it has more than ${MAX_FIELDS} fields`);
  for (const [i, field] of fields.entries()) {
    const keys = typeof field === 'object' && field !== null ? Object.keys(field).join() : '';
    const isShown = keys === 'name,salt,value' || keys === 'commitment,name';
    if (!isShown || !isFieldName(field.name)) throw malformed('a field of its extra line is none');
    // Ascending, hence no name twice: an event cannot have two values for one name.
    if (i > 0 && fields[i - 1].name >= field.name)
      throw malformed('its fields are not in the order of their names');
  }
  return fields as Shown[];
}

function hashOf(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? fromBase64(text) : undefined;
  if (bytes?.length === SALT_BYTES) return bytes;
  throw malformed('a salt or commitment has not 32 bytes');
}

function reused(index: number, name: string): PotError {
  return new PotError('LEDGER_SALT_REUSED', `a salt serves the field ${name} and another one`, {
    details: { index, name },
    hint: 'Equal values can be told from their commitments: ask for the events to be recorded anew.',
  });
}

function malformed(why: string): PotError {
  return new PotError('LEDGER_DISCLOSURE', `this is no disclosure of an event: ${why}`, {
    hint: 'Give a .tlog-proof file that disclose() wrote.',
  });
}
