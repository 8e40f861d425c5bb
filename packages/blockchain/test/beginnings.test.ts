/** Beginnings of a run, as an auditor of the chain finds them: first weights of a seed, and the block that is the beacon. */
import { poseidonPair, runIdFrom, settingsDigest, settingsOf } from '@proof-of-training/verifier/run';
import { describe, expect, it } from 'vitest';
import { checkChain } from '../src/audit/checkChain.js';
import type { RunDescription } from '../src/audit/description.js';
import { factsOf, type RunFacts } from '../src/audit/facts.js';
import type { BeginningOptions } from '../src/audit/options.js';
import { auditLines } from '../src/cli/reportLines.js';
import { BlockchainClient } from '../src/client/blockchainClient.js';
import type { RegisteredRun } from '../src/client/types.js';
import { registryArtifact } from '../src/contracts/artifact.js';
import { testChain } from './helpers/chain.js';
import { FaultyRpc } from './helpers/faultyRpc.js';
import { evmProofOf, fixturePin, fixtureRun } from './helpers/run.js';

const chain = testChain();
type Run = RunDescription['run'];
const word = (digit: string) => `0x${digit.repeat(64)}`;

/** The fixture's run with another beginning and a run id that fits: never registered, so an audit ends there at the latest. */
async function withRun(change: Partial<Run>): Promise<RunDescription> {
  const described = evmProofOf('0');
  const run = { ...described.run, ...change } as Run;
  return { ...described, run: { ...run, runId: runIdFrom(run, run.shardCount, poseidonPair) } };
}
async function audit(description: RunDescription, options: BeginningOptions = {}, client = chain.client) {
  const { report } = await checkChain(client, description, {
    allowDevelopmentSrs: true,
    pins: [fixturePin],
    confirmations: 1,
    ...options,
  });
  return {
    code: report.failure?.code,
    detail: (name: string) => report.checks.find((c) => c.name === name)?.detail,
  };
}
const settings = settingsDigest(settingsOf(fixtureRun.run, fixtureRun.run.shardCount));

