import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WatchEvent } from '../src/client/watch.js';
import { testChain } from './helpers/chain.js';
import { calldataOf, statementOf, termsOf } from './helpers/fixtures.js';

const chain = testChain();
const { runId } = statementOf('main/0');

beforeAll(async () => {
  await chain.register('main/0');
});
let snapshot: unknown;
beforeEach(async () => {
  // A new snapshot for each test: a rollback below one makes it unusable.
  if (snapshot) await chain.send('evm_revert', snapshot);
  snapshot = await chain.send('evm_snapshot');
});

/** Milliseconds between a client's looks that leave the test the time to act in between. */
const SLOW = 2000;

const mine = (blocks: number) => chain.send('anvil_mine', `0x${blocks.toString(16)}`);
const until = async (condition: () => boolean | Promise<boolean>) => {
  for (let i = 0; i < 3000; i++) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('it did not come to that');
};
const anchors = async () => (await chain.client.getRun(runId))!.anchors;

describe('anchoring', () => {
  it('waits for its confirmations', async () => {
    let done = false;
    const waiting = chain.client.anchor(calldataOf('main/0'), { confirmations: 4 }).then((r) => {
      done = true;
      return r;
    });
    await until(async () => (await anchors()) === 1);
    await mine(2);
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(done).toBe(false);
    await mine(1);
    expect((await waiting).sent).toBe(1);
  });

  it('is not the only thing that waits: a verifier and a registration do too', async () => {
    await chain.isolated(async () => {
      const client = await chain.clientOf(0, { confirmations: 4 });
      const waits = async (begin: () => Promise<unknown>, there: () => Promise<boolean>) => {
        let done = false;
        const waiting = begin().then(() => {
          done = true;
        });
        await until(there);
        await mine(2);
        await new Promise((resolve) => setTimeout(resolve, 150));
        expect(done).toBe(false);
        await mine(1);
        await waiting;
      };
      const { address, codeHash } = await chain.client.trustedVerifier(chain.verifierId);
      const id = await chain.client.registry.verifierIdOf(codeHash, 32);
      await waits(
        () => client.addVerifier(address, codeHash, 32),
        async () => (await chain.client.registry.verifier(id)) !== undefined,
      );
      const terms = termsOf('other/0', chain.verifierId);
      const registering = client.storeCommitment(terms);
      const { registry } = client;
      const hash = await registry.commitmentOf(chain.wallet(0).address, terms);
      await until(async () => (await registry.committed(hash)) !== undefined);
      await mine(3);
      await waits(
        () => registering,
        async () => (await client.getRun(terms.runId)) !== undefined,
      );
    });
  });

  it('anchors again what a reorganisation took away, once', async () => {
    const waiting = chain.client.anchor(calldataOf('main/0'), { confirmations: 4 });
    await until(async () => (await anchors()) === 1);
    await chain.send('anvil_rollback', 1);
    await until(async () => (await anchors()) === 1);
    await mine(3);
    const { value, sent } = await waiting;
    expect(value.index).toBe(0);
    expect(sent).toBe(2);
    expect(await anchors()).toBe(1);
  });

  it('anchors again where another transaction of the account took its nonce', async () => {
    const waiting = chain.client.anchor(calldataOf('main/0'), { confirmations: 4, pollMs: SLOW });
    await until(async () => (await anchors()) === 1);
    await chain.send('anvil_rollback', 1);
    const wallet = chain.wallet(0);
    await (await wallet.sendTransaction({ to: wallet.address, value: 1n })).wait().catch(() => {});
    await until(async () => (await anchors()) === 1);
    await mine(3);
    expect((await waiting).value.index).toBe(0);
    expect(await anchors()).toBe(1);
  });

  it('stops where the other branch has another continuation', async () => {
    await chain.client.anchor(calldataOf('main/0'));
    const waiting = chain.client.anchor(calldataOf('main/1'), { confirmations: 4, pollMs: SLOW });
    const outcome = waiting.catch((e) => e.code);
    await until(async () => (await anchors()) === 2);
    await chain.send('anvil_rollback', 1);
    const fork = chain.client.registry.encode('anchor', [calldataOf('main/1-fork')]);
    await (await chain.wallet(0).sendTransaction({ ...fork, gasLimit: 900_000 })).wait();
    expect(await outcome).toBe('ANCHOR_CONFLICT');
    expect(await anchors()).toBe(2);
  });
});

