import { z } from 'zod';
import { nameSchema, sha256Schema, short } from './digest.js';
import { defineKind } from './kind.js';

/** A package that was downloaded from a registry: which file, and what was found about who published it. */
export const packageDownload = defineKind({
  type: 'package',
  fields: z.strictObject({
    ecosystem: z.enum(['npm', 'pypi']),
    name: nameSchema,
    version: nameSchema,
    /** Host of the registry. */
    registry: nameSchema,
    file: nameSchema,
    digest: sha256Schema,
    size: z.int().min(0),
    /** What the file was compared with: `sha512-` and base64 of npm, `sha256:` and hex of PyPI. */
    integrity: nameSchema,
    /** Whether whoever downloaded it named the integrity; otherwise it is the registry's word. */
    pinned: z.boolean(),
    /** The registry's signature over name, version and integrity. */
    signature: z.enum(['verified', 'none']),
    /** Attestations in a transparency log, about this very file. */
    provenance: z.enum(['verified', 'none']),
    /** Who attested: the workflow, by its certificates. */
    identities: z.array(nameSchema).max(32),
    issuers: z.array(nameSchema).max(32),
    predicates: z.array(nameSchema).max(32),
  }),
  rule: ({ provenance, predicates }) =>
    (provenance === 'verified') === predicates.length > 0
      ? undefined
      : 'has provenance without attestations, or attestations without provenance',
  text({ ecosystem, name, version, digest, signature, provenance }) {
    const what = `${ecosystem ?? 'package'} ${name ?? '(name undisclosed)'}@${version ?? 'undisclosed'}: ${short(digest)}`;
    return `${what}; signature ${signature ?? 'undisclosed'}, provenance ${provenance ?? 'undisclosed'}`;
  },
  flow: ({ digest }) => ({ inputs: [], outputs: digest ? [digest] : [] }),
});
