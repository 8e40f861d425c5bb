import { z } from 'zod';
import { digestSchema, MAX_ARTEFACTS, momentSchema, nameSchema } from './digest.js';
import { defineKind } from './kind.js';

const digests = z.array(digestSchema).max(MAX_ARTEFACTS);
const names = z.array(nameSchema).max(MAX_ARTEFACTS);

/**
 * A step of a pipeline: digests of what went in and came out, each with a name in a field of its own, so that digests can be shown without
 * names.
 */
export const stage = defineKind({
  type: 'stage',
  fields: z.strictObject({
    name: nameSchema,
    inputs: digests,
    inputNames: names,
    outputs: digests,
    outputNames: names,
    /** Names of the variables, never values. */
    environment: z.array(z.string().regex(/^[^\s=\p{C}]{1,128}$/u)).max(5000),
    system: z.strictObject({ runtime: nameSchema, platform: nameSchema, arch: nameSchema }),
    /** What was run, where it was a command. */
    command: z.array(z.string().max(65_536)).min(1).max(1000).optional(),
    /** `changed`: an input was another one at the end, so that nothing is said of what the outputs were made from. */
    outcome: z.enum(['done', 'failed', 'changed']),
    exitCode: z.int().min(0).max(255).optional(),
    signal: z
      .string()
      .regex(/^SIG[A-Z0-9]{1,12}$/)
      .optional(),
    /** Code of a PotError that it failed with. */
    errorCode: z
      .string()
      .regex(/^[A-Z0-9_]{1,64}$/)
      .optional(),
    started: momentSchema,
    ended: momentSchema,
  }),
  rule(fields) {
    const { inputs, inputNames, outputs, outputNames, started, ended, outcome, exitCode } = fields;
    if (inputs.length !== inputNames.length || outputs.length !== outputNames.length)
      return 'has not one name for each digest';
    if (new Set(inputNames).size < inputNames.length || new Set(outputNames).size < outputNames.length)
      return 'has a name twice';
    if (ended < started) return 'ended before it started';
    if (outcome === 'done' && (exitCode ?? 0) !== 0) return 'is done, with an exit code that is not 0';
    return undefined;
  },
  text({ name, inputs, outputs, outcome, exitCode, signal }) {
    const how = signal ?? (exitCode === undefined ? '' : `exit ${exitCode}`);
    const many = (all: readonly string[] | undefined) => (all ? String(all.length) : 'undisclosed');
    const ended = [outcome ?? 'outcome undisclosed', ...(how ? [how] : [])].join(', ');
    return `stage ${name ?? '(name undisclosed)'}: ${many(inputs)} inputs, ${many(outputs)} outputs; ${ended}`;
  },
  // What failed, or read what changed meanwhile, has made nothing that anyone could say.
  flow: ({ inputs, outputs, outcome }) =>
    outcome === 'done'
      ? { inputs: inputs ?? [], outputs: outputs ?? [] }
      : { inputs: inputs ?? [], outputs: [] },
  spread: ({ inputs, outputs }) => ({ inputs: inputs ?? [], outputs: outputs ?? [] }),
});
