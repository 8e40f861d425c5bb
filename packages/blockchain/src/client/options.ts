import { kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import type { Signer } from 'ethers';
import { z } from 'zod';
import * as chainKinds from '../kinds.js';
import type { Connection } from './connect.js';
import type { RegistryTrust } from './origin.js';

export interface EnsureOptions {
  /** Blocks, the one with the transaction included, until it counts; default 1. */
  confirmations?: number;
  /** Milliseconds between looks; default 1,000. */
  pollMs?: number;
  /** Milliseconds until an open transaction is sent again with a higher fee; default 90,000. */
  stuckMs?: number;
  /** Milliseconds in all; default 15 minutes. */
  deadlineMs?: number;
  signal?: AbortSignal;
}

export const ensureShape = {
  confirmations: kinds.whole(1).optional(),
  pollMs: kinds.notNegative.optional(),
  stuckMs: kinds.notNegative.optional(),
  deadlineMs: kinds.notNegative.optional(),
  signal: kinds.signal.optional(),
} satisfies ShapeFor<EnsureOptions>;

/** What a caller knows of a registry; `originOf` says what is wrong with a creation. */
export const trustShape = {
  registryCreation: chainKinds.elsewhere.optional(),
  trustRegistryStorage: kinds.flag.optional(),
} satisfies ShapeFor<RegistryTrust>;

export interface ClientOptions extends EnsureOptions, RegistryTrust {
  connection: Connection;
  /** Who pays and owns; without one the client only reads. It is connected to the connection's provider by the caller. */
  signer?: Signer;
  /** Address of the registry. */
  registry: string;
  /** Code hashes of verifiers that you trust; without them, any that is not of the development SRS. */
  trustedVerifiers?: readonly string[];
  /** Accept verifiers of the INSECURE development SRS. */
  allowDevelopmentSrs?: boolean;
}

/** Options of `BlockchainClient.open`. */
export const openOptions = z.object({
  ...ensureShape,
  ...trustShape,
  connection: chainKinds.connection,
  signer: chainKinds.signer.optional(),
  registry: chainKinds.address,
  trustedVerifiers: kinds.list.optional(),
  allowDevelopmentSrs: kinds.flag.optional(),
} satisfies ShapeFor<ClientOptions>);

/** Options of `BlockchainClient.deploy`. */
export const deployOptions = openOptions
  .omit({ registry: true, registryCreation: true, trustRegistryStorage: true })
  .extend({ signer: chainKinds.signer });

/** Options of what a client writes: `client.anchor`, `client.anchorBatch`, `client.beacon`. */
export const ensureOptions = z.object(ensureShape);

/** Options of `client.checkBeacon`. */
export const checkBeaconOptions = z.object({ confirmations: ensureShape.confirmations });

export interface WatchOptions {
  /** Blocks, the anchor's included, before it is told of; default 1. */
  confirmations?: number;
  /** Milliseconds between looks; default 1,000. */
  pollMs?: number;
  /** Ends watching. */
  signal: AbortSignal;
}

/** Options of `client.watch`. */
export const watchOptions = z.object({
  confirmations: ensureShape.confirmations,
  pollMs: ensureShape.pollMs,
  signal: kinds.signal,
} satisfies ShapeFor<WatchOptions>);
