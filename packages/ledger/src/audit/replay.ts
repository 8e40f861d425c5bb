import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import { makeFolder } from '@proof-of-training/halo2-wasm/node';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { digestOnDisk } from '../artefact.js';
import { kindOf } from '../events/kinds.js';
import type { KnownEvent } from '../lineage/lineage.js';
import { run } from '../record/command.js';

/** What `replay` takes. */
export interface ReplayOptions {
  /** Folder in which what went into the first stages lies, by the names that were recorded. */
  artefacts: string;
  /** Longest that a command may take; default ten minutes. */
  maxMs?: number;
  /** Says no, by throwing, to what must not be read. */
  requireFree?: (digest: string) => Promise<void>;
}

/** What replaying a stage gave. */
export interface Replayed {
  index: number;
  name: string;
  /** `not replayed`: what was recorded does not suffice, or an input is not there. */
  result: 'same' | 'different' | 'not replayed';
  /** Why it was not replayed, or how it ended otherwise than recorded. */
  why?: string;
  /** Outputs that are others than recorded; `found` is null where there is none. */
  differs: { name: string; recorded: string; found: string | null }[];
}

const schema = z.object({
  artefacts: z.string().min(1),
  maxMs: z.int().min(1).optional(),
  requireFree: z.function().optional(),
} satisfies ShapeFor<ReplayOptions>);

/** A stage that can be replayed. */
interface Recorded {
  name: string;
  command: string[];
  inputs: string[];
  inputNames: string[];
  outputs: string[];
  outputNames: string[];
  exitCode?: number;
}

/**
 * Runs recorded commands again, in the order of the log, each in a new folder with its inputs alone, and compares what comes out. What a stage
 * made goes into later ones by its digest. Commands of other people's answers run with the rights of this process: look at them first.
 *
 * Errors: `OPTION_*`.
 *
 * @example
 * const results = await replay(await log.find({ type: 'stage' }), { artefacts: 'data' });
 * console.log(results.filter(({ result }) => result === 'different'));
 */
export async function replay(events: Iterable<KnownEvent>, options: ReplayOptions): Promise<Replayed[]> {
  checkOptions(schema, options, 'replay');
  const root = await mkdtemp(join(tmpdir(), 'pot-replay-'));
  const made = new Map<string, string>();
  const results: Replayed[] = [];
  try {
    for (const { index, fields } of [...events].sort((a, b) => a.index - b.index)) {
      if (fields.type !== 'stage') continue;
      const name = typeof fields.name === 'string' ? fields.name : '(undisclosed)';
      const folder = join(root, String(index));
      const why = kindOf(fields) ? unfit(fields) : 'its fields are not those of a stage';
      const stage = fields as unknown as Recorded;
      results.push({
        index,
        name,
        ...(why === undefined ? await again(stage, folder, made, options) : skipped(why)),
      });
    }
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return results;
}

type Outcome = Pick<Replayed, 'result' | 'why' | 'differs'>;

const NEEDED = ['command', 'inputs', 'inputNames', 'outputs', 'outputNames', 'outcome'];

/** Why a stage cannot be replayed by what is known of it. */
function unfit(fields: KnownEvent['fields']): string | undefined {
  const missing = NEEDED.find((name) => fields[name] === undefined);
  if (missing === 'command') return 'it was no command, or does not show it';
  if (missing) return `it does not show ${missing}`;
  const { inputs, inputNames, outputs, outputNames } = fields as unknown as Recorded;
  if (inputs.length !== inputNames.length || outputs.length !== outputNames.length)
    return 'its names do not fit its digests';
  if (fields.outcome !== 'done') return `it was recorded as ${fields.outcome}`;
  const outside = [...inputNames, ...outputNames].some(
    (name) => isAbsolute(name) || name.split(/[/\\]/).includes('..'),
  );
  return outside ? 'a name leads out of its folder' : undefined;
}

async function again(
  stage: Recorded,
  folder: string,
  made: Map<string, string>,
  options: ReplayOptions,
): Promise<Outcome> {
  makeFolder(folder);
  for (const [i, digest] of stage.inputs.entries()) {
    const why = await put(digest, stage.inputNames[i]!, folder, made, options);
    if (why !== undefined) return skipped(why);
  }
  const signal = AbortSignal.timeout(options.maxMs ?? 600_000);
  const { exitCode } = await run(stage.command, folder, { stdio: 'ignore', signal });
  const differs: Outcome['differs'] = [];
  for (const [i, recorded] of stage.outputs.entries()) {
    const name = stage.outputNames[i]!;
    const path = join(folder, name);
    const found = await digestOnDisk(path).then(
      ({ digest }) => digest,
      () => null,
    );
    if (found === recorded) made.set(recorded, path);
    else differs.push({ name, recorded, found });
  }
  const expected = stage.exitCode ?? 0;
  if (exitCode !== expected)
    return { result: 'different', why: `exit code ${exitCode}, not ${expected}`, differs };
  return { result: differs.length > 0 ? 'different' : 'same', differs };
}

/** Puts an input where the command reads it: one that a replayed stage has made, or that of the artefacts. Says why it cannot. */
async function put(
  digest: string,
  name: string,
  folder: string,
  made: ReadonlyMap<string, string>,
  { artefacts, requireFree }: ReplayOptions,
): Promise<string | undefined> {
  const to = join(folder, name);
  try {
    await requireFree?.(digest);
    makeFolder(dirname(to));
    await cp(made.get(digest) ?? join(artefacts, name), to, { recursive: true });
    const { digest: found } = await digestOnDisk(to);
    return found === digest ? undefined : `its input ${name} is another content than recorded`;
  } catch {
    return `its input ${name} is not there, or in quarantine`;
  }
}

function skipped(why: string): Outcome {
  return { result: 'not replayed', why, differs: [] };
}
