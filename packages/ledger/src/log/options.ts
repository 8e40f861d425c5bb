import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { parseSigner, type Signer } from '../note/signer.js';
import type { EventQuery } from './eventIndex.js';
import { nodeSigner } from './nodeSigner.js';

/** What `EventLog.create` takes. */
export interface CreateLogOptions {
  /** Folder of the log: `public` in it is for everyone, `private` for its owner. */
  dir: string;
  /** Both signers, as `generateLogKeys` gave them; the log's origin is their name. */
  signers: readonly string[];
  /** Milliseconds from a commit to the checkpoint that has it; default 1,000. */
  publishEveryMs?: number;
}

/** What `EventLog.open` takes. */
export interface OpenLogOptions extends CreateLogOptions {
  /** Checkpoints that the log must continue: of an anchor, a mirror, an earlier day. */
  known?: readonly string[];
  /** How long to wait for another process that writes the log; default 0. */
  waitMs?: number;
  /** Told what was found and mended. */
  onWarning?: (message: string) => void;
}

const createShape = {
  dir: z.string().min(1),
  signers: z.array(z.string()).length(2),
  publishEveryMs: z.int().min(0).max(3_600_000).optional(),
} satisfies ShapeFor<CreateLogOptions>;

const openShape = {
  ...createShape,
  known: z.array(z.string()).optional(),
  waitMs: z.int().min(0).optional(),
  onWarning: z.function().optional(),
} satisfies ShapeFor<OpenLogOptions>;

const moment = z.union([z.date(), z.iso.datetime()]).optional();
const queryShape = {
  type: z.string().optional(),
  id: z.string().optional(),
  from: moment,
  to: moment,
  limit: z.int().min(1).max(1_000_000).optional(),
  after: z.int().min(0).optional(),
} satisfies ShapeFor<EventQuery>;
const querySchema = z.object(queryShape);

/** Errors: `OPTION_INVALID`, `OPTION_UNKNOWN`. */
export function checkQuery(query: EventQuery): EventQuery {
  return checkOptions(querySchema, query, 'log.find');
}

const createSchema = z.object(createShape);
const openSchema = z.object(openShape);

/** Errors: `OPTION_INVALID`, `OPTION_UNKNOWN`. */
export function checkCreate(options: CreateLogOptions): CreateLogOptions {
  return checkOptions(createSchema, options, 'EventLog.create');
}

/** Errors: `OPTION_INVALID`, `OPTION_UNKNOWN`. */
export function checkOpen(options: OpenLogOptions): OpenLogOptions {
  return checkOptions(openSchema, options, 'EventLog.open');
}

/** Errors: `LEDGER_KEY_INVALID`. */
export function signersOf(texts: readonly string[]): Signer[] {
  return texts.map((text) => {
    const { type, seed, ...signer } = parseSigner(text);
    return type === 'ed25519' ? nodeSigner(signer.key, seed) : signer;
  });
}
