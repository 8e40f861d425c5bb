import type { AuditorOptions } from '../answer/evidence.js';
import { type VerifiedAnswer, verifyAnswer as verifyAnywhere } from '../answer/verifyAnswer.js';
import { runSql } from './sql.js';

/**
 * Verifies an answer about a log, offline, and queries too: that each of its events stands in the log, and that the answer is what follows from
 * them. The answer in the file is compared, never believed.
 *
 * Errors: `FORMAT_*`, `LEDGER_ANSWER`, `LEDGER_SQL`, those of `verifyDisclosures`.
 *
 * @example
 * const { answer, complete } = await verifyAnswer(await readFile('answer.json'), { vkeys });
 */
export function verifyAnswer(source: string | Uint8Array, options: AuditorOptions): Promise<VerifiedAnswer> {
  return verifyAnywhere(source, { ...options, sql: runSql });
}
