import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BlockchainClient } from '../src/client/blockchainClient.js';
import { type Connection, connect } from '../src/client/connect.js';
import { testChain } from './helpers/chain.js';
import { codeOf, refusal } from './helpers/errors.js';
import { FaultyRpc, firstTimes } from './helpers/faultyRpc.js';
import { calldataOf, statementOf } from './helpers/fixtures.js';

const chain = testChain();
const { runId } = statementOf('main/0');
const SEND = 'eth_sendRawTransaction';
let rpc: FaultyRpc;
let url: string;
let connection: Connection;
let client: BlockchainClient;

beforeAll(async () => {
  await chain.register('main/0');
  rpc = new FaultyRpc(chain.anvil.url);
  url = await rpc.start();
  connection = await chain.connect({ url, timeoutMs: 400 });
  client = await chain.clientOf(0, { connection });
});
afterAll(() => rpc?.stop());
beforeEach(() => {
  rpc.rule = () => 'pass';
  rpc.seen.length = 0;
});

/** Anchors through the faulty server on a chain of its own, and counts what the account sent. */
async function anchorOnce(rule: FaultyRpc['rule']) {
  return chain.isolated(async () => {
    const from = chain.wallet(0).address;
    const before = await chain.connection.provider.getTransactionCount(from);
    rpc.rule = rule;
    const result = await client.anchor(calldataOf('main/0'));
    rpc.rule = () => 'pass';
    expect((await chain.client.getRun(runId))!.anchors).toBe(1);
    return { ...result, transactions: (await chain.connection.provider.getTransactionCount(from)) - before };
  });
}

describe('a server that loses things', () => {
  it('loses the request: it is sent again, the same signed transaction', async () => {
    const result = await anchorOnce(firstTimes(SEND, 2, 'drop'));
    expect(result.transactions).toBe(1);
    expect(rpc.count(SEND)).toBe(3);
    expect(result.gasUsed).toBeGreaterThan(0n);
  });

  it('loses the answer to a request that was carried out: it is not anchored twice', async () => {
    const result = await anchorOnce(firstTimes(SEND, 1, 'lose'));
    expect(result.transactions).toBe(1);
    expect(rpc.count(SEND)).toBe(1);
    expect(result.transactionHash).toMatch(/^0x/);
  });

  it('does not answer in time at first', async () => {
    const result = await anchorOnce(firstTimes(SEND, 1, 'hang'));
    expect(result.transactions).toBe(1);
  });

  it('is busy', async () => {
    expect((await anchorOnce(firstTimes(SEND, 1, 'busy'))).transactions).toBe(1);
    expect((await anchorOnce(firstTimes('eth_call', 3, 'busy'))).transactions).toBe(1);
  });

  it('loses receipts and reads', async () => {
    // One in three by chance: every third would be the same read again wherever a round has as many.
    let seed = 7;
    const unlucky = () => {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      return (seed >>> 16) % 3 === 0;
    };
    const result = await anchorOnce((method) => (method !== SEND && unlucky() ? 'drop' : 'pass'));
    expect(result.transactions).toBe(1);
  });

  it('never comes back: a typed error, in bounded time, and later the anchor is there once', async () => {
    await chain.isolated(async () => {
      let sent = false;
      rpc.rule = (method) => {
        if (method === SEND) {
          sent = true;
          return 'lose';
        }
        return sent ? 'drop' : 'pass';
      };
      const error = await refusal(client.anchor(calldataOf('main/0'), { deadlineMs: 1500 }));
      expect(error.code).toBe('CHAIN_DEADLINE');
      expect(error.hint).toContain('not sent a second time');
      rpc.rule = () => 'pass';
      const again = await client.anchor(calldataOf('main/0'));
      expect(again).toMatchObject({ already: true, sent: 0 });
      expect((await chain.client.getRun(runId))!.anchors).toBe(1);
    });
  });
});

