import { PotError } from '@proof-of-training/halo2-wasm';
import { Contract, Interface } from 'ethers';
import { registryArtifact } from '../contracts/artifact.js';
import { codeHashAt } from '../contracts/deploy.js';
import { usesDevelopmentSrs } from '../contracts/development.js';
import type { Connection } from './connect.js';
import { originOf, type RegistryOrigin, type RegistryTrust } from './origin.js';
import type { Anchor, RegisteredRun, RunTerms, VerifierEntry } from './types.js';

const abi = new Interface(registryArtifact.abi);
const ZERO_ADDRESS = `0x${'0'.repeat(40)}`;

/**
 * Typed reads of a registry, and the calldata of its functions.
 *
 * @example
 * const registry = await Registry.at(connection, address);
 * const run = await registry.run(runId);
 */
export class Registry {
  private readonly contract: Contract;

  private constructor(
    private readonly connection: Connection,
    readonly address: string,
    /** Why its storage is what its functions made of it. */
    readonly origin: RegistryOrigin,
  ) {
    this.contract = new Contract(address, abi, connection.provider);
  }

  /**
   * The registry at an address: it has this registry's code, and its storage was empty when it began. The second follows from the
   * address itself (`deploymentAddress`), or from a creation that is named; else `trust` must say that the storage is believed.
   *
   * Errors: `REGISTRY_MISSING` where the address has no code, `REGISTRY_CODE` where it has not this registry's;
   * `REGISTRY_ORIGIN`, `REGISTRY_CREATION`.
   */
  static async at(connection: Connection, address: string, trust: RegistryTrust = {}): Promise<Registry> {
    const found = await connection.read(() => codeHashAt(connection.provider, address));
    if (!found) {
      throw new PotError(
        'REGISTRY_MISSING',
        `there is no contract at ${address} on chain ${connection.chainId}`,
      );
    }
    if (found !== registryArtifact.codeHash) {
      throw new PotError('REGISTRY_CODE', `the contract at ${address} is not the registry of this version`, {
        details: { expected: registryArtifact.codeHash, found },
      });
    }
    return new Registry(connection, address, await originOf(connection, address, trust));
  }

  /** Id of the chain that it is on. */
  get chainId(): number {
    return this.connection.chainId;
  }

  /** Calldata of a function. */
  encode(name: string, values: readonly unknown[]): { to: string; data: string } {
    return { to: this.address, data: abi.encodeFunctionData(name, values) };
  }

  /** What `commit` takes for these terms of this owner. */
  commitmentOf(owner: string, terms: RunTerms): Promise<string> {
    return this.read('commitmentOf', owner, terms);
  }

  /** Block of a commitment; undefined where there is none. */
  async committed(commitment: string): Promise<number | undefined> {
    const { blockNumber } = await this.read('committed', commitment);
    return blockNumber === 0n ? undefined : Number(blockNumber);
  }

  /** Block in which a dataset's root and settings were announced first; undefined where they were not. */
  async announced(datasetRoot: string, settings: string): Promise<number | undefined> {
    const blockNumber = Number(await this.read('announced', datasetRoot, settings));
    return blockNumber === 0 ? undefined : blockNumber;
  }

  /**
   * Blocks of the announcements (event `Announced`) that the chain's log has of a dataset's root, in order; of these settings alone
   * where they are given, in these blocks alone. A server may refuse a range: `CHAIN_FAILED`.
   */
  async announcements(
    datasetRoot: string,
    settings: string | null = null,
    fromBlock = 0,
    toBlock: number | 'latest' = 'latest',
  ): Promise<number[]> {
    const { provider, read } = this.connection;
    const topics = abi.encodeFilterTopics('Announced', [null, datasetRoot, settings]);
    const logs = await read(() => provider.getLogs({ address: this.address, topics, fromBlock, toBlock }));
    return logs.map((log) => log.blockNumber);
  }

  /** A run; undefined where there is none. */
  async run(runId: string): Promise<RegisteredRun | undefined> {
    const run = await this.read('getRun', runId);
    if (run.owner === ZERO_ADDRESS) return undefined;
    // The state is of the run's own struct, so that both are of one block; weights follow from it.
    const count = Number(run.anchorCount);
    const weights = count === 0 ? run.genesis : (await this.anchor(runId, count - 1)).weights;
    return {
      runId,
      owner: run.owner,
      committedAt: Number(run.committedAt),
      registeredAt: Number(run.registeredAt),
      registeredBlock: Number(run.registeredBlock),
      depth: Number(run.depth),
      eta: run.eta,
      datasetRoot: run.datasetRoot,
      genesis: run.genesis,
      base: run.base,
      hyperparameters: run.hyperparameters,
      windowKey: run.windowKey,
      verifierId: run.verifierId,
      nextStep: Number(run.nextStep),
      weights,
      anchors: count,
      schedules: run.schedules,
    };
  }

