import type { ProverResult } from '@proof-of-training/core';
import { isPotError, PotError } from '@proof-of-training/errors';
import { isSignedBy } from '../identity/identity.js';
import { parseResult, signedText } from '../message/messages.js';
import type { Wanted } from './attempt.js';
import type { Roster } from './roster.js';

/** Failures of what verifies that say nothing about the proof. */
const OWN = ['PROVER_ABORTED', 'PROVER_CLOSED', 'PROVER_CRASHED', 'TASK_TOO_LARGE'];

/** What a result is worth. */
export type Judged =
  | { ok: true; result: ProverResult }
  /** It does not count; nobody is to blame. */
  | { ok: false; error: PotError }
  /** A worker of the list has signed a proof that does not hold. */
  | { ok: false; error: PotError; liar: { id: string; name: string } };

/**
 * Judges what a worker returned: whether it is a result, of a worker in the list, signed by it, and holds for the statement that was
 * asked for, which `check` of what is wanted verifies here. Errors: `PROVER_ABORTED`, `PROVER_CLOSED`, `CLUSTER_IDENTITY`.
 */
export async function judge(
  value: unknown,
  { statement, check }: Pick<Wanted, 'statement' | 'check'>,
  roster: Roster,
): Promise<Judged> {
  let said: ReturnType<typeof parseResult>;
  try {
    said = parseResult(value);
  } catch (e) {
    return { ok: false, error: e as PotError };
  }
  const worker = await roster.trusted(said.worker);
  if (!worker) {
    const text = `a result of worker ${said.worker}, which is not in the list or is set aside`;
    return { ok: false, error: new PotError('CLUSTER_REVOKED', text) };
  }
  if (!isSignedBy(worker, signedText(statement, said.proof), said.signature)) {
    return {
      ok: false,
      error: new PotError('CLUSTER_MESSAGE', `a result that ${worker.name} has not signed`),
    };
  }
  const proof = new Uint8Array(Buffer.from(said.proof, 'base64'));
  try {
    await check(proof);
  } catch (e) {
    if (OWN.some((code) => isPotError(e, code))) throw e;
    const { id, name } = worker;
    return { ok: false, error: e as PotError, liar: { id, name } };
  }
  const { ms, keygenMs, key } = said;
  const times = { ms, ...(keygenMs !== undefined && { keygenMs }), ...(key && { key }) };
  return { ok: true, result: { proof, ...times } };
}