describe('a server that is slow, dead or lies', () => {
  it('is given up with a typed error', async () => {
    rpc.rule = () => 'hang';
    expect(await codeOf(client.getRun(runId))).toBe('CHAIN_TIMEOUT');
    rpc.rule = () => 'drop';
    expect(await codeOf(client.getRun(runId))).toBe('CHAIN_UNREACHABLE');
    expect(await codeOf(connect({ url: 'http://127.0.0.1:1', chainId: 1, attempts: 1 }))).toBe(
      'CHAIN_UNREACHABLE',
    );
  });

  it('cannot be connected to as another chain', async () => {
    rpc.rule = (method) => (method === 'eth_chainId' ? { result: '0x1' } : 'pass');
    const error = await refusal(connect({ url, chainId: 31337 }));
    expect(error.code).toBe('CHAIN_ID_MISMATCH');
    expect(error.details).toEqual({ expected: 31337, found: '1' });
  });

  it('that changes its chain id later is sent nothing', async () => {
    await chain.isolated(async () => {
      rpc.rule = (method) => (method === 'eth_chainId' ? { result: '0x1' } : 'pass');
      expect(await codeOf(client.anchor(calldataOf('main/0')))).toBe('CHAIN_ID_MISMATCH');
      expect(rpc.count(SEND)).toBe(0);
      expect((await chain.client.getRun(runId))!.anchors).toBe(0);
    });
  });

  it('that is another chain with the id that was asked for has no registry there', async () => {
    rpc.rule = (method) => (method === 'eth_getCode' ? { result: '0x' } : 'pass');
    expect(await codeOf(chain.clientOf(0, { connection }))).toBe('REGISTRY_MISSING');
    rpc.rule = (method) => (method === 'eth_getCode' ? { result: '0x00' } : 'pass');
    expect(await codeOf(chain.clientOf(0, { connection }))).toBe('REGISTRY_CODE');
  });

  it('that says the transaction succeeded and shows no anchor is caught', async () => {
    await chain.isolated(async () => {
      // Its reads are of a time before the anchor: the run never moves.
      const answers = new Map<string, unknown>();
      const provider = chain.connection.provider;
      for (const [name, values] of [
        ['getRun', [runId]],
        ['head', [runId]],
      ] as const) {
        const { to, data } = client.registry.encode(name, values);
        answers.set(data, await provider.call({ to, data }));
      }
      rpc.rule = (method, params) => {
        const data = (params[0] as { data?: string; input?: string })?.data;
        return method === 'eth_call' && answers.has(data!) ? { result: answers.get(data!) } : 'pass';
      };
      expect(await codeOf(client.anchor(calldataOf('main/0')))).toBe('CHAIN_NO_EFFECT');
      expect(rpc.count(SEND)).toBe(1);
    });
  });

  it('that estimates too little gas costs one failed transaction, with its reason', async () => {
    await chain.isolated(async () => {
      rpc.rule = (method) => (method === 'eth_estimateGas' ? { result: '0x30000' } : 'pass');
      expect(await codeOf(client.anchor(calldataOf('main/0')))).toBe('CHAIN_OUT_OF_GAS');
      expect((await chain.client.getRun(runId))!.anchors).toBe(0);
    });
  });

  it('gives no secret away in an error', async () => {
    rpc.rule = () => 'drop';
    const { privateKey } = chain.wallet(0);
    const error = await refusal(client.anchor(calldataOf('main/0'), { deadlineMs: 300 }));
    expect(JSON.stringify(error.toJSON()) + error.stack).not.toContain(privateKey.slice(2));
  });
});

describe('an abort', () => {
  it('ends waiting at once', async () => {
    await chain.isolated(async () => {
      const controller = new AbortController();
      const waiting = client.anchor(calldataOf('main/0'), { confirmations: 1000, signal: controller.signal });
      setTimeout(() => controller.abort(new Error('enough')), 200);
      await expect(waiting).rejects.toThrow('enough');
    });
  });
});
