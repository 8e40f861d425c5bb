import { isPotError, PotError, parsePin } from '@proof-of-training/halo2-wasm';
import { checkOptions } from '@proof-of-training/verifier/options';
import type { Signer } from 'ethers';
import { registryArtifact } from '../contracts/artifact.js';
import { deployOnce } from '../contracts/deploy.js';
import { usesDevelopmentSrs } from '../contracts/development.js';
import { type AggregateStatement, readStatement } from '../statement/statement.js';
import { findAnchor, findAnchors } from './anchors.js';
import {
  announce,
  BEACON_CONFIRMATIONS,
  type BlockBeacon,
  type FixedSettings,
  requireBeacon,
} from './beacon.js';
import { type Ensured, Ensurer } from './ensure.js';
import {
  type ClientOptions,
  checkBeaconOptions,
  deployOptions,
  type EnsureOptions,
  ensureOptions,
  openOptions,
  type WatchOptions,
  watchOptions,
} from './options.js';
import type { RegistryTrust } from './origin.js';
import { Registry } from './registry.js';
import { findCommitment, findRun } from './runs.js';
import type { Anchor, RegisteredRun, RunTerms, VerifierEntry } from './types.js';
import { accepts, requireTrusted, trustedVerifier, verifierOf } from './verifiers.js';
import { type WatchEvent, watchRun } from './watch.js';

/** What anchoring came to. */
export type AnchorResult = Ensured<Anchor> & { statement: AggregateStatement };

/**
 * A registry on a chain, for who trains and for who audits.
 *
 * Everything that writes is idempotent by content: what is on the chain already is found and not sent again, also after a
 * crash, a lost answer or a reorganisation.
 *
 * @example
 * const connection = await connect({ url: 'http://127.0.0.1:8545', chainId: 31337 });
 * const signer = await signerFromEnvironment(connection.provider);
 * const client = await BlockchainClient.deploy({ connection, signer });
 * const { value, gasUsed } = await client.anchor(file.calldata, { confirmations: 12 });
 */
export class BlockchainClient {
  private readonly ensurer: Ensurer | undefined;

  private constructor(
    private readonly options: ClientOptions,
    readonly registry: Registry,
  ) {
    if (options.signer) this.ensurer = new Ensurer(options.connection, options.signer);
  }

  /** Errors: `OPTION_*`, those of `Registry.at`, `PIN_INVALID` for a trusted verifier that is no hash, those of the connection. */
  static async open(options: ClientOptions): Promise<BlockchainClient> {
    const { connection, registry, ...checked } = checkOptions(openOptions, options, 'BlockchainClient.open');
    const trustedVerifiers = checked.trustedVerifiers?.map((hash) => parsePin('trustedVerifiers', hash));
    return new BlockchainClient(
      { ...options, ...(trustedVerifiers && { trustedVerifiers }) },
      await Registry.at(connection, registry, options),
    );
  }

  /**
   * Finds or deploys the registry, at the address that follows from its code, and opens it. Errors:
   * `CHAIN_NO_DEPLOYER`, `CHAIN_DEPLOY_FAILED`.
   */
  static async deploy(
    options: Omit<ClientOptions, 'registry' | keyof RegistryTrust> & { signer: Signer },
  ): Promise<BlockchainClient> {
    await checkOptions(deployOptions, options, 'BlockchainClient.deploy').connection.checkChain();
    const { address } = await deployOnce(options.signer, registryArtifact.bytecode);
    return BlockchainClient.open({ ...options, registry: address });
  }

  /**
   * Adds a verifier contract to the catalogue, and gives its id. `codeHash` is what you trust: the hash of the code that
   * you, or someone you believe, generated for this architecture.
   *
   * Errors: `VERIFIER_UNTRUSTED`, `SRS_DEVELOPMENT_REFUSED`, `REGISTRY_VERIFIER_WITHOUT_CODE`, `REGISTRY_VERIFIER_CODE_HASH`.
   */
  async addVerifier(address: string, codeHash: string, proofBytes: number): Promise<string> {
    const { connection } = this.options;
    const code = await connection.read(() => connection.provider.getCode(address));
    requireTrusted({ codeHash, development: usesDevelopmentSrs(code) }, this.options);
    const id = await this.registry.verifierIdOf(codeHash, proofBytes);
    await this.writer().ensure(
      {
        name: 'adding the verifier',
        find: async () => {
          // Another address that lost its code is replaced by adding the code again.
          const known = await this.registry.verifier(id).catch((e: unknown) => {
            if (!isPotError(e, 'REGISTRY_VERIFIER_CODE_HASH')) throw e;
            return undefined;
          });
          return known && { value: id, blockNumber: known.addedBlock };
        },
        transaction: this.registry.encode('addVerifier', [address, codeHash, proofBytes]),
      },
      this.options,
    );
    return id;
  }

