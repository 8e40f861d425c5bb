import { z } from 'zod';
import { digestSchema, known, nameSchema, sha256Schema, short } from './digest.js';
import { defineKind } from './kind.js';
import { verificationSchema, verificationText } from './verification.js';

/** What a model gave, by the proof of it. */
export const inference = defineKind({
  type: 'inference',
  fields: z.strictObject({
    /** Of the proof's file. */
    file: sha256Schema,
    /** SHA-256 of the graph's canonical text. */
    graph: sha256Schema,
    weights: digestSchema.optional(),
    frozen: digestSchema.optional(),
    /** What the proof is bound to. */
    context: digestSchema,
    /** Of committed values their commitment's digest, of public ones SHA-256 of their canonical JSON; absent where there are none. */
    input: digestSchema.optional(),
    output: digestSchema.optional(),
    srs: nameSchema,
    verification: verificationSchema,
  }),
  text({ weights, input, output, verification }) {
    const what = `inference of weights ${short(weights)}: ${short(input)} -> ${short(output)}`;
    return `${what}; ${verificationText(verification)}`;
  },
  flow({ weights, frozen, input, output, file, verification }) {
    const outputs = verification?.result === 'refused' ? [] : known(output, file);
    return { inputs: known(weights, frozen, input), outputs };
  },
  spread: ({ weights, frozen, input, output, file }) => ({
    inputs: known(weights, frozen, input),
    outputs: known(output, file),
  }),
});
