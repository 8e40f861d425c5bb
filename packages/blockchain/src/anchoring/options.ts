import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import type { Signer } from 'ethers';
import { z } from 'zod';
import { auditShape, type CheckChainOptions } from '../audit/options.js';
import type { Connection } from '../client/connect.js';
import { trustShape } from '../client/options.js';
import type { RegistryTrust } from '../client/origin.js';
import * as chainKinds from '../kinds.js';

export interface VerifyOnchainOptions extends CheckChainOptions, RegistryTrust {
  connection: Connection;
  signer: Signer;
  /** Address of the registry; default: the one that follows from its code, which is deployed where it is not there. */
  registry?: string;
  onStep?: (text: string) => void;
}

/** Options of `verifyOnchain`. */
export const verifyOnchainOptions = z.object({
  ...auditShape,
  ...trustShape,
  connection: chainKinds.connection,
  signer: chainKinds.signer,
  registry: chainKinds.address.optional(),
  onStep: kinds.callback.optional(),
} satisfies ShapeFor<VerifyOnchainOptions>);

/** Options of `verifyOnLocalChain`, which has a connection and a signer of its own. */
export const onLocalChainOptions = verifyOnchainOptions.omit({ connection: true, signer: true });
