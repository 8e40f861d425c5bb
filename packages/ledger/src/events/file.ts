import { z } from 'zod';
import { nameSchema, sha256Schema, short } from './digest.js';
import { defineKind } from './kind.js';

/** A file or folder that was there with this content. */
export const file = defineKind({
  type: 'file',
  fields: z.strictObject({
    digest: sha256Schema,
    name: nameSchema.optional(),
    /** Bytes of a file; of a folder the sum over its files. */
    size: z.int().min(0),
    /** Files of a folder; absent for a file. */
    files: z.int().min(0).optional(),
    /** Where it came from: an address without user, password and query. */
    origin: nameSchema.optional(),
  }),
  text({ digest, name, size, files, origin }) {
    const what = files === undefined ? 'file' : `folder of ${files} files`;
    const from = origin === undefined ? '' : ` from ${origin}`;
    return `${what} ${name ?? '(name undisclosed)'}: ${short(digest)}, ${size ?? 'undisclosed'} bytes${from}`;
  },
  flow: ({ digest }) => ({ inputs: [], outputs: digest ? [digest] : [] }),
});
