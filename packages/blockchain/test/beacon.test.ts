/** Beginnings that nobody could choose: dataset and settings announced on a real chain, and the block after it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { BEACON_DELAY, type BlockBeacon, type FixedSettings } from '../src/client/beacon.js';
import { BlockchainClient } from '../src/client/blockchainClient.js';
import { testChain } from './helpers/chain.js';
import { codeOf, refusal } from './helpers/errors.js';

const chain = testChain();
const word = (digit: string) => `0x${digit.repeat(64)}`;
const fixed: FixedSettings = { datasetRoot: word('a'), settings: word('b') };
const mine = (blocks: number) => chain.send('anvil_mine', `0x${blocks.toString(16)}`);
const announced = () => chain.client.registry.announced(fixed.datasetRoot, fixed.settings);
const hashOf = async (block: number) => (await chain.connection.provider.getBlock(block))!.hash;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (condition: () => Promise<boolean>) => {
  for (let i = 0; i < 3000; i++) {
    if (await condition()) return;
    await pause(20);
  }
  throw new Error('it did not come to that');
};

let snapshot: unknown;
beforeEach(async () => {
  if (snapshot) await chain.send('evm_revert', snapshot);
  snapshot = await chain.send('evm_snapshot');
});

/** Announces, and mines the block that is the beacon. */
async function beacon(client = chain.client, what = fixed): Promise<BlockBeacon> {
  const waiting = client.beacon(what);
  await until(async () => (await client.registry.announced(what.datasetRoot, what.settings)) !== undefined);
  await mine(1);
  return waiting;
}
const check = (given: BlockBeacon, what = fixed, confirmations = 1) =>
  chain.client.checkBeacon(given, what, { confirmations });

describe('a beacon of the chain', () => {
  it('is the block after the announcement, waited for', async () => {
    let found: BlockBeacon | undefined;
    // As a session calls it: without its client.
    const { beacon: source } = chain.client;
    const waiting = source(fixed).then((b) => {
      found = b;
    });
    await until(async () => (await announced()) !== undefined);
    await pause(200);
    expect(found).toBeUndefined();
    await mine(3);
    await waiting;
    const announcedIn = (await announced())!;
    expect(found).toEqual({
      kind: 'block',
      chainId: 31337,
      registry: chain.client.registry.address,
      block: announcedIn + 1,
      hash: await hashOf(announcedIn + 1),
    });
    expect(BEACON_DELAY).toBe(1);
    expect(await check(found!)).toEqual({ announcedIn });
  });

  it('is one: who asks again, or another account, gets the same, and nothing is sent', async () => {
    const first = await beacon();
    await mine(5);
    const other = await chain.clientOf(4);
    const nonces = () =>
      Promise.all([0, 4].map((i) => chain.connection.provider.getTransactionCount(chain.wallet(i).address)));
    const before = await nonces();
    expect(await chain.client.beacon(fixed)).toEqual(first);
    expect(await other.beacon(fixed)).toEqual(first);
    expect(await nonces()).toEqual(before);
    const { to, data } = chain.client.registry.encode('announce', [fixed.datasetRoot, fixed.settings]);
    const again = chain.connection.read(() => chain.connection.provider.call({ to, data }));
    expect(await refusal(again)).toMatchObject({
      code: 'REGISTRY_ANNOUNCEMENT_EXISTS',
      details: { blockNumber: String(first.block - 1) },
    });
  });

  it('waits for its confirmations, and a verifier for twelve', async () => {
    const given = await beacon();
    const young = await refusal(chain.client.checkBeacon(given, fixed));
    expect([young.code, young.details]).toEqual(['BEACON_UNCONFIRMED', { wanted: 12, found: 1 }]);
    await mine(10);
    expect(await codeOf(chain.client.checkBeacon(given, fixed))).toBe('BEACON_UNCONFIRMED');
    await mine(1);
    expect(await chain.client.checkBeacon(given, fixed)).toEqual({ announcedIn: given.block - 1 });
  });

  it('can be checked when the contract itself cannot see its block any more', async () => {
    const given = await beacon();
    await mine(400);
    expect(await check(given)).toEqual({ announcedIn: given.block - 1 });
  });

  it('is checked by a client without an account, which cannot announce', async () => {
    const given = await beacon();
    const { connection } = chain;
    const { address: registry } = chain.client.registry;
    const reader = await BlockchainClient.open({ connection, registry });
    expect(await reader.checkBeacon(given, fixed, { confirmations: 1 })).toEqual({
      announcedIn: given.block - 1,
    });
    expect(await codeOf(reader.beacon(fixed))).toBe('SIGNER_MISSING');
  });

  it('says where no block comes', async () => {
    const error = await refusal(chain.client.beacon(fixed, { deadlineMs: 400 }));
    expect([error.code, error.message]).toEqual([
      'CHAIN_DEADLINE',
      expect.stringContaining('the block after the announcement'),
    ]);
  });
});

