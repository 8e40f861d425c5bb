import { getBytes } from 'ethers';
import { registryArtifact } from '../../src/contracts/artifact.js';
import type { TestChain } from './chain.js';
import { calldataOf, fixtures, termsOf } from './fixtures.js';

/** Gas of one transaction: in all, and the parts of it that the calldata and the base fee of a transaction are. */
export interface Gas {
  gas: number;
  calldata: number;
  execution: number;
}

const BASE = 21_000;

/** Gas of everything that the client sends, by receipts, on a chain that has no run yet. */
export async function measureGas(chain: TestChain): Promise<Record<string, Gas>> {
  const { registry } = chain.client;
  const from = chain.wallet(0).address;
  const send = async (transaction: { to?: string; data: string }): Promise<Gas> => {
    const hash = await chain.send('eth_sendTransaction', { ...transaction, from, gas: '0x989680' });
    let receipt = null;
    while (!receipt) receipt = await chain.send('eth_getTransactionReceipt', hash);
    if (receipt.status !== '0x1') throw new Error('the transaction failed');
    const gas = Number(receipt.gasUsed);
    const calldata = getBytes(transaction.data).reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0);
    return { gas, calldata, execution: gas - calldata - BASE };
  };
  const anchor = (name: string) => registry.encode('anchor', [calldataOf(name)]);
  const terms = termsOf('main/0', chain.verifierId);
  const commitment = await registry.commitmentOf(from, terms);
  const verifier = await registry.verifier(chain.verifierId);
  return {
    'deploy the registry': await send({ data: registryArtifact.bytecode }),
    'deploy the verifier of the fixtures': await send({ data: fixtures.verifier.bytecode }),
    'call the verifier of the fixtures alone': await send({
      to: verifier!.address,
      data: calldataOf('main/0'),
    }),
    commit: await send(registry.encode('commit', [commitment])),
    register: await send(registry.encode('register', [terms])),
    'anchor, the first of a run': await send(anchor('main/0')),
    'anchor, a later one': await send(anchor('main/1')),
    'anchor, the third of a run': await send(anchor('main/2')),
    // It writes the word with the places of four anchors.
    'anchor, the fourth of a run': await send(anchor('main/3')),
    'anchor two in one transaction': await send(
      registry.encode('anchorBatch', [['main/4', 'main/5'].map(calldataOf)]),
    ),
  };
}
