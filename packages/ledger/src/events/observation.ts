import { z } from 'zod';
import { nameSchema, sha256Schema } from './digest.js';
import { defineKind } from './kind.js';

/** What somebody outside saw, as OpenTelemetry has it, under the signature of the collector that took it in. */
export const observation = defineKind({
  type: 'observation',
  fields: z.strictObject({
    signal: z.enum(['log', 'span', 'metric']),
    name: nameSchema.optional(),
    /** Of the resource: `service.name`. */
    service: nameSchema.optional(),
    /** The collector says so, by the attribute `pot.layer`. */
    layer: z.enum(['network', 'physical']).optional(),
    /** When it was seen: nanoseconds since 1970, as the source says. */
    timeUnixNano: z
      .string()
      .regex(/^[0-9]{1,20}$/)
      .optional(),
    /** The whole record: resource, scope, and the record itself. */
    content: z.unknown(),
    /** SHA-256 of the content's canonical JSON. */
    contentDigest: sha256Schema,
    /** A signed note of the collector about this digest. */
    note: z.string().max(65_536),
  }),
  text({ signal, name, service }) {
    return `${signal ?? 'observation'} ${name ?? '(name undisclosed)'} of ${service ?? 'undisclosed service'}`;
  },
  flow: ({ contentDigest }) => ({ inputs: [], outputs: contentDigest ? [contentDigest] : [] }),
});
