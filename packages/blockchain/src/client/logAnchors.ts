import { PotError } from '@proof-of-training/halo2-wasm';
import { checkOptions } from '@proof-of-training/verifier/options';
import { type Signer, sha256, toUtf8Bytes } from 'ethers';
import { isLogged, logMissing } from './beacon.js';
import { BlockchainClient } from './blockchainClient.js';
import type { Connection } from './connect.js';
import { Ensurer } from './ensure.js';
import { type EnsureOptions, ensureOptions } from './options.js';
import type { RegistryTrust } from './origin.js';
import type { Registry } from './registry.js';

/** Where and since when a chain has the root of a log of events. */
export interface RootAnchor {
  chainId: number;
  /** The registry that has it. */
  registry: string;
  block: number;
  /** Of that block, RFC 3339. */
  time: string;
  /** Blocks since, that one included. */
  confirmations: number;
}

/** What `LogAnchors.open` takes: without a signer it only reads. */
export interface LogAnchorOptions extends RegistryTrust {
  connection: Connection;
  signer?: Signer;
  /** Address of the registry. */
  registry: string;
}

const CHECKPOINT = /^([^\n]{1,255})\n(0|[1-9][0-9]{0,15})\n[A-Za-z0-9+/]{43}=\n/;

/**
 * Roots of logs of events on a chain (docs/protocol/ledger.md, section 7): a checkpoint's text is announced in the registry, which has the first
 * block of it. The chain says since when the text is there at the latest; who signed it, the checkpoint itself says.
 *
 * @example
 * const anchors = await LogAnchors.deploy({ connection, signer });
 * const { block, time } = await anchors.anchorCheckpoint(await readFile('my-log/public/checkpoint', 'utf8'));
 */
export class LogAnchors {
  private constructor(
    private readonly connection: Connection,
    private readonly registry: Registry,
    private readonly ensurer: Ensurer | undefined,
  ) {}

  /** Opens a registry. Errors: those of `BlockchainClient.open`. */
  static async open(options: LogAnchorOptions): Promise<LogAnchors> {
    const { registry } = await BlockchainClient.open(options);
    return LogAnchors.of(options, registry);
  }

  /** Finds or deploys the registry, at the address that follows from its code. Errors: those of `BlockchainClient.deploy`. */
  static async deploy(options: { connection: Connection; signer: Signer }): Promise<LogAnchors> {
    const { registry } = await BlockchainClient.deploy(options);
    return LogAnchors.of(options, registry);
  }

  private static of({ connection, signer }: { connection: Connection; signer?: Signer }, registry: Registry) {
    return new LogAnchors(connection, registry, signer && new Ensurer(connection, signer));
  }

  /** The chain's id. */
  get chainId(): number {
    return this.connection.chainId;
  }

  /**
   * Has a checkpoint on the chain. One that is there already is found, and nothing is sent.
   *
   * Errors: `CHECKPOINT_INVALID`, `SIGNER_MISSING`, `BEACON_LOG_MISSING`, those of the chain (`CHAIN_*`).
   *
   * @param checkpoint its text, or the signed note
   */
  async anchorCheckpoint(checkpoint: string, options: EnsureOptions = {}): Promise<RootAnchor> {
    checkOptions(ensureOptions, options, 'anchors.anchorCheckpoint');
    const { datasetRoot, settings } = announcementOf(checkpoint);
    if (!this.ensurer) {
      throw new PotError('SIGNER_MISSING', 'these anchors only read: there is no signer', {
        hint: 'Give a signer, or set POT_PRIVATE_KEY or POT_KEYSTORE.',
      });
    }
    await this.ensurer.ensure(
      {
        name: "anchoring the log's root",
        find: async () => {
          const block = await this.registry.announced(datasetRoot, settings);
          return block === undefined ? undefined : { value: block, blockNumber: block };
        },
        transaction: this.registry.encode('announce', [datasetRoot, settings]),
      },
      options,
    );
    const found = await this.findCheckpoint(checkpoint);
    if (found) return found;
    throw new PotError('CHAIN_NO_EFFECT', 'the root was anchored, and the registry does not show it', {
      hint: 'A reorganisation took it away, or the RPC server gives answers that do not fit together: call again.',
    });
  }

  /**
   * The anchor of a checkpoint; undefined where the chain has none.
   *
   * Errors: `CHECKPOINT_INVALID`, `BEACON_LOG_MISSING` where the log of the block that the registry names does not have it, those of the chain.
   */
  async findCheckpoint(checkpoint: string): Promise<RootAnchor | undefined> {
    const announcement = announcementOf(checkpoint);
    const { connection, registry } = this;
    const block = await registry.announced(announcement.datasetRoot, announcement.settings);
    if (block === undefined) return undefined;
    // The block's time is that of the RPC server's numbering.
    if (!(await isLogged(connection, registry, announcement, block))) throw logMissing(block);
    const seconds = await registry.timeOf({ blockNumber: block });
    const height = await connection.read(() => connection.provider.getBlockNumber());
    return {
      chainId: connection.chainId,
      registry: registry.address,
      block,
      time: new Date(seconds * 1000).toISOString(),
      confirmations: height - block + 1,
    };
  }
}

/** What is announced for a checkpoint: digests of the log's name, and of the checkpoint's text. Errors: `CHECKPOINT_INVALID`. */
function announcementOf(checkpoint: string): { datasetRoot: string; settings: string } {
  const [text, origin] = CHECKPOINT.exec(checkpoint) ?? [];
  if (text === undefined) {
    throw new PotError(
      'CHECKPOINT_INVALID',
      'this is no checkpoint of a log: origin, size and root, a line each',
      {
        hint: "Give the file named checkpoint, as it lies in the log's root.",
      },
    );
  }
  return {
    datasetRoot: sha256(toUtf8Bytes(`proof-of-training/ledger-anchor@v1\n${origin}\n`)),
    settings: sha256(toUtf8Bytes(text)),
  };
}
