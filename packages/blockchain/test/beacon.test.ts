/** Beginnings that nobody but a block's maker could choose: dataset and settings announced on a real chain, and the block after it. */
import { AbiCoder, keccak256, toBeHex } from 'ethers';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  BEACON_CONFIRMATIONS,
  BEACON_DELAY,
  type BlockBeacon,
  type FixedSettings,
} from '../src/client/beacon.js';
import { BlockchainClient } from '../src/client/blockchainClient.js';
import { testChain } from './helpers/chain.js';
import { codeOf, refusal } from './helpers/errors.js';
import { FaultyRpc } from './helpers/faultyRpc.js';

const chain = testChain();
const ONE = { confirmations: 1 };
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
  const waiting = client.beacon(what, ONE);
  await until(async () => (await client.registry.announced(what.datasetRoot, what.settings)) !== undefined);
  await mine(1);
  return waiting;
}
const check = (given: BlockBeacon, what = fixed, confirmations = 1) =>
  chain.client.checkBeacon(given, what, { confirmations });

describe('a beacon of the chain', () => {
  it('is the block after the announcement, waited for with as many confirmations as a verifier wants', async () => {
    let found: BlockBeacon | undefined;
    // As a session calls it: without its client.
    const { beacon: source } = chain.client;
    const waiting = source(fixed).then((b) => {
      found = b;
    });
    await until(async () => (await announced()) !== undefined);
    await pause(200);
    expect(found).toBeUndefined();
    // The announcement's block, and eleven of twelve.
    await mine(BEACON_CONFIRMATIONS - 1);
    await pause(200);
    expect(found).toBeUndefined();
    await mine(1);
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
    expect(await chain.client.checkBeacon(found!, fixed)).toEqual({ announcedIn });
  });

  it('is one: who asks again, or another account, gets the same, and nothing is sent', async () => {
    const first = await beacon();
    await mine(5);
    const other = await chain.clientOf(4, ONE);
    const nonces = () =>
      Promise.all([0, 4].map((i) => chain.connection.provider.getTransactionCount(chain.wallet(i).address)));
    const before = await nonces();
    expect(await chain.client.beacon(fixed, ONE)).toEqual(first);
    // Asked for by the client, where the call says nothing.
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

  it('is asked for with pauses, and until one deadline, where the server has not the block that it counts', async () => {
    await beacon();
    const server = new FaultyRpc(chain.anvil.url);
    server.rule = (method) => (method === 'eth_getBlockByNumber' ? { result: null } : 'pass');
    try {
      const connection = await chain.connect({ url: await server.start() });
      const client = await chain.clientOf(0, { connection, pollMs: 200 });
      const error = await refusal(client.beacon(fixed, { ...ONE, deadlineMs: 1500 }));
      expect([error.code, error.message]).toEqual(['CHAIN_DEADLINE', expect.stringContaining('1500 ms')]);
      const looks = server.count('eth_getBlockByNumber');
      expect(looks).toBeGreaterThan(0);
      expect(looks).toBeLessThan(10);
    } finally {
      await server.stop();
    }
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

  it('but not where a reorganisation takes the block away between two reads of it', async () => {
    const { registry } = chain.client;
    const real = registry.announcements;
    let reads = 0;
    registry.announcements = async (...args) => {
      if (reads++ === 0) await chain.send('anvil_rollback', 1);
      return real.apply(registry, args);
    };
    try {
      const waiting = chain.client.beacon(fixed, { confirmations: 2 });
      await until(async () => reads > 1);
      await mine(3);
      expect(await check(await waiting)).toMatchObject({ announcedIn: await announced() });
    } finally {
      registry.announcements = real;
    }
  });

  describe('where the registry counts other blocks than the server, as on chains whose contracts see the blocks of another', () => {
    /** Where the registry keeps the block of the announcement: `blocks` is its second slot. */
    const slot = () => {
      const coder = AbiCoder.defaultAbiCoder();
      const key = keccak256(coder.encode(['bytes32', 'bytes32'], [fixed.datasetRoot, fixed.settings]));
      return keccak256(coder.encode(['bytes32', 'uint256'], [key, 1]));
    };
    /** The registry says that it was in this block; the true log stays where it is. */
    const says = (block: number) =>
      chain.send('anvil_setStorageAt', chain.client.registry.address, slot(), toBeHex(block, 32));
    const true_ = async (block: number): Promise<BlockBeacon> => {
      const { address: registry } = chain.client.registry;
      return { kind: 'block', chainId: 31337, registry, block, hash: (await hashOf(block))! };
    };

    it('and the beacon is older than the announcement', async () => {
      await mine(20);
      const old = await true_((await chain.connection.provider.getBlockNumber()) - 9);
      const given = await beacon();
      await says(old.block - 1);
      expect(await announced()).toBe(old.block - 1);
      const error = await refusal(check(old));
      expect([error.code, error.details]).toEqual(['BEACON_LOG_MISSING', { announcedIn: old.block - 1 }]);
      expect(error.hint).toContain('Arbitrum');
      // Who announces learns it, before anything is trained.
      expect(await codeOf(chain.client.beacon(fixed, ONE))).toBe('BEACON_LOG_MISSING');
      // With the right number it is the right one again.
      await says(given.block - 1);
      expect(await check(given)).toEqual({ announcedIn: given.block - 1 });
      expect(await chain.client.beacon(fixed, ONE)).toEqual(given);
    });

    it('and the beacon is far ahead: it is not waited for', async () => {
      const given = await beacon();
      await says(given.block + 1_000_000);
      expect(await codeOf(check(given))).toBe('BEACON_LOG_MISSING');
      expect(await codeOf(chain.client.beacon(fixed, ONE))).toBe('BEACON_LOG_MISSING');
    });

    it('and the block has the log of another announcement', async () => {
      await mine(3);
      const other = await beacon(chain.client, { ...fixed, settings: word('c') });
      await beacon();
      await says(other.block - 1);
      expect(await codeOf(check(other))).toBe('BEACON_LOG_MISSING');
    });
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
