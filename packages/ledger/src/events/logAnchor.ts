import { z } from 'zod';
import { momentSchema, sha256Schema } from './digest.js';
import { defineKind } from './kind.js';

/** That a chain has the root of this very log, as it was. Whoever wants to be convinced asks the chain. */
export const logAnchor = defineKind({
  type: 'log.anchor',
  fields: z.strictObject({
    /** Of the state that was anchored. */
    size: z.int().min(0),
    root: sha256Schema,
    chainId: z.int().min(1),
    registry: z.string().regex(/^0x[0-9a-fA-F]{40}$/),
    block: z.int().min(0),
    blockTime: momentSchema,
  }),
  text: ({ size, chainId, block }) =>
    `root of ${size ?? 'undisclosed'} entries on chain ${chainId ?? 'undisclosed'}, block ${block ?? 'undisclosed'}`,
});