/** The beacon of root and settings, announced on a chain that mines only what it is told to. */
async function beaconOf(what: { datasetRoot: string; settings: string }, client = chain.client) {
  const waiting = client.beacon(what, { confirmations: 1 });
  while ((await client.registry.announced(what.datasetRoot, what.settings)) === undefined) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await chain.send('anvil_mine', '0x2');
  return waiting;
}

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

      const beacon = await beaconOf({ datasetRoot, settings });
      const { code, detail } = await with_(beacon);
      expect(code).toBe('CHAIN_RUN_MISSING');
      expect(detail('order')).toContain(
        `fixed before block ${beacon.block}, whose hash it comes from: nobody but whoever made block ${beacon.block} could choose it`,
      );
      expect(detail('order')).toContain('how many others were announced beside it, this does not say');
      expect(detail('order')).toContain('the registry has 1 announcement of this dataset root');
      expect(detail('order')).not.toContain('BELIEVE');
      expect((await with_({ ...beacon, hash: word('a') })).code).toBe('BEACON_HASH');
      expect((await with_({ ...beacon, block: beacon.block + 1 })).code).toBe('BEACON_BLOCK');
      expect((await with_({ ...beacon, chainId: 1 })).code).toBe('BEACON_CHAIN');
      // A nonce tried after the block: settings that nobody announced.
      expect((await audit(await withRun({ beacon, nonce: word('0') }))).code).toBe('BEACON_UNANNOUNCED');
    });
  });

  it('is told how many announcements of the dataset there are, or that they could not be counted', async () => {
    const { datasetRoot } = fixtureRun.run;
    await chain.isolated(async () => {
      await beaconOf({ datasetRoot, settings: word('1') });
      await beaconOf({ datasetRoot: word('2'), settings });
      const described = await withRun({ beacon: await beaconOf({ datasetRoot, settings }) });
      await beaconOf({ datasetRoot, settings: word('3') });
      expect((await audit(described)).detail('order')).toContain('has 3 announcements of this dataset root');

      // A server that gives logs of few blocks at a time.
      const server = new FaultyRpc(chain.anvil.url);
      server.rule = (method, params) => {
        const [{ fromBlock, toBlock } = {}] = params as { fromBlock?: string; toBlock?: string }[];
        return method === 'eth_getLogs' && fromBlock !== toBlock ? 'busy' : 'pass';
      };
      try {
        const connection = await chain.connect({ url: await server.start(), attempts: 1 });
        const client = await chain.clientOf(9, { connection });
        const order = (await audit(described, {}, client)).detail('order');
        expect(order).toContain('could not be counted');
      } finally {
        await server.stop();
      }
    });
  });

  it('is told so where it all rests on a registry whose storage is believed', async () => {
    await chain.isolated(async () => {
      const sent = await chain.wallet(7).sendTransaction({ data: registryArtifact.bytecode });
      const { contractAddress } = (await sent.wait())!;
      const client = await BlockchainClient.open({
        connection: chain.connection,
        signer: chain.wallet(0),
        registry: contractAddress!,
        trustRegistryStorage: true,
        pollMs: 10,
      });
      const { datasetRoot } = fixtureRun.run;
      const beacon = await beaconOf({ datasetRoot, settings }, client);
      const { code, detail } = await audit(await withRun({ beacon }), {}, client);
      expect(code).toBe('CHAIN_RUN_MISSING');
      expect(detail('order')).toMatch(/^if you are right to BELIEVE the registry's storage/);
    });
  });

  it('can ask for a beacon of the chain', async () => {
    const { datasetRoot } = fixtureRun.run;
    const need = { requireBeacon: true };
    expect((await audit(await withRun({}), need)).code).toBe('BEACON_MISSING');
    const value = { kind: 'value', value: word('7'), source: 'a friend' } as const;
    expect((await audit(await withRun({ beacon: value }), need)).code).toBe('BEACON_KIND');
    expect((await audit(await withRun({ beacon: value }))).code).toBe('CHAIN_RUN_MISSING');
    await chain.isolated(async () => {
      const described = await withRun({ beacon: await beaconOf({ datasetRoot, settings }) });
      expect((await audit(described, need)).code).toBe('CHAIN_RUN_MISSING');
    });
  });

  it('can say where first weights must come from', async () => {
    const described = await withRun({ nonce: word('0') });
    expect((await audit(described, { start: 'seed' })).code).toBe('EXPECTED_MISMATCH');
    expect((await audit(described, { start: 'given' })).code).toBe('CHAIN_RUN_MISSING');
  });

  it('reads both in what an audit comes to, and in its lines', () => {
    const facts = factsOf(evmProofOf('0'), { nextStep: 4, weights: word('5') } as RegisteredRun);
    expect(facts).toMatchObject({ start: 'given', settings });
    expect([facts.beacon, facts.announcedIn, facts.announcements]).toEqual([undefined, undefined, undefined]);
    const linesOf = (change: Partial<RunFacts>) =>
      auditLines({
        report: { ok: true, checks: [], developmentSrs: false },
        registry: { address: word('6'), chainId: 31337, origin: 'address' },
        anchors: [],
        facts: { ...facts, ...change },
      }).join('\n');
    expect(linesOf({})).toMatch(/given by who trained; settings 0x[0-9a-f]{64}\n +no beacon/);
    const block = { kind: 'block', chainId: 5, registry: word('6'), block: 12, hash: word('8') } as const;
    const lines = linesOf({ start: 'seed', beacon: block, announcedIn: 11, announcements: 3 });
    expect(lines).toContain('of the public seed');
    expect(lines).toContain(`beacon ${word('8')}, block 12 of chain 5; announced in block 11`);
    expect(lines).toMatch(/announcements of this dataset root in the registry: 3/);
    expect(linesOf({ beacon: block, announcedIn: 11 })).toMatch(/could not be counted/);
  });
});
