/** Samples drawn by a block after model and test set were fixed: what the contract takes and refuses, on a real chain. */
import { AbiCoder, keccak256, toBeHex } from 'ethers';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registryArtifact } from '../src/contracts/artifact.js';
import { EvaluationDraws } from '../src/draws/client.js';
import { drawIdOf, drawnIndices, testSetIdOf } from '../src/draws/rule.js';
import type { DrawTerms } from '../src/draws/types.js';
import { callAll } from './helpers/calls.js';
import { testChain } from './helpers/chain.js';
import { codeOf, refusal } from './helpers/errors.js';
import { calldataOf, statementOf } from './helpers/fixtures.js';

const chain = testChain();
const ONE = { confirmations: 1 };
const word = (digit: string) => `0x${digit.repeat(64)}`;
const mine = (blocks: number) => chain.send('anvil_mine', toBeHex(blocks).replace(/^0x0/, '0x'));
const MODEL = word('1');
const SUMMARY = { root: word('a'), samples: 40 };

let draws: EvaluationDraws;
let testSet: string;
let terms: DrawTerms;
let snapshot: unknown;
const clientOf = (index: number) =>
  EvaluationDraws.deploy({ connection: chain.connection, signer: chain.wallet(index), pollMs: 10 });
beforeAll(async () => {
  draws = await clientOf(0);
  ({
    value: { id: testSet },
  } = await draws.registerTestSet(SUMMARY));
  terms = { testSet, model: MODEL, samples: 6, window: 300 };
});
beforeEach(async () => {
  if (snapshot) await chain.send('evm_revert', snapshot);
  snapshot = await chain.send('evm_snapshot');
});

/** What the contract says to a call of an account that the client would not send. */
const said = async (name: string, values: unknown[], account = 0) => {
  const { to, data } = draws.contract.encode(name, values);
  const from = chain.wallet(account).address;
  return refusal(
    chain.connection.read(() => chain.connection.provider.call({ to, data, from })) as Promise<unknown>,
  );
};
const asTuple = ({ run, ...rest }: DrawTerms) => [
  { ...rest, registry: `0x${'0'.repeat(40)}`, runId: word('0'), ...run },
];
/** Asks, and mines the block that draws and one more. */
const drawn = async (client = draws, of = terms) => {
  const { value } = await client.request(of);
  await mine(2);
  return client.fix(value.id, ONE);
};

