import {
  type LimitOptions,
  limitShape,
  type ReferenceOptions,
  referenceShape,
} from '@proof-of-training/verifier/node';
import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import * as chainKinds from '../kinds.js';
import type { RunDescription } from './description.js';

/** What an auditor asks of a run's beginning. */
export interface BeginningOptions {
  /** Where the first weights must come from: `'seed'`, where the run's owner must not have given them. */
  start?: RunDescription['run']['start']['kind'];
  /** Accept only an order that comes from a block of this chain, after an announcement in this registry. */
  requireBeacon?: boolean;
}

export interface CheckChainOptions extends ReferenceOptions, LimitOptions, BeginningOptions {
  /**
   * What the auditor knows of the verifier: hashes of its code and the windows' key (`verifierPin`). Without one nothing
   * fits: the run's owner chose the verifier.
   */
  pins?: readonly string[];
  /** Account that must have registered the run. */
  owner?: string;
  /** Opening of the last anchor's weights, from who has the model: compared with what is on the chain. */
  opening?: unknown;
  /** Blocks, the last anchor's included, that must be there; default `AUDIT_CONFIRMATIONS`. */
  confirmations?: number;
}

export const auditShape = {
  ...referenceShape,
  ...limitShape,
  pins: kinds.list.optional(),
  owner: chainKinds.address.optional(),
  opening: chainKinds.elsewhere.optional(),
  confirmations: kinds.whole(1).optional(),
  start: kinds.oneOf('seed', 'given').optional(),
  requireBeacon: kinds.flag.optional(),
} satisfies ShapeFor<CheckChainOptions>;

/** Options of `checkChain`. */
export const checkChainOptions = z.object(auditShape);