  /**
   * Commits to a run and, a block later, registers it. Do it before anyone knows the run id: before the bundle is
   * published. Where the run is registered with these terms by this account, nothing is sent.
   *
   * Errors: `REGISTRY_RUN_EXISTS` where it is someone else's or has other terms, `VERIFIER_UNTRUSTED`,
   * `SRS_DEVELOPMENT_REFUSED`, `REGISTRY_*`.
   */
  async storeCommitment(terms: RunTerms): Promise<RegisteredRun> {
    const { registry } = this;
    const writer = this.writer();
    await this.trustedVerifier(terms.verifierId);
    const owner = await writer.address();
    const registered = () => findRun(registry, terms, owner);
    if (!(await registered())) await this.storeHash(await registry.commitmentOf(owner, terms));
    const result = await writer.ensure(
      { name: 'registering the run', find: registered, transaction: registry.encode('register', [terms]) },
      this.options,
    );
    return result.value;
  }

  private async storeHash(commitment: string): Promise<void> {
    await this.writer().ensure(
      {
        name: 'storing the commitment',
        find: () => findCommitment(this.registry, commitment),
        transaction: this.registry.encode('commit', [commitment]),
      },
      this.options,
    );
  }

  /**
   * Anchors an aggregate: `calldata` is what its verifier takes. It must continue the run where the last anchor
   * stopped. One that is anchored already is found and not sent.
   *
   * Errors: `STATEMENT_INVALID`, `ANCHOR_CONFLICT` where another aggregate anchored these steps,
   * `VERIFIER_UNTRUSTED`, `SRS_DEVELOPMENT_REFUSED`, `REGISTRY_*` decoded, those of `Ensurer`.
   */
  async anchor(calldata: string, options: EnsureOptions = {}): Promise<AnchorResult> {
    checkOptions(ensureOptions, options, 'client.anchor');
    const statement = readStatement(calldata);
    await this.checkRunsVerifier(statement.runId);
    const result = await this.writer().ensure(
      {
        name: 'anchoring',
        find: () => findAnchor(this.registry, statement),
        transaction: this.registry.encode('anchor', [calldata]),
      },
      { ...this.options, ...options },
    );
    return { ...result, statement };
  }

  /**
   * Anchors several aggregates, of one or of several runs, in one transaction: all or none. Those that are anchored
   * already are left out.
   */
  async anchorBatch(calldatas: readonly string[], options: EnsureOptions = {}): Promise<Ensured<Anchor[]>> {
    checkOptions(ensureOptions, options, 'client.anchorBatch');
    const all = calldatas.map(readStatement);
    for (const runId of new Set(all.map((s) => s.runId))) await this.checkRunsVerifier(runId);
    const found = await Promise.all(all.map((s) => findAnchor(this.registry, s)));
    const missing = calldatas.filter((_, i) => !found[i]);
    return this.writer().ensure(
      {
        name: `anchoring ${missing.length} aggregates`,
        find: () => findAnchors(this.registry, all),
        transaction: this.registry.encode('anchorBatch', [missing]),
      },
      { ...this.options, ...options },
    );
  }

  /** Lets another account anchor this account's runs, or no longer. */
  async setOperator(operator: string, allowed: boolean): Promise<void> {
    const owner = await this.writer().address();
    await this.writer().ensure(
      {
        name: 'naming the operator',
        find: async () => {
          const now = await this.registry.isOperator(owner, operator);
          return now === allowed ? { value: allowed, blockNumber: 0 } : undefined;
        },
        transaction: this.registry.encode('setOperator', [operator, allowed]),
      },
      this.options,
    );
  }

  /** A run with where it stands; undefined where there is none. */
  getRun(runId: string): Promise<RegisteredRun | undefined> {
    return this.registry.run(runId);
  }

  /** Number of the newest block. */
  blockNumber(): Promise<number> {
    const { provider, read } = this.options.connection;
    return read(() => provider.getBlockNumber());
  }

