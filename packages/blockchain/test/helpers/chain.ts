import type { Wallet } from 'ethers';
import { afterAll, beforeAll } from 'vitest';
import { type Anvil, type AnvilOptions, anvilAccount, startAnvil } from '../../src/anvil/index.js';
import { BlockchainClient } from '../../src/client/blockchainClient.js';
import { type Connection, type ConnectOptions, connect } from '../../src/client/connect.js';
import type { ClientOptions } from '../../src/client/options.js';
import { deployOnce } from '../../src/contracts/deploy.js';
import { fixtures, termsOf, verifierCodeHash } from './fixtures.js';

/** A local chain for one test file, with a registry and the fixtures' verifier on it. */
export class TestChain {
  anvil!: Anvil;
  connection!: Connection;
  client!: BlockchainClient;
  verifierId!: string;
  private readonly connections: Connection[] = [];

  constructor(private readonly options: AnvilOptions = {}) {}

  async start(): Promise<void> {
    this.anvil = await startAnvil(this.options);
    this.connection = await this.connect();
    this.client = await BlockchainClient.deploy({
      connection: this.connection,
      signer: this.wallet(0),
      allowDevelopmentSrs: true,
      pollMs: 10,
    });
    const { address } = await deployOnce(this.wallet(0), fixtures.verifier.bytecode);
    this.verifierId = await this.client.addVerifier(address, verifierCodeHash, fixtures.proofBytes);
  }

  async stop(): Promise<void> {
    for (const c of this.connections) c.close();
    await this.anvil?.stop();
  }

  async connect(options: Partial<ConnectOptions> = {}): Promise<Connection> {
    const connection = await connect({ url: this.anvil.url, chainId: this.anvil.chainId, ...options });
    connection.provider.pollingInterval = 20;
    this.connections.push(connection);
    return connection;
  }

  /** Account `index` of Anvil's public mnemonic. */
  wallet(index: number, connection = this.connection): Wallet {
    return anvilAccount(index, connection.provider);
  }

  /** A client of account `index` on the same registry. */
  clientOf(index: number, options: Partial<ClientOptions> = {}): Promise<BlockchainClient> {
    return BlockchainClient.open({
      connection: this.connection,
      signer: this.wallet(index, options.connection),
      registry: this.client.registry.address,
      allowDevelopmentSrs: true,
      pollMs: 10,
      ...options,
    });
  }

  /** Registers the run of a fixture's first aggregate. */
  register(name: string, client = this.client) {
    return client.storeCommitment(termsOf(name, this.verifierId));
  }

  /** Everything that a test does to the chain is undone after it. */
  async isolated<T>(work: () => Promise<T>): Promise<T> {
    const snapshot = await this.send('evm_snapshot');
    try {
      return await work();
    } finally {
      await this.send('evm_revert', snapshot);
    }
  }

  send(method: string, ...params: unknown[]) {
    return this.connection.provider.send(method, params);
  }

  /** Asks the registry, as account `index`, whether it would take a statement; throws what the client would. */
  async dryRun(calldata: string, index = 0): Promise<void> {
    const { to, data } = this.client.registry.encode('anchor', [calldata]);
    await this.connection.read(() =>
      this.connection.provider.call({ to, data, from: this.wallet(index).address }),
    );
  }
}

/** A chain that starts before a file's tests and is gone after them. */
export function testChain(options: AnvilOptions = {}): TestChain {
  const chain = new TestChain(options);
  beforeAll(() => chain.start());
  afterAll(() => chain.stop());
  return chain;
}
