import { z } from 'zod';
import { MAX_ARTEFACTS, nameSchema, sha256Schema } from './digest.js';
import { defineKind } from './kind.js';

const objectId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

/** A commit of git, and the files as it left them. */
export const gitCommit = defineKind({
  type: 'git.commit',
  fields: z.strictObject({
    commit: objectId,
    tree: objectId,
    parents: z.array(objectId).max(64),
    branch: nameSchema.optional(),
    /** What git says of the commit's signature. */
    signature: z.enum(['good', 'none', 'bad', 'unknown']),
    /** SHA-256 of the content of files that it changed, and their paths. */
    files: z.array(sha256Schema).max(MAX_ARTEFACTS),
    fileNames: z.array(nameSchema).max(MAX_ARTEFACTS),
    /** Paths that it took away. */
    removed: z.array(nameSchema).max(MAX_ARTEFACTS),
  }),
  rule: ({ files, fileNames }) =>
    files.length === fileNames.length ? undefined : 'has not one name for each digest',
  text({ commit, files, branch }) {
    const on = branch === undefined ? '' : ` on ${branch}`;
    return `commit ${commit?.slice(0, 12) ?? 'undisclosed'}${on}: ${files?.length ?? 'undisclosed'} files`;
  },
  flow: ({ files }) => ({ inputs: [], outputs: files ?? [] }),
});
