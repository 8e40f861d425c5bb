/** Beginnings of a run, as an auditor of the chain finds them: first weights of a seed, and the block that is the beacon. */
import { circomlibPair, runIdFrom, settingsDigest, settingsOf } from '@proof-of-training/core/internal';
import { describe, expect, it } from 'vitest';
import { checkChain } from '../src/audit/checkChain.js';
import type { RunDescription } from '../src/audit/description.js';
import { testChain } from './helpers/chain.js';
import { evmProofOf, fixturePin, fixtureRun } from './helpers/run.js';

const chain = testChain();
type Run = RunDescription['run'];
const word = (digit: string) => `0x${digit.repeat(64)}`;

/** The fixture's run with another beginning and a run id that fits: never registered, so an audit ends there at the latest. */
async function withRun(change: Partial<Run>): Promise<RunDescription> {
  const described = evmProofOf('0');
  const run = { ...described.run, ...change } as Run;
  return { ...described, run: { ...run, runId: runIdFrom(run, run.shardCount, await circomlibPair()) } };
}
async function audit(description: RunDescription) {
  const { report } = await checkChain(chain.client, description, {
    allowDevelopmentSrs: true,
    pins: [fixturePin],
    confirmations: 1,
  });
  return {
    code: report.failure?.code,
    detail: (name: string) => report.checks.find((c) => c.name === name)?.detail,
  };
}
const settings = settingsDigest(settingsOf(fixtureRun.run, fixtureRun.run.shardCount));

describe('an auditor', () => {
  it('is told of given first weights, and that an order without a beacon could have been chosen', async () => {
    const { code, detail } = await audit(await withRun({ nonce: word('0') }));
    expect(code).toBe('CHAIN_RUN_MISSING');
    expect(detail('first weights')).toContain('given');
    expect(detail('order')).toContain('could have been chosen');
  });

  it('refuses first weights that are said to be those of the seed and are not', async () => {
    const glorot = { kind: 'varianceScaling', scale: 1, mode: 'fanAvg', distribution: 'uniform' } as const;
    const start: Run['start'] = {
      kind: 'seed',
      layers: [{ kernel: glorot, bias: { kind: 'constant', value: 0 } }],
    };
    expect((await audit(await withRun({ start }))).code).toBe('START_SEED');
  });

  it('accepts the block after the announcement, and no other', async () => {
    const { client, connection } = chain;
    const { datasetRoot } = fixtureRun.run;
    await chain.isolated(async () => {
      const block = (number: number, hash: string): Run['beacon'] => ({
        kind: 'block',
        chainId: connection.chainId,
        registry: client.registry.address,
        block: number,
        hash,
      });
      const with_ = async (beacon: Run['beacon']) => audit(await withRun({ beacon }));
      expect((await with_(block(1, word('a')))).code).toBe('BEACON_UNANNOUNCED');

      const waiting = client.beacon({ datasetRoot, settings });
      while ((await client.registry.announced(datasetRoot, settings)) === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await chain.send('anvil_mine', '0x2');
      const beacon = await waiting;
      const { code, detail } = await with_(beacon);
      expect(code).toBe('CHAIN_RUN_MISSING');
      expect(detail('order')).toContain('nobody could choose it');
      expect((await with_({ ...beacon, hash: word('a') })).code).toBe('BEACON_HASH');
      expect((await with_({ ...beacon, block: beacon.block + 1 })).code).toBe('BEACON_BLOCK');
      expect((await with_({ ...beacon, chainId: 1 })).code).toBe('BEACON_CHAIN');
      // A nonce tried after the block: settings that nobody announced.
      expect((await audit(await withRun({ beacon, nonce: word('0') }))).code).toBe('BEACON_UNANNOUNCED');
    });
  });
});
