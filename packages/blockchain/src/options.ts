/** The options of this package's functions, each of which refuses what it does not know: `checkOptions`. */
import {
  checkOptions,
  kinds,
  limitShape,
  referenceShape,
  type ShapeFor,
} from '@proof-of-training/core/internal';
import { z } from 'zod';
import type { AnvilOptions } from './anvil/startAnvil.js';
import type { CheckChainOptions } from './audit/checkChain.js';
import type { ClientOptions } from './client/blockchainClient.js';
import type { ConnectOptions } from './client/connect.js';
import type { EnsureOptions } from './client/ensure.js';
import type { WatchOptions } from './client/watch.js';
import type { AnchorFileOptions } from './flow/anchorFile.js';
import type { OnchainFileOptions } from './flow/onchainFile.js';
import type { VerifyOnchainOptions } from './flow/verifyOnchain.js';
import type { WrapOptions } from './flow/wrap/wrapAggregate.js';

/** Anything: another check says what it must be, with a code of its own (`PIN_INVALID`, `OPENING_*`, `CHAIN_OWNER`). */
const elsewhere = z.unknown();
const connection = kinds.is<object>(
  'a connection (connect)',
  (v) => typeof (v as { checkChain?: unknown } | null)?.checkChain === 'function',
);
const signer = kinds.is<object>(
  'a signer of ethers',
  (v) => typeof (v as { getAddress?: unknown } | null)?.getAddress === 'function',
);
const address = kinds.is<string>(
  'an address: 0x and 40 hex digits',
  (v) => typeof v === 'string' && /^0x[0-9a-fA-F]{40}$/.test(v),
);
const port = kinds.whole(1, 65_535);
const chainId = kinds.whole(1);
const threads = kinds.whole(0, 1024);

const trust = { registryCreation: elsewhere.optional(), trustRegistryStorage: kinds.flag.optional() };
const ensure = {
  confirmations: kinds.whole(1).optional(),
  pollMs: kinds.notNegative.optional(),
  stuckMs: kinds.notNegative.optional(),
  deadlineMs: kinds.notNegative.optional(),
  signal: kinds.signal.optional(),
} satisfies ShapeFor<EnsureOptions>;
const client = {
  ...ensure,
  ...trust,
  connection,
  signer: signer.optional(),
  registry: address,
  trustedVerifiers: kinds.list.optional(),
  allowDevelopmentSrs: kinds.flag.optional(),
} satisfies ShapeFor<ClientOptions>;
const audit = {
  ...referenceShape,
  ...limitShape,
  pins: kinds.list.optional(),
  owner: address.optional(),
  opening: elsewhere.optional(),
  confirmations: kinds.whole(1).optional(),
  start: kinds.oneOf('seed', 'given').optional(),
  requireBeacon: kinds.flag.optional(),
} satisfies ShapeFor<CheckChainOptions>;
const onchain = {
  ...audit,
  ...trust,
  connection,
  signer,
  registry: address.optional(),
  onStep: kinds.callback.optional(),
} satisfies ShapeFor<VerifyOnchainOptions>;
const { connection: _connection, signer: _signer, ...onLocalChain } = onchain;
const {
  registry: _registry,
  registryCreation: _creation,
  trustRegistryStorage: _storage,
  ...deploy
} = client;

const OPTIONS = {
  startAnvil: z.object({
    port: port.optional(),
    chainId: chainId.optional(),
    blockTime: kinds.positive.optional(),
    noMining: kinds.flag.optional(),
    accounts: kinds.whole(1, 1000).optional(),
    startTimeoutMs: kinds.positive.optional(),
    args: kinds.list.optional(),
  } satisfies ShapeFor<AnvilOptions>),
  connect: z.object({
    url: kinds.text,
    chainId,
    timeoutMs: kinds.positive.optional(),
    attempts: kinds.whole(1).optional(),
  } satisfies ShapeFor<ConnectOptions>),
  'BlockchainClient.open': z.object(client),
  'BlockchainClient.deploy': z.object({ ...deploy, signer }),
  'client.anchor': z.object(ensure),
  'client.anchorBatch': z.object(ensure),
  'client.beacon': z.object(ensure),
  'client.checkBeacon': z.object({ confirmations: ensure.confirmations }),
  'client.watch': z.object({
    confirmations: ensure.confirmations,
    pollMs: ensure.pollMs,
    signal: kinds.signal,
  } satisfies ShapeFor<WatchOptions>),
  checkChain: z.object(audit),
  verifyOnchain: z.object(onchain),
  verifyOnLocalChain: z.object(onLocalChain),
  anchorFile: z.object({
    signer,
    connection,
    onStep: kinds.callback.optional(),
  } satisfies ShapeFor<AnchorFileOptions>),
  onchainFile: z.object({
    dir: kinds.text,
    srs: kinds.srs.optional(),
    threads: threads.optional(),
    onStep: kinds.callback.optional(),
  } satisfies ShapeFor<OnchainFileOptions>),
  wrapAggregate: z.object({
    srs: kinds.srs,
    threads: threads.optional(),
    onStep: kinds.callback.optional(),
  } satisfies ShapeFor<WrapOptions>),
} as const;

/**
 * The options of a function of this package, checked before it does anything; given back as they are.
 *
 * Errors: `OPTION_UNKNOWN` with the nearest known name, `OPTION_INVALID`.
 */
export function optionsOf<T>(name: keyof typeof OPTIONS, options: T): T {
  return checkOptions(OPTIONS[name], options, name);
}
