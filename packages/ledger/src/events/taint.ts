import { z } from 'zod';
import { digestSchema, momentSchema, nameSchema, short } from './digest.js';
import { defineKind } from './kind.js';

/** Where something comes from. */
export const taintTagSchema = z.strictObject({
  /** Who is behind it: a publisher, a person, a service. */
  source: nameSchema,
  /** Where it was got: an address, a folder. */
  origin: nameSchema,
  /** When it was got. */
  timestamp: momentSchema,
  /** Of what it is: a file, a dataset root, a base. */
  hash: digestSchema,
  /** Which shard of the dataset `hash`, where it is one of it alone. */
  shard: z.int().min(0).optional(),
});

/**
 * Where something comes from.
 *
 * @example
 * const tag: TaintTag = {
 *   source: 'example.com',
 *   origin: 'https://example.com/rows.csv',
 *   timestamp: '2026-11-30T12:00:00.000Z',
 *   hash: 'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
 * };
 */
export type TaintTag = z.infer<typeof taintTagSchema>;

/** That things come from somewhere. What is made of them does too: taint is never recorded of what is derived, but follows. */
export const taint = defineKind({
  type: 'taint',
  fields: z.strictObject({ tags: z.array(taintTagSchema).min(1).max(500) }),
  text({ tags }) {
    const [first] = tags ?? [];
    if (!first) return 'taint: tags undisclosed';
    const more = tags!.length > 1 ? `, and ${tags!.length - 1} more` : '';
    return `taint: ${short(first.hash)} comes from ${first.source} (${first.origin})${more}`;
  },
});
