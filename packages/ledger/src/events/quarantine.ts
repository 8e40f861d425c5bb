import { z } from 'zod';
import { digestSchema, nameSchema, sha256Schema, short } from './digest.js';
import { defineKind } from './kind.js';

/** A key that may release, as a vkey. */
const vkeySchema = z.string().min(1).max(4096);

/** That an artefact was put into quarantine: it is read no more until one of these keys says otherwise. */
export const quarantine = defineKind({
  type: 'quarantine',
  fields: z.strictObject({
    artefact: sha256Schema,
    name: nameSchema.optional(),
    reason: nameSchema,
    releaseKeys: z.array(vkeySchema).min(1).max(16),
  }),
  text: ({ artefact, reason }) => `quarantine of ${short(artefact)}: ${reason ?? 'reason undisclosed'}`,
});

/** That it was released: by a note that a key of the quarantine has signed, which names that quarantine alone. */
export const quarantineRelease = defineKind({
  type: 'quarantine.release',
  fields: z.strictObject({
    artefact: digestSchema,
    /** Id of the event that put it there. */
    quarantine: z.string().regex(/^[\x21-\x7e]{1,128}$/),
    note: z.string().max(65_536),
  }),
  text: ({ artefact }) => `release of ${short(artefact)} from quarantine`,
});
