import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import type { Signer } from 'ethers';
import { z } from 'zod';
import type { Connection } from '../client/connect.js';
import { type EnsureOptions, ensureShape } from '../client/options.js';
import * as chainKinds from '../kinds.js';
import { DRAW_LIMITS } from './rule.js';
import type { DrawTerms } from './types.js';

export interface DrawsOptions extends EnsureOptions {
  connection: Connection;
  /** Who pays, registers and asks; without one the client only reads. */
  signer?: Signer;
}

/** Options of `EvaluationDraws.open`. */
export const drawsOptions = z.object({
  ...ensureShape,
  connection: chainKinds.connection,
  signer: chainKinds.signer.optional(),
} satisfies ShapeFor<DrawsOptions>);

/** Terms of a draw. */
export const termsShape = z.strictObject({
  testSet: kinds.hex32,
  model: kinds.hex32,
  run: z.strictObject({ registry: chainKinds.address, runId: kinds.hex32 }).optional(),
  samples: kinds.whole(1, DRAW_LIMITS.samples),
  window: kinds.whole(1, DRAW_LIMITS.window),
} satisfies ShapeFor<DrawTerms>);

/** What is registered of a test set. */
export const summaryShape = z.strictObject({
  root: kinds.hex32,
  samples: kinds.whole(1, DRAW_LIMITS.testSet),
});

/** Options of `verifyDrawnEvaluation` that are its own; the others are `verifyEvaluation`'s. */
export const drawnShape = z.object({
  samples: chainKinds.elsewhere,
  salts: z.array(kinds.bytes(32).optional()).optional(),
  expected: z
    .strictObject({
      testSet: kinds.hex32.optional(),
      model: kinds.hex32.optional(),
      requester: chainKinds.address.optional(),
      registry: chainKinds.address.optional(),
    })
    .optional(),
  confirmations: ensureShape.confirmations,
});