describe('a beacon is refused', () => {
  it('that was known before the announcement, or chosen among those after it', async () => {
    const early = await chain.connection.provider.getBlockNumber();
    const given = await beacon();
    await mine(3);
    // Blocks before the announcement, its own, and later ones, each with its true hash.
    for (const block of [early, given.block - 1, given.block + 1, given.block + 2]) {
      const other = { ...given, block, hash: (await hashOf(block))! };
      expect([block, await codeOf(check(other))]).toEqual([block, 'BEACON_BLOCK']);
    }
  });

  it('of another dataset, of other settings, or of both exchanged', async () => {
    const given = await beacon();
    for (const what of [
      { ...fixed, datasetRoot: word('c') },
      { ...fixed, settings: word('c') },
      { datasetRoot: fixed.settings, settings: fixed.datasetRoot },
    ]) {
      expect(await codeOf(check(given, what))).toBe('BEACON_UNANNOUNCED');
    }
  });

  it('of an announcement after it: announced again for a dataset that was changed', async () => {
    const given = await beacon();
    const changed = { ...fixed, datasetRoot: word('d') };
    await beacon(chain.client, changed);
    expect(await codeOf(check(given, changed))).toBe('BEACON_BLOCK');
  });

  it('of another chain, registry or kind, or with another hash', async () => {
    const given = await beacon();
    const last = given.hash.endsWith('0') ? '1' : '0';
    for (const [lie, code] of [
      [{ chainId: 1 }, 'BEACON_CHAIN'],
      [{ registry: `0x${'12'.repeat(20)}` }, 'BEACON_REGISTRY'],
      [{ kind: 'value' as 'block' }, 'BEACON_KIND'],
      [{ hash: given.hash.slice(0, -1) + last }, 'BEACON_HASH'],
      [{ hash: given.hash.toUpperCase().replace('0X', '0x') }, 'BEACON_HASH'],
      [{ hash: '' }, 'BEACON_HASH'],
      [{ block: given.block + 0.5 }, 'BEACON_BLOCK'],
      [{ block: String(given.block) as unknown as number }, 'BEACON_BLOCK'],
    ] as const) {
      expect([lie, await codeOf(check({ ...given, ...lie }))]).toEqual([lie, code]);
    }
  });

  it('whose block a reorganisation replaced, and whose announcement it took away', async () => {
    const given = await beacon();
    await chain.send('anvil_rollback', 1);
    await chain.send('anvil_setNextBlockTimestamp', Math.floor(Date.now() / 1000) + 5000);
    await mine(1);
    expect(await hashOf(given.block)).not.toBe(given.hash);
    expect(await codeOf(check(given))).toBe('BEACON_HASH');
    await chain.send('anvil_rollback', 2);
    expect(await codeOf(check(given))).toBe('BEACON_UNANNOUNCED');
  });

  it('and is that of the chain that stays, where a reorganisation comes while it is waited for', async () => {
    const waiting = chain.client.beacon(fixed, { confirmations: 4 });
    await until(async () => (await announced()) !== undefined);
    await mine(1);
    const first = (await announced())!;
    await chain.send('anvil_rollback', 2);
    await chain.send('anvil_setNextBlockTimestamp', Math.floor(Date.now() / 1000) + 9000);
    await mine(3);
    // It is announced again, in a later block.
    await until(async () => ((await announced()) ?? 0) > first);
    await mine(6);
    const given = await waiting;
    expect(given.block).toBe((await announced())! + 1);
    expect(given.hash).toBe(await hashOf(given.block));
    expect(await check(given)).toEqual({ announcedIn: given.block - 1 });
  });

  it('for what is no dataset and no settings', async () => {
    for (const wrong of ['', '0x12', word('A'), 'a'.repeat(64), undefined, 7]) {
      for (const name of ['datasetRoot', 'settings']) {
        const bad = { ...fixed, [name]: wrong } as FixedSettings;
        expect([wrong, await codeOf(chain.client.beacon(bad))]).toEqual([wrong, 'OPTION_INVALID']);
      }
    }
    expect(await codeOf(chain.client.beacon(undefined as unknown as FixedSettings))).toBe('OPTION_INVALID');
  });
});