  /**
   * What `TrainingSession.create({ beacon })` takes: announces a dataset and settings in the registry, and gives the block after that one, once it
   * has its confirmations. Announced before: the first announcement stands, and its beacon is given.
   *
   * It waits for blocks that come by themselves: a local chain needs a block time (`pot chain up --block-time 1`). `confirmations`, of this
   * call or of the client, is as many as an auditor asks for unless told otherwise ({@link BEACON_CONFIRMATIONS}): the training is worth
   * nothing under a block that is gone.
   *
   * The block's maker can try hashes at no cost: the beacon is as good as he is, and on a local chain or one with a single sequencer it
   * binds that chain's owner to nothing.
   *
   * Errors: `OPTION_INVALID`, `BEACON_LOG_MISSING`, `CHAIN_DEADLINE`, those of `Ensurer`.
   *
   * @example
   * const session = await TrainingSession.create({ model, data, dir: 'runs/mine', beacon: client.beacon });
   */
  readonly beacon = async (fixed: FixedSettings, options: EnsureOptions = {}): Promise<BlockBeacon> => {
    const own = checkOptions(ensureOptions, options, 'client.beacon');
    const confirmations = own.confirmations ?? this.options.confirmations ?? BEACON_CONFIRMATIONS;
    const all = { ...this.options, ...own, confirmations };
    return announce(this.options.connection, this.registry, this.writer(), fixed, all);
  };

  /**
   * Checks on the chain that a beacon is the block after the one in which dataset and settings were announced in this registry, that its hash is
   * the given one, and that it has its confirmations (default {@link BEACON_CONFIRMATIONS}). Gives the announcement's block.
   *
   * `settings` is what the verifier computes from the run, not what its sender says.
   *
   * Errors: `BEACON_*`, `OPTION_INVALID`, those of the connection.
   */
  async checkBeacon(
    beacon: BlockBeacon,
    fixed: FixedSettings,
    options: { confirmations?: number } = {},
  ): Promise<{ announcedIn: number }> {
    const { confirmations = BEACON_CONFIRMATIONS } = checkOptions(
      checkBeaconOptions,
      options,
      'client.checkBeacon',
    );
    return requireBeacon(this.options.connection, this.registry, beacon, fixed, confirmations);
  }

  /** All anchors of a run, in order. */
  async getAnchors(runId: string): Promise<Anchor[]> {
    const run = await this.registry.run(runId);
    return Promise.all(Array.from({ length: run?.anchors ?? 0 }, (_, i) => this.registry.anchor(runId, i)));
  }

  /**
   * Asks the verifier alone whether it accepts a statement: sends nothing, and needs no registered run. Without
   * `verifierId`, the verifier is the registered run's.
   */
  async verifyOnChain(
    calldata: string,
    verifierId?: string,
  ): Promise<{ accepted: boolean; verifier: VerifierEntry }> {
    const verifier = await this.trustedVerifier(verifierId ?? (await verifierOf(this.registry, calldata)));
    return { accepted: await accepts(this.options.connection, verifier.address, calldata), verifier };
  }

  /** Tells of anchors as they are confirmed, and of those that a reorganisation took away, until `signal` is aborted. */
  async watch(runId: string, onEvent: (event: WatchEvent) => void, options: WatchOptions): Promise<void> {
    checkOptions(watchOptions, options, 'client.watch');
    return watchRun(this.options.connection, this.registry, runId, onEvent, { ...this.options, ...options });
  }

  /** A verifier that the options allow. Errors: `REGISTRY_VERIFIER_UNKNOWN`, `VERIFIER_UNTRUSTED`, `SRS_DEVELOPMENT_REFUSED`. */
  trustedVerifier(id: string): Promise<VerifierEntry> {
    return trustedVerifier(this.registry, id, this.options);
  }

  private async checkRunsVerifier(runId: string): Promise<void> {
    const run = await this.registry.run(runId);
    if (run) await this.trustedVerifier(run.verifierId);
  }

  private writer(): Ensurer {
    if (!this.ensurer) {
      throw new PotError('SIGNER_MISSING', 'this client only reads: it has no signer', {
        hint: 'Give a signer, or set POT_PRIVATE_KEY or POT_KEYSTORE.',
      });
    }
    return this.ensurer;
  }
}
