import { isPotError } from '@proof-of-training/errors';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { type Artefact, artefactDigest, bad } from '../artefact.js';
import { nameSchema } from '../events/digest.js';
import type { EventLog } from '../log/eventLog.js';
import { requireFree } from '../taint/state.js';
import { environmentNames, systemFacts } from './environment.js';

/** What `record` is told before the stage runs. */
export interface StageOptions {
  /** What the stage is called. */
  name: string;
  /** What goes in, by names. */
  inputs?: Readonly<Record<string, Artefact>>;
}

/** What a stage's function can say while it runs. */
export interface Stage {
  /** Names something else that goes in. Gives its digest. Errors: `LEDGER_ARTEFACT`. */
  input(name: string, artefact: Artefact): Promise<string>;
  /** Names what comes out. A path is hashed when the function has ended. Errors: `LEDGER_ARTEFACT`. */
  output(name: string, artefact: Artefact): void;
}

const shape = {
  name: nameSchema,
  inputs: z.record(nameSchema, z.unknown()).optional(),
} satisfies ShapeFor<StageOptions>;
const schema = z.object(shape);

/**
 * Runs a stage of a pipeline and records it: digests of what went in and came out, names of the environment's variables, times, and whether it
 * failed. Gives what the function gave, once the event is on disk; what it throws is recorded as a failure, without its message, and thrown.
 *
 * Errors: `OPTION_*`, `LEDGER_ARTEFACT`, `LEDGER_QUARANTINED`: the stage was not run; those of `EventLog.append`.
 *
 * @example
 * await record(log, { name: 'clean', inputs: { raw: { path: 'raw.csv' } } }, async (stage) => {
 *   await writeFile('clean.csv', 'a,b');
 *   stage.output('clean', { path: 'clean.csv' });
 * });
 */
export async function record<T>(
  log: EventLog,
  options: StageOptions,
  fn: (stage: Stage) => Promise<T> | T,
): Promise<T> {
  checkOptions(schema, options, 'record');
  const book = new StageBook(log, options.name);
  for (const [name, artefact] of Object.entries(options.inputs ?? {})) await book.input(name, artefact);
  const failed: { error?: unknown } = {};
  let value: T | undefined;
  try {
    value = await fn({
      input: (name, artefact) => book.input(name, artefact),
      output: (name, artefact) => book.output(name, artefact),
    });
    await book.hashOutputs();
  } catch (error) {
    failed.error = error;
  }
  const code = isPotError(failed.error) ? failed.error.code : undefined;
  const fields = await book.fields('error' in failed, code === undefined ? {} : { errorCode: code });
  await log.append({ type: 'stage', fields });
  if ('error' in failed) throw failed.error;
  return value as T;
}

/** What is known of a stage while it runs. */
export class StageBook {
  private readonly started = new Date();
  private readonly inputs = new Map<string, { digest: string; path?: string }>();
  private readonly outputs = new Map<string, Artefact>();
  /** Of outputs that are there. */
  private readonly digests = new Map<string, string>();

  constructor(
    private readonly log: EventLog,
    private readonly name: string,
  ) {}

  /** Errors: `LEDGER_ARTEFACT`, `LEDGER_QUARANTINED`. */
  async input(name: string, artefact: Artefact): Promise<string> {
    requireNew(this.inputs, name);
    const digest = await artefactDigest(artefact);
    await requireFree(this.log, digest);
    this.inputs.set(name, { digest, ...('path' in artefact && { path: artefact.path }) });
    return digest;
  }

  /** Errors: `LEDGER_ARTEFACT`. */
  output(name: string, artefact: Artefact): void {
    requireNew(this.outputs, name);
    this.outputs.set(name, artefact);
  }

  /** Errors: `LEDGER_ARTEFACT` where one is not there; the others are hashed. */
  async hashOutputs(): Promise<void> {
    let failure: unknown;
    for (const [name, artefact] of this.outputs) {
      try {
        this.digests.set(name, await artefactDigest(artefact));
      } catch (e) {
        failure ??= e;
      }
    }
    if (failure) throw failure;
  }

  /** Whether an output is there. */
  has(output: string): boolean {
    return this.digests.has(output);
  }

  /** The event's fields, once the stage has ended. */
  async fields(failed: boolean, more: object): Promise<Record<string, unknown>> {
    return {
      name: this.name,
      inputs: [...this.inputs.values()].map(({ digest }) => digest),
      inputNames: [...this.inputs.keys()],
      outputs: [...this.digests.values()],
      outputNames: [...this.digests.keys()],
      environment: environmentNames(),
      system: systemFacts(),
      outcome: failed ? 'failed' : (await this.haveChanged()) ? 'changed' : 'done',
      started: this.started.toISOString(),
      ended: new Date(Math.max(Date.now(), this.started.getTime())).toISOString(),
      ...more,
    };
  }

  /** Whether a file that went in is another one now. One that is an output as well may be. */
  private async haveChanged(): Promise<boolean> {
    const written = [...this.outputs.values()].flatMap((artefact) =>
      'path' in artefact ? [artefact.path] : [],
    );
    for (const { digest, path } of this.inputs.values()) {
      if (path === undefined || written.includes(path)) continue;
      if ((await artefactDigest({ path }).catch(() => undefined)) !== digest) return true;
    }
    return false;
  }
}

function requireNew(known: ReadonlyMap<string, unknown>, name: string): void {
  if (!nameSchema.safeParse(name).success)
    throw bad('a name of an artefact', 'must be a line of up to 256 characters');
  if (known.has(name)) throw bad(`the artefact ${name}`, 'is named twice');
}