describe('a draw', () => {
  it('is of the next block’s hash, by one rule in contract and library, and again it is the same', async () => {
    const { value, already } = await draws.request(terms);
    expect([already, value.fixed]).toEqual([false, undefined]);
    expect(value.drawingBlock).toBe(value.requestedBlock + 1);
    // Nothing can be known of it before.
    expect((await said('fix', [value.id])).code).toBe('DRAW_TOO_EARLY');
    expect((await said('indices', [value.id])).code).toBe('DRAW_TOO_EARLY');
    await mine(2);
    const { fixed } = await draws.fix(value.id, ONE);
    const block = await chain.connection.provider.getBlock(value.drawingBlock);
    expect(fixed.blockHash).toBe(block!.hash);
    const { to, data } = draws.contract.encode('indices', [value.id]);
    const [list] = AbiCoder.defaultAbiCoder().decode(
      ['uint32[]'],
      await chain.connection.provider.call({ to, data }),
    );
    expect(fixed.indices).toEqual(Array.from(list as bigint[], Number));
    expect(new Set(fixed.indices).size).toBe(6);
    expect([...fixed.indices].sort((a, b) => a - b)).toEqual(fixed.indices);
    const nonce = () => chain.connection.provider.getTransactionCount(chain.wallet(0).address);
    const before = await nonce();
    expect((await draws.fix(value.id, ONE)).fixed).toEqual(fixed);
    expect((await draws.request(terms)).already).toBe(true);
    expect((await draws.registerTestSet(SUMMARY)).already).toBe(true);
    expect(await nonce()).toBe(before);
  });

  it('takes each sample as often, whatever numbers, as the contract does', async () => {
    const cases = Array.from({ length: 24 }, (_, i) => {
      const from = [1, 2, 3, 255, 256, 257, 300, 700][i % 8]!;
      return [keccak256(toBeHex(i, 32)), from, [1, Math.ceil(from / 2), from][i % 3]!] as const;
    });
    const calls = cases.map((values) => draws.contract.encode('drawn', values));
    const answers = await callAll(chain.anvil.url, calls);
    for (const [i, [seed, from, samples]] of cases.entries()) {
      const [list] = AbiCoder.defaultAbiCoder().decode(['uint32[]'], answers[i]!);
      expect(drawnIndices(seed, from, samples)).toEqual(Array.from(list as bigint[], Number));
    }
    const times = Array<number>(10).fill(0);
    for (let i = 0; i < 1000; i++) {
      for (const index of drawnIndices(keccak256(toBeHex(i, 32)), 10, 3)) times[index]!++;
    }
    // 300 each in the mean, with a deviation of 14.5.
    for (const often of times) expect(Math.abs(often - 300)).toBeLessThan(72);
    const bad = [
      [word('1'), 0, 0],
      [word('1'), 5, 6],
      [word('1'), 5, 0],
      [word('1'), (1 << 20) + 1, 5],
      [word('1'), 5000, 4097],
    ];
    for (const values of bad) expect((await said('drawn', values)).code).toBe('DRAW_TERMS');
  });

  it('is one for an account, a model and a test set: other numbers are no other try', async () => {
    await draws.request(terms);
    expect(await codeOf(draws.request({ ...terms, samples: 7 }))).toBe('DRAW_EXISTS');
    expect(await codeOf(draws.request({ ...terms, window: 301 }))).toBe('DRAW_EXISTS');
    expect((await said('request', asTuple({ ...terms, samples: 7 }))).code).toBe('DRAW_EXISTS');
    // Another account's is another draw, of other samples, and everybody sees both.
    const other = await clientOf(3);
    const { value } = await other.request(terms);
    expect(value.id).toBe(drawIdOf(chain.wallet(3).address, testSet, MODEL));
    const ids = (await draws.contract.requests({ model: MODEL })).map((r) => r.draw);
    expect(ids).toEqual([drawIdOf(chain.wallet(0).address, testSet, MODEL), value.id]);
  });

  it('is refused of a test set that came with it or after it, and of numbers out of range', async () => {
    const { address } = chain.wallet(0);
    const late = testSetIdOf(address, word('b'), 9);
    expect(await codeOf(draws.request({ ...terms, testSet: late }))).toBe('DRAW_TEST_SET_UNKNOWN');
    // Both in one block.
    await chain.send('evm_setAutomine', false);
    const send = (call: object) =>
      chain.send('eth_sendTransaction', { ...call, from: address, gas: '0xf4240' });
    await send(draws.contract.encode('registerTestSet', [word('b'), 9]));
    const hash = await send(draws.contract.encodeRequest({ ...terms, testSet: late }));
    await mine(1);
    await chain.send('evm_setAutomine', true);
    const receipt = await chain.connection.provider.getTransactionReceipt(hash as string);
    expect(receipt?.status).toBe(0);
    expect((await draws.contract.testSet(late))?.registeredBlock).toBe(receipt?.blockNumber);
    const bad: Partial<DrawTerms>[] = [
      { samples: 41 },
      { window: 0 },
      { window: 2 ** 24 + 1 },
      { model: word('0') },
    ];
    for (const part of bad) {
      expect((await said('request', asTuple({ ...terms, ...part }))).code).toBe('DRAW_TERMS');
    }
    for (const options of [{ samples: 0 }, { window: 0.5 }, { model: '0x1' }, { more: 1 }]) {
      expect(await codeOf(draws.request({ ...terms, ...options }))).toMatch(/^OPTION_/);
    }
    for (const values of [
      [word('0'), 5],
      [word('1'), 0],
      [word('1'), (1 << 20) + 1],
    ]) {
      expect((await said('registerTestSet', values)).code).toBe('DRAW_TEST_SET_INVALID');
    }
    expect((await said('registerTestSet', [SUMMARY.root, SUMMARY.samples])).code).toBe(
      'DRAW_TEST_SET_EXISTS',
    );
    expect((await said('fix', [word('7')])).code).toBe('DRAW_UNKNOWN');
  });

  it('for a run is its owner’s, and of weights that an anchor has', async () => {
    await chain.register('main/0');
    const { runId, weightsOut, weightsIn } = statementOf('main/0');
    const run = { registry: chain.client.registry.address, runId };
    const of = { ...terms, model: weightsOut, run };
    expect(await codeOf(draws.request(of))).toBe('DRAW_MODEL_NOT_ANCHORED');
    await chain.client.anchor(calldataOf('main/0'), ONE);
    expect(await codeOf((await clientOf(3)).request(of))).toBe('DRAW_NOT_RUN_OWNER');
    expect(await codeOf(draws.request({ ...of, model: weightsIn }))).toBe('DRAW_MODEL_NOT_ANCHORED');
    expect(await codeOf(draws.request({ ...of, run: { ...run, runId: word('3') } }))).toBe(
      'DRAW_NOT_RUN_OWNER',
    );
    expect((await draws.request(of)).value.run).toEqual(run);
    // Half a name is none.
    for (const part of [{ registry: run.registry }, { runId }]) {
      const half = asTuple({ ...terms, run: { registry: `0x${'0'.repeat(40)}`, runId: word('0'), ...part } });
      expect((await said('request', half)).code).toBe('DRAW_TERMS');
    }
  });
});

