import { PotError } from '@proof-of-training/halo2-wasm';
import { Contract, Interface, ZeroAddress, ZeroHash } from 'ethers';
import type { Connection } from '../client/connect.js';
import { codeHashAt, deploymentAddress } from '../contracts/deploy.js';
import { drawsArtifact } from '../contracts/drawsArtifact.js';
import { contextOfDraw, drawnIndices, drawSeedOf } from './rule.js';
import type { Draw, DrawTerms, RegisteredTestSet } from './types.js';

const abi = new Interface(drawsArtifact.abi);
const NONE = { registry: ZeroAddress, runId: ZeroHash };

/** Where the contract of drawn evaluations is on every chain: the address follows from its code, so that nobody chose its storage. */
export const DRAWS_ADDRESS: string = deploymentAddress(drawsArtifact.bytecode);

/**
 * Typed reads of the contract of drawn evaluations, and the calldata of its functions.
 *
 * @example
 * const { contract } = await EvaluationDraws.open({ connection });
 * const tries = await contract.requests({ model });
 */
export class DrawsContract {
  readonly address = DRAWS_ADDRESS;
  private readonly contract: Contract;

  private constructor(readonly connection: Connection) {
    this.contract = new Contract(DRAWS_ADDRESS, abi, connection.provider);
  }

  /** Errors: `DRAW_CONTRACT` where the chain does not have it, those of the connection. */
  static async on(connection: Connection): Promise<DrawsContract> {
    const found = await connection.read(() => codeHashAt(connection.provider, DRAWS_ADDRESS));
    if (found === drawsArtifact.codeHash) return new DrawsContract(connection);
    throw new PotError(
      'DRAW_CONTRACT',
      `chain ${connection.chainId} has no contract of drawn evaluations at ${DRAWS_ADDRESS}`,
      { hint: 'Whoever registers a test set or asks for a draw deploys it (EvaluationDraws.deploy).' },
    );
  }

  /** Calldata of a function. */
  encode(name: string, values: readonly unknown[]): { to: string; data: string } {
    return { to: this.address, data: abi.encodeFunctionData(name, values) };
  }

  /** Calldata that asks for a draw. */
  encodeRequest({ run, ...terms }: DrawTerms): { to: string; data: string } {
    return this.encode('request', [{ ...terms, ...NONE, ...run }]);
  }

  /** A test set; undefined where it is not registered. */
  async testSet(id: string): Promise<RegisteredTestSet | undefined> {
    const { owner, root, samples, registeredBlock } = await this.read('getTestSet', id);
    if (owner === ZeroAddress) return undefined;
    return { id, owner, root, samples: Number(samples), registeredBlock: Number(registeredBlock) };
  }

  /** A draw; undefined where nobody asked for it. Seed and samples are computed here, from the block's hash that the contract has. */
  async draw(id: string): Promise<Draw | undefined> {
    const found = await this.read('getDraw', id);
    if (found.requester === ZeroAddress) return undefined;
    const { testSet, model, registry, runId } = found.terms;
    const [samples, window] = [Number(found.terms.samples), Number(found.terms.window)];
    const drawingBlock = Number(found.requestedBlock) + 1;
    const { blockHash } = found;
    return {
      id,
      requester: found.requester,
      testSet,
      model,
      ...(registry !== ZeroAddress && { run: { registry, runId } }),
      samples,
      window,
      requestedBlock: Number(found.requestedBlock),
      drawingBlock,
      lastBlock: drawingBlock + window,
      ...(blockHash !== ZeroHash && { fixed: await this.fixedBy(id, testSet, samples, blockHash) }),
      ...(found.evaluation !== ZeroHash && {
        answer: { evaluation: found.evaluation, block: Number(found.answeredBlock) },
      }),
    };
  }

  /** Ids of the draws for a model, or from a test set, or both, from the chain's log, each with its block. */
  async requests(of: { testSet?: string; model?: string; draw?: string }, fromBlock = 0, toBlock?: number) {
    const { provider, read } = this.connection;
    const topics = abi.encodeFilterTopics('DrawRequested', [
      of.draw ?? null,
      of.testSet ?? null,
      of.model ?? null,
    ]);
    const range = { address: this.address, topics, fromBlock, toBlock: toBlock ?? 'latest' };
    const logs = await read(() => provider.getLogs(range));
    return logs.map((log) => {
      const { draw, testSet, model, requester } = abi.parseLog(log)!.args;
      return { draw, testSet, model, requester, block: log.blockNumber } as {
        draw: string;
        testSet: string;
        model: string;
        requester: string;
        block: number;
      };
    });
  }

  private async fixedBy(id: string, testSet: string, samples: number, blockHash: string) {
    const from = (await this.testSet(testSet))!.samples;
    const seed = drawSeedOf(this.connection.chainId, this.address, id, blockHash);
    return { blockHash, seed, indices: drawnIndices(seed, from, samples), context: contextOfDraw(seed) };
  }

  // biome-ignore lint/suspicious/noExplicitAny: what ethers decodes by the ABI
  private read(name: string, ...values: unknown[]): Promise<any> {
    return this.connection.read(() => this.contract.getFunction(name).staticCall(...values));
  }
}
