import { printable } from '@proof-of-training/errors';
import type { Json } from '../event/canonical.js';
import { file } from './file.js';
import { gitCommit } from './gitCommit.js';
import { inference } from './inference.js';
import type { Flow, Kind } from './kind.js';
import { requireFields } from './kind.js';
import { llmCall } from './llmCall.js';
import { logAnchor } from './logAnchor.js';
import { observation } from './observation.js';
import { packageDownload } from './package.js';
import { policyCheck } from './policyCheck.js';
import { quarantine, quarantineRelease } from './quarantine.js';
import { stage } from './stage.js';
import { taint } from './taint.js';
import { trainingRun } from './trainingRun.js';

/** Kinds of events that have a schema. Events of other types are their owner's. */
const KINDS: readonly Kind[] = [
  stage,
  file,
  llmCall,
  trainingRun,
  inference,
  taint,
  policyCheck,
  quarantine,
  quarantineRelease,
  logAnchor,
  packageDownload,
  gitCommit,
  observation,
];
const BY_TYPE: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind.type, kind]));
const OWN = ['id', 'time', 'type'];

/** Fields by which events of each kind say what was made from what. */
export const FLOW_FIELDS: Readonly<Record<string, readonly string[]>> = {
  stage: ['inputs', 'outputs', 'outcome'],
  file: ['digest'],
  package: ['digest'],
  'git.commit': ['files'],
  observation: ['contentDigest'],
  'llm.call': ['prompt', 'answer'],
  'training.run': ['dataset', 'weightsBefore', 'base', 'weightsAfter', 'file', 'verification'],
  inference: ['weights', 'frozen', 'input', 'output', 'file', 'verification'],
};

/** Fields that open others, or are the very thing that digests stand for: shown only where they are named. */
export const GUARDED_FIELDS: readonly string[] = [
  'promptSalt',
  'answerSalt',
  'answerTextSalt',
  'promptContent',
  'answerContent',
  'content',
];

/** Whether events of a type have a schema. */
export function isKnownType(type: unknown): boolean {
  return typeof type === 'string' && BY_TYPE.has(type);
}

type Fields = Readonly<Record<string, Json>>;

/** Refuses an event of a kind that is known here whose fields are not that kind's. Errors: `LEDGER_EVENT`. */
export function requireKind(type: string, fields: () => Fields): void {
  const kind = BY_TYPE.get(type);
  if (kind) requireFields(kind, withoutOwn(fields()));
}

/** The kind of an event whose fields, as far as they are disclosed, are that kind's; undefined for all others. */
export function kindOf({ type, ...fields }: Fields): Kind | undefined {
  const kind = typeof type === 'string' ? BY_TYPE.get(type) : undefined;
  return kind?.fits(withoutOwn(fields)) ? kind : undefined;
}

/**
 * What an event says, in one line. Of an event that is only partly disclosed: what is known.
 *
 * @param fields with `type`, as they are in an event or a disclosure
 *
 * @example
 * const { fields } = verifyDisclosure(proof, keyRing({ vkeys }));
 * console.log(eventText(fields));
 */
export function eventText(fields: Fields): string {
  const kind = kindOf(fields);
  if (kind) return printable(kind.text(withoutOwn(fields)));
  const { type } = fields;
  if (typeof type !== 'string') return 'event of undisclosed type';
  return printable(BY_TYPE.has(type) ? `${type}, with fields that such events do not have` : `${type}`);
}

/**
 * What an event says to have made from what, as digests: nothing for events that are of no kind with a schema.
 *
 * @example
 * const { inputs, outputs } = eventFlow((await log.get(7)).fields);
 */
export function eventFlow(fields: Fields): Flow {
  return kindOf(fields)?.flow(withoutOwn(fields)) ?? { inputs: [], outputs: [] };
}

/** The same for taint: outputs of what failed or was refused count. */
export function eventSpread(fields: Fields): Flow {
  return kindOf(fields)?.spread(withoutOwn(fields)) ?? { inputs: [], outputs: [] };
}

function withoutOwn(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN.includes(name)));
}
