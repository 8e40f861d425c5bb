import { z } from 'zod';
import { digestSchema, known, nameSchema, sha256Schema, short } from './digest.js';
import { defineKind } from './kind.js';
import { verificationSchema, verificationText } from './verification.js';

const count = z.int().min(0);

/** A run that was trained, by its bundle or aggregate. */
export const trainingRun = defineKind({
  type: 'training.run',
  fields: z.strictObject({
    /** Of the file. */
    file: sha256Schema,
    format: z.enum(['bundle', 'aggregate']),
    runId: digestSchema,
    dataset: digestSchema,
    settings: digestSchema,
    /** Where the first weights come from: the public seed, or the one who trained. */
    start: z.enum(['seed', 'given']),
    weightsBefore: digestSchema,
    weightsAfter: digestSchema,
    /** Of the frozen weights below adapters. */
    base: digestSchema.optional(),
    steps: count,
    windows: count,
    shards: count,
    srs: nameSchema,
    verification: verificationSchema,
  }),
  text({ runId, steps, dataset, weightsAfter, verification }) {
    const what = `training run ${short(runId)}: ${steps ?? 'undisclosed'} steps on ${short(dataset)}`;
    return `${what}, to weights ${short(weightsAfter)}; ${verificationText(verification)}`;
  },
  flow({ dataset, weightsBefore, base, weightsAfter, file, verification }) {
    const outputs = verification?.result === 'refused' ? [] : known(weightsAfter, file);
    return { inputs: known(dataset, weightsBefore, base), outputs };
  },
  // Weights that the verifier made again from the public seed come from nobody.
  spread: ({ dataset, weightsBefore, base, weightsAfter, file, start, verification }) => ({
    inputs: known(
      dataset,
      start === 'seed' && verification?.result === 'verified' ? undefined : weightsBefore,
      base,
    ),
    outputs: known(weightsAfter, file),
  }),
});