describe('watching', () => {
  it('tells of confirmed anchors, and of those that go', async () => {
    const events: WatchEvent[] = [];
    const controller = new AbortController();
    const options = { confirmations: 2, pollMs: 20, signal: controller.signal };
    const watching = chain.client.watch(runId, (event) => events.push(event), options);
    await chain.client.anchor(calldataOf('main/0'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events).toEqual([]);
    await mine(1);
    await until(() => events.length === 1);
    await chain.client.anchor(calldataOf('main/1'));
    await mine(1);
    await until(() => events.length === 2);
    await chain.send('anvil_rollback', 2);
    await until(() => events.length === 3);
    await chain.client.anchor(calldataOf('main/1-fork'));
    await mine(1);
    await until(() => events.length === 4);
    controller.abort();
    await watching;
    expect(events.map((e) => [e.type, e.anchor.weights])).toEqual([
      ['anchored', statementOf('main/0').weightsOut],
      ['anchored', statementOf('main/1').weightsOut],
      ['removed', statementOf('main/1').weightsOut],
      ['anchored', statementOf('main/1-fork').weightsOut],
    ]);
  });
});

describe('a transaction that nobody mines', () => {
  it('is sent again with a higher fee and the same nonce', async () => {
    await chain.send('evm_setAutomine', false);
    try {
      const from = chain.wallet(0).address;
      const nonce = await chain.connection.provider.getTransactionCount(from);
      const waiting = chain.client.anchor(calldataOf('main/0'), { stuckMs: 300 });
      const pool = async () => {
        const { pending } = await chain.send('txpool_content');
        return Object.values(pending[from] ?? pending[from.toLowerCase()] ?? {}) as {
          maxFeePerGas: string;
        }[];
      };
      await until(async () => (await pool()).length === 1);
      const [first] = await pool();
      await until(async () => BigInt((await pool())[0]?.maxFeePerGas ?? 0) > BigInt(first!.maxFeePerGas));
      expect(await pool()).toHaveLength(1);
      await mine(1);
      expect((await waiting).sent).toBeGreaterThan(1);
      expect(await chain.connection.provider.getTransactionCount(from)).toBe(nonce + 1);
    } finally {
      await chain.send('evm_setAutomine', true);
    }
  });
});

describe('a transaction that was refused when it was mined', () => {
  /** Both wait in the pool, the one with the higher fee is carried out first. */
  async function overtaken(first: { to: string; data: string }, late: () => Promise<unknown>) {
    await chain.send('evm_setAutomine', false);
    try {
      const outcome = late().then(
        () => 'anchored',
        (e) => e,
      );
      const pool = async () => Number((await chain.send('txpool_status')).pending);
      await until(async () => (await pool()) === 1);
      const fee = '0x174876e800';
      const from = chain.wallet(0).address;
      const call = { ...first, from, gas: '0xf4240', maxFeePerGas: fee, maxPriorityFeePerGas: fee };
      await chain.send('eth_sendTransaction', call);
      await until(async () => (await pool()) === 2);
      await mine(1);
      return await outcome;
    } finally {
      await chain.send('evm_setAutomine', true);
    }
  }

  it('fails with the reason, decoded', async () => {
    const { registry } = chain.client;
    const operator = await chain.clientOf(1);
    await chain.client.setOperator(chain.wallet(1).address, true);
    const dismissed = registry.encode('setOperator', [chain.wallet(1).address, false]);
    const error = await overtaken(dismissed, () => operator.anchor(calldataOf('main/0')));
    expect(error.code).toBe('REGISTRY_NOT_ALLOWED');
    expect(error.details.transaction).toMatch(/^0x/);
  });

  it('is no failure where another one anchored the same', async () => {
    const operator = await chain.clientOf(1);
    await chain.client.setOperator(chain.wallet(1).address, true);
    const same = chain.client.registry.encode('anchor', [calldataOf('main/0')]);
    expect(await overtaken(same, () => operator.anchor(calldataOf('main/0')))).toBe('anchored');
    expect(await anchors()).toBe(1);
  });
});