  /** Anchor `index` of a run, which must have so many. */
  async anchor(runId: string, index: number): Promise<Anchor> {
    const a = await this.read('getAnchor', runId, index);
    return {
      index,
      firstStep: Number(a.firstStep),
      endStep: Number(a.endStep),
      weights: a.weights,
      blockNumber: Number(a.blockNumber),
    };
  }

  /**
   * Unix time of an anchor: that of its block, which the chain's headers have and the registry does not. Errors: `CHAIN_BLOCK_MISSING`
   * where a reorganisation took the block away, or the server keeps none so old.
   */
  async timeOf({ blockNumber }: Pick<Anchor, 'blockNumber'>): Promise<number> {
    const { provider, read } = this.connection;
    const block = await read(() => provider.getBlock(blockNumber));
    if (block) return block.timestamp;
    throw new PotError('CHAIN_BLOCK_MISSING', `the RPC server has no block ${blockNumber}`, {
      details: { blockNumber },
    });
  }

  /** The anchor that has a step, of a run with `count` anchors; undefined where none has it. */
  async anchorAtStep(runId: string, count: number, step: number): Promise<Anchor | undefined> {
    let low = 0;
    let high = count - 1;
    // The last one first: it is asked for most.
    let middle = high;
    while (low <= high) {
      const anchor = await this.anchor(runId, middle);
      if (step < anchor.firstStep) high = middle - 1;
      else if (step >= anchor.endStep) low = middle + 1;
      else return anchor;
      middle = (low + high) >> 1;
    }
    return undefined;
  }

  /** The first anchor of a run that ends with these weights; undefined where there is none. */
  async reached(runId: string, weights: string): Promise<Anchor | undefined> {
    const { found, index } = await this.read('reached', runId, weights);
    return found ? this.anchor(runId, Number(index)) : undefined;
  }

  /** Whether an account may anchor an owner's runs. */
  isOperator(owner: string, operator: string): Promise<boolean> {
    return this.read('isOperator', owner, operator);
  }

  /** The id of a verifier with this code and this length of proof. */
  verifierIdOf(codeHash: string, proofBytes: number): Promise<string> {
    return this.read('verifierIdOf', codeHash, proofBytes);
  }

  /**
   * A verifier of the catalogue, with its code looked at now; undefined for an unknown one. Errors:
   * `REGISTRY_VERIFIER_CODE_HASH` where its address has other code by now, or none.
   */
  async verifier(id: string): Promise<VerifierEntry | undefined> {
    const v = await this.read('getVerifier', id);
    if (v.target === ZERO_ADDRESS) return undefined;
    const { provider, read } = this.connection;
    const code = await read(() => provider.getCode(v.target));
    if ((await read(() => codeHashAt(provider, v.target))) !== v.codeHash) {
      throw new PotError('REGISTRY_VERIFIER_CODE_HASH', `the verifier at ${v.target} has lost its code`);
    }
    return {
      id,
      address: v.target,
      proofBytes: Number(v.proofBytes),
      addedBlock: Number(v.addedBlock),
      codeHash: v.codeHash,
      development: usesDevelopmentSrs(code),
    };
  }

  /** Runs that an anchor with these weights belongs to, from the chain's log. */
  async runsReaching(weights: string, fromBlock: number | 'earliest' = 'earliest'): Promise<string[]> {
    const { provider, read } = this.connection;
    const topics = abi.encodeFilterTopics('Anchored', [null, null, weights]);
    const logs = await read(() =>
      provider.getLogs({ address: this.address, topics, fromBlock, toBlock: 'latest' }),
    );
    return logs.map((log) => String(abi.parseLog(log)!.args.runId));
  }

  // biome-ignore lint/suspicious/noExplicitAny: what ethers decodes by the ABI
  private read(name: string, ...values: unknown[]): Promise<any> {
    return this.connection.read(() => this.contract.getFunction(name).staticCall(...values));
  }
}
