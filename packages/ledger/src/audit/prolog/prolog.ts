import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { PotError } from '@proof-of-training/errors';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import type { ShownEvent } from '../../answer/evidence.js';
import type { Replayed } from '../replay.js';
import { factsOf } from './facts.js';
import { LIBRARY } from './program.js';

/** What Prolog binds a variable to; other terms as they are written. */
export type PrologValue = string | number | PrologValue[];

/** What `askProlog` takes. */
export interface PrologOptions {
  /** A goal, with its full stop or without. */
  goal: string;
  /** Rules of the auditor's own. */
  program?: string;
  /** What `replay` gave, for `zkaudit_replay/2`. */
  replayed?: readonly Replayed[];
  /** Inferences for each solution; default a million. */
  maxInferences?: number;
  /** Milliseconds in all; default 30,000. */
  maxMs?: number;
}

const schema = z.object({
  goal: z.string().min(1).max(100_000),
  program: z.string().max(1_000_000).optional(),
  replayed: z.array(z.looseObject({})).optional(),
  maxInferences: z.int().min(1).max(1_000_000_000).optional(),
  maxMs: z.int().min(1).max(3_600_000).optional(),
} satisfies ShapeFor<PrologOptions>);

const MAX_SOLUTIONS = 10_000;
const FILE = fileURLToPath(new URL('../../../dist/audit/prolog/worker.js', import.meta.url));

/**
 * Asks events in Prolog: `zkaudit/2`, `zkaudit_trace/3`, `zkaudit_replay/2`, `zkaudit_integrity/2`, `zkaudit_infrastructure/2` and the facts below
 * them (docs/operate/audit.md). It runs in a thread of its own, without files, and ends by inferences or time.
 *
 * Errors: `LEDGER_PROLOG` for what is no Prolog, throws, or does not end; `OPTION_*`.
 *
 * @param events such as `verifyAnswer` gives: then what Prolog finds is about entries that are in the log
 *
 * @example
 * const { events } = await verifyAnswer(answer, { vkeys });
 * const solutions = await askProlog(events, { goal: 'zkaudit(Entry, type(stage)), zkaudit_integrity(Entry, Status)' });
 */
export async function askProlog(
  events: readonly ShownEvent[],
  options: PrologOptions,
): Promise<Record<string, PrologValue>[]> {
  checkOptions(schema, options, 'askProlog');
  const { program = '', replayed = [], maxInferences = 1_000_000, maxMs = 30_000 } = options;
  const goal = options.goal.trim().replace(/\.$/, '');
  const worker = new Worker(FILE, {
    workerData: {
      texts: [factsOf(events, replayed), LIBRARY, program],
      goal: `${goal}.`,
      ...{ inferences: maxInferences, most: MAX_SOLUTIONS },
    },
    ...{ argv: [], execArgv: [], env: {}, stdin: false, stdout: true, stderr: true },
    resourceLimits: { maxOldGenerationSizeMb: 2048 },
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      timer = setTimeout(() => reject(refused(`it takes more than ${maxMs} ms`)), maxMs);
      worker.once('message', (said: { ok: Record<string, PrologValue>[] } | { error: string }) => {
        if ('ok' in said) resolve(said.ok);
        else reject(refused(said.error));
      });
      worker.once('error', (cause) => reject(refused('the interpreter gave up', cause)));
      worker.once('exit', () => reject(refused('it ended the interpreter')));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

function refused(why: string, cause?: unknown): PotError {
  return new PotError('LEDGER_PROLOG', `Prolog gives no answer: ${why}`, {
    hint: 'docs/operate/audit.md lists the predicates. Programs have no files, and end by inferences or time.',
    ...(cause !== undefined && { cause }),
  });
}