describe('an answer', () => {
  const answer = async (id: string, seed: string, evaluation: string, account = 0) =>
    (await said('answer', [id, seed, evaluation], account)).code;
  const register = async (id: string, seed: string, evaluation: string) => {
    const signer = chain.wallet(0);
    await (await signer.sendTransaction(draws.contract.encode('answer', [id, seed, evaluation]))).wait();
  };

  it('is taken once, of who asked, with the seed of this branch', async () => {
    const { id, fixed } = await drawn();
    expect(await answer(id, fixed.seed, word('5'), 3)).toBe('DRAW_NOT_REQUESTER');
    expect(await answer(id, word('9'), word('5'))).toBe('DRAW_SEED_MISMATCH');
    expect(await answer(id, fixed.seed, word('0'))).toBe('DRAW_TERMS');
    expect(await answer(word('7'), fixed.seed, word('5'))).toBe('DRAW_UNKNOWN');
    await register(id, fixed.seed, word('5'));
    expect((await draws.draw(id))?.answer?.evaluation).toBe(word('5'));
    expect(await answer(id, fixed.seed, word('6'))).toBe('DRAW_ANSWERED');
    expect(await answer(id, fixed.seed, word('5'))).toBe('DRAW_ANSWERED');
  });

  it('is taken in its window alone', async () => {
    const { id, fixed, lastBlock } = await drawn(draws, { ...terms, window: 20 });
    const height = await chain.connection.provider.getBlockNumber();
    await mine(lastBlock - height - 1);
    const last = await chain.send('evm_snapshot');
    await register(id, fixed.seed, word('5'));
    expect((await draws.draw(id))?.answer?.block).toBe(lastBlock);
    await chain.send('evm_revert', last);
    await mine(2);
    const error = await said('answer', [id, fixed.seed, word('5')]);
    expect([error.code, error.details.lastBlock]).toEqual(['DRAW_WINDOW_CLOSED', String(lastBlock)]);
  });

  it('fixes the seed itself while the chain has it, and of a block that is too old nothing is taken', async () => {
    const { value } = await draws.request(terms);
    await mine(200);
    const snapshotBefore = await chain.send('evm_snapshot');
    const { fixed } = await draws.fix(value.id, ONE);
    await chain.send('evm_revert', snapshotBefore);
    await register(value.id, fixed.seed, word('5'));
    expect((await draws.draw(value.id))?.fixed?.seed).toBe(fixed.seed);
    const { value: other } = await draws.request({ ...terms, model: word('2') });
    await mine(258);
    // Without EIP-2935 there are 256 of them.
    await chain.send('anvil_setCode', '0x0000F90827F1C53a10cb7A02335B175320002935', '0x');
    expect((await said('fix', [other.id])).code).toBe('DRAW_TOO_OLD');
    expect(await codeOf(draws.fix(other.id, ONE))).toBe('DRAW_TOO_OLD');
    expect(await answer(other.id, word('9'), word('5'))).toBe('DRAW_TOO_OLD');
    // The draw is lost, and is no second try.
    expect(await codeOf(draws.request({ ...terms, model: word('2'), samples: 5 }))).toBe('DRAW_EXISTS');
    // What lies at the address of EIP-2935 and gives nothing, or more than a hash, is no hash.
    for (const code of ['0x5f5ff3', '0x60405ff3', '0x5f5ffd']) {
      await chain.send('anvil_setCode', '0x0000F90827F1C53a10cb7A02335B175320002935', code);
      expect((await said('fix', [other.id])).code).toBe('DRAW_TOO_OLD');
    }
    // With it the hash is there for longer: here it returns 32 bytes of its input, which is the block's number.
    await chain.send('anvil_setCode', '0x0000F90827F1C53a10cb7A02335B175320002935', '0x60205f5f3760205ff3');
    expect((await draws.fix(other.id, ONE)).fixed.blockHash).toBe(toBeHex(other.drawingBlock, 32));
  });
});

it('of a reorganisation is another one, and an answer to the first is refused', async () => {
  const before = await chain.send('evm_snapshot');
  const { id, fixed } = await drawn();
  await chain.send('evm_revert', before);
  await chain.send('evm_setNextBlockTimestamp', Math.floor(Date.now() / 1000) + 5000);
  const again = await drawn();
  expect(again.id).toBe(id);
  expect(again.fixed.seed).not.toBe(fixed.seed);
  expect((await said('answer', [id, fixed.seed, word('5')])).code).toBe('DRAW_SEED_MISMATCH');
});

it('has no owner, and nothing that changes what is registered', async () => {
  const { drawsArtifact } = await import('../src/contracts/drawsArtifact.js');
  const writes = drawsArtifact.abi
    .filter((f) => f.type === 'function' && !['view', 'pure'].includes(f.stateMutability))
    .map((f) => f.name)
    .sort();
  expect(writes).toEqual(['answer', 'fix', 'registerTestSet', 'request']);
  expect(keccak256(drawsArtifact.deployedBytecode)).toBe(drawsArtifact.codeHash);
  expect(drawsArtifact.codeHash).not.toBe(registryArtifact.codeHash);
});
