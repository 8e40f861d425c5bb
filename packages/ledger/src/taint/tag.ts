import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { type Artefact, artefactDigest } from '../artefact.js';
import { nameSchema } from '../events/digest.js';
import type { TaintTag } from '../events/taint.js';
import type { Appended, EventLog } from '../log/eventLog.js';

/** What `recordTaint` takes. */
export interface TaintOptions {
  artefact: Artefact;
  /** Who is behind it. */
  source: string;
  /** Where it was got. */
  origin: string;
  /** When; default: now. */
  timestamp?: Date;
  /** Which shard of the dataset `artefact`. */
  shard?: number;
}

const schema = z.object({
  artefact: z.record(z.string(), z.unknown()),
  source: nameSchema,
  origin: nameSchema,
  timestamp: z.date().optional(),
  shard: z.int().min(0).optional(),
} satisfies ShapeFor<TaintOptions>);

/**
 * Records where something comes from. What is made of it does too, by the stages, runs and inferences that are recorded, whether before or
 * after. Errors: `OPTION_*`, `LEDGER_ARTEFACT`, those of `EventLog.append`.
 *
 * @example
 * await recordTaint(log, { artefact: { path: 'rows.csv' }, source: 'example.com', origin: 'https://example.com/rows.csv' });
 */
export async function recordTaint(
  log: EventLog,
  options: TaintOptions,
): Promise<Appended & { tag: TaintTag }> {
  checkOptions(schema, options, 'recordTaint');
  const { artefact, source, origin, timestamp = new Date(), shard } = options;
  const tag: TaintTag = {
    source,
    origin,
    timestamp: timestamp.toISOString(),
    hash: await artefactDigest(artefact),
    ...(shard !== undefined && { shard }),
  };
  return { ...(await log.append({ type: 'taint', fields: { tags: [tag] } })), tag };
}
