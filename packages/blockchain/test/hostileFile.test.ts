/** Files whose sender lies: each is refused with a code, by the library and by the command, before anything is believed. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunSummary } from '@proof-of-training/verifier/files';
import { referenceFor } from '@proof-of-training/verifier/node';
import { poseidonPair, runIdFrom } from '@proof-of-training/verifier/run';
import { keccak256 } from 'ethers';
import { beforeAll, describe, expect, it } from 'vitest';
import { compileVerifier } from '../scripts/solc.mjs';
import { anchorFile } from '../src/anchoring/anchorFile.js';
import { verifyOnchain } from '../src/anchoring/verifyOnchain.js';
import { anvilAccount, startAnvil } from '../src/anvil/index.js';
import { checkChain } from '../src/audit/checkChain.js';
import type { RunDescription } from '../src/audit/description.js';
import { verifierPin } from '../src/audit/pin.js';
import { scheduleHashOf } from '../src/audit/schedule.js';
import { BlockchainClient } from '../src/client/blockchainClient.js';
import { connect } from '../src/client/connect.js';
import { type EvmProof, parseEvmProof } from '../src/proofFile/evmProof.js';
import { termsOfRun } from '../src/proofFile/terms.js';
import { testChain } from './helpers/chain.js';
import { codeOf } from './helpers/errors.js';
import { calldataOf, verifierCodeHash, withWord } from './helpers/fixtures.js';
import { type Program, run } from './helpers/pot.js';
import { evmProofOf, fixturePin, fixtureRun } from './helpers/run.js';

const chain = testChain();
const dir = mkdtempSync(join(tmpdir(), 'pot-hostile-'));
const allow = { allowDevelopmentSrs: true };
const options = { ...allow, pins: [fixturePin], confirmations: 1 };
const STEPS = 8000;

const command = (program: Program, ...args: string[]) =>
  run(program, [...args, '--allow-development-srs'], {
    cwd: dir,
    env: { POT_RPC_URL: chain.anvil.url, POT_CHAIN_ID: '31337' },
  });

function written(name: string, file: unknown): string {
  writeFileSync(join(dir, name), typeof file === 'string' ? file : JSON.stringify(file));
  return name;
}

/** The code that an audit ends with; `fits` where it does. */
async function audit(description: RunDescription, more: object = {}): Promise<string> {
  const client = await chain.clientOf(9);
  const { report } = await checkChain(client, description, { ...options, ...more });
  return report.failure?.code ?? 'fits';
}

beforeAll(async () => {
  await anchorFile(chain.client, evmProofOf('0'), { signer: chain.wallet(0), connection: chain.connection });
});

describe("a verifier of the sender's own", () => {
  /** The fixture's run, "trained" for 8,000 steps in no time, with a "verifier" that accepts this one calldata. */
  async function forged(): Promise<EvmProof> {
    let calldata = calldataOf('run/0');
    calldata = withWord(calldata, 15, BigInt(STEPS));
    calldata = withWord(calldata, 17, BigInt(fixtureRun.opening.commitment));
    calldata = withWord(calldata, 19, BigInt(await scheduleHashOf(fixtureRun.run, 0, STEPS)));
    const { bytecode, deployedBytecode } = compileVerifier(`// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;
contract Halo2Verifier { fallback(bytes calldata) external returns (bytes memory) {
  require(keccak256(msg.data) == ${keccak256(calldata)}); return ""; } }`);
    const verifier = { bytecode, windowsPerProof: 4, codeHash: keccak256(deployedBytecode) };
    return { ...evmProofOf('0'), calldata, verifier };
  }

  it('is believed by nobody: not without a pin, not under another one, not by verify:onchain', async () => {
    const file = parseEvmProof(JSON.stringify(await forged()));
    const { connection } = chain;
    const run = (pins?: string[]) =>
      verifyOnchain(file, { ...allow, connection, signer: chain.wallet(3), ...(pins && { pins }) });
    expect(await codeOf(run())).toBe('VERIFIER_UNPINNED');
    expect(await codeOf(run([fixturePin]))).toBe('VERIFIER_UNTRUSTED');
    const path = written('forged.json', file);
    for (const [args, code] of [
      [[], 'VERIFIER_UNPINNED'],
      [['--pin', fixturePin], 'VERIFIER_UNTRUSTED'],
      [['--verifier-code', verifierCodeHash], 'CHAIN_PINS'],
    ] as const) {
      const { code: exit, err, out } = await command('verifyOnchain', path, ...args);
      expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${code}`)]);
      expect(out).not.toContain('FITS');
    }
  });

  it('cannot take the name of another: its creation code is what leaves its code', async () => {
    const file = await forged();
    const renamed = { ...file, verifier: { ...file.verifier, codeHash: verifierCodeHash } };
    const { code, err } = await command(
      'verifyOnchain',
      written('renamed.json', renamed),
      '--pin',
      fixturePin,
    );
    expect([code, err]).toEqual([2, expect.stringContaining('Code: VERIFIER_CODE')]);
  });

  it('that accepts everything shows, also where it was pinned: one bit changed must be refused', async () => {
    const { bytecode, deployedBytecode } = compileVerifier(`// SPDX-License-Identifier: MIT
pragma solidity 0.8.19;
contract Halo2Verifier { fallback() external {} }`);
    const verifier = { bytecode, windowsPerProof: 4, codeHash: keccak256(deployedBytecode) };
    const file = { ...evmProofOf('0'), verifier };
    // The run is registered on the tests' chain, with its true verifier: so on another one.
    const anvil = await startAnvil();
    const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
    try {
      const signer = anvilAccount(0, connection.provider);
      const client = await BlockchainClient.deploy({ connection, signer, pollMs: 10, ...allow });
      await anchorFile(client, file, { signer, connection });
      const pins = [verifierPin({ codeHash: verifier.codeHash, windowKey: fixtureRun.run.keys.window })];
      const { report } = await checkChain(client, file, { ...options, pins });
      expect(report.failure?.code).toBe('VERIFIER_ACCEPTS');
    } finally {
      connection.close();
      await anvil.stop();
    }
  });
});

describe('a description of another network than the one that was trained', () => {
  async function keyOf(spec: RunSummary['spec']): Promise<string> {
    const { halo2, srs } = await referenceFor(fixtureRun.run.srs, spec.shape.k, allow);
    const prover = halo2.prover(srs.bytes);
    try {
      return prover.vkDigest(JSON.stringify(spec));
    } finally {
      prover.free();
    }
  }

  /** The fixture's run, described with other activations and another loss over weights that lie in the same way. */
  async function described(keys: (spec: RunSummary['spec']) => Promise<string>): Promise<RunDescription> {
    const file = evmProofOf('0');
    const linear = <T extends RunSummary['spec']>(spec: T): T => ({
      ...spec,
      loss: 'meanSquaredError',
      layers: spec.layers.map((layer) => ({ ...layer, activation: 'linear' })),
    });
    const spec = linear(file.run.spec);
    const genesisSpec = linear(file.run.genesisSpec);
    const own = { window: await keys(spec), genesis: await keyOf(genesisSpec) };
    const run = { ...file.run, spec, genesisSpec, keys: own };
    const runId = runIdFrom(run, run.shardCount, poseidonPair);
    return { ...file, run: { ...run, runId } };
  }

  it('is refused where it keeps the pinned key: the key follows from the specification', async () => {
    const lie = await described(async () => fixtureRun.run.keys.window);
    expect(await audit(lie)).toBe('KEY_DIGEST');
  });

  it('is refused where it has its own key: that is not the one that is pinned beside the code', async () => {
    const lie = await described(keyOf);
    await chain.isolated(async () => {
      // With the true verifier: its code is what was pinned before.
      await chain.client.storeCommitment(await termsOfRun(lie.run, chain.verifierId));
      expect(await audit(lie)).toBe('VERIFIER_UNTRUSTED');
    });
  });

  it('is refused for a model that was opened with another network', async () => {
    const { spec } = fixtureRun.opening;
    const layers = spec.layers.map((layer) => ({ ...layer, activation: 'linear' }));
    const opening = { ...fixtureRun.opening, spec: { ...spec, layers, loss: 'meanSquaredError' } };
    expect(await audit(evmProofOf('0'), { opening })).toBe('OPENING_SPEC');
  });
});

describe('what an aggregate would be refused for', () => {
  const file = evmProofOf('0');
  const withRun = async (change: Partial<RunSummary>): Promise<RunDescription> => {
    const run = { ...file.run, ...change };
    return { ...file, run: { ...run, runId: runIdFrom(run, run.shardCount, poseidonPair) } };
  };

  it('a dataset of more shards than the run says: some would be left out', async () => {
    // Three shards lie in a tree of four leaves: a run over two of them has another depth, one over four has the same.
    expect(await audit(await withRun({ shardCount: 4 }))).toBe('DATASET_ROOT');
    expect(await audit(await withRun({ shardCount: 2 }))).toBe('DATASET_ROOT');
    const { digest, siblings } = file.lastShard;
    const other = { digest, siblings: [...siblings.slice(1), siblings[0]!] };
    expect(await audit({ ...file, lastShard: other })).toBe('DATASET_ROOT');
    expect(await audit({ ...file, lastShard: { digest: file.run.genesis, siblings } })).toBe('DATASET_ROOT');
    const path = written('shards.json', { ...file, lastShard: other });
    const { code, out } = await command(
      'main',
      'check-chain',
      path,
      '--pin',
      fixturePin,
      '--confirmations',
      '1',
    );
    expect([code, out]).toEqual([1, expect.stringContaining('[DATASET_ROOT]')]);
  });

  it('a transcript that no circuit verifies', async () => {
    expect(await audit(await withRun({ transcript: 'blake2b' }))).toBe('AGGREGATE_TRANSCRIPT');
  });

  it('a rate beyond what keeps products from wrapping around', async () => {
    expect(await audit(await withRun({ eta: '131072' }))).toBe('ETA_RANGE');
  });
});

describe('a file that is no such file', () => {
  it.each([
    ['an older version', { ...evmProofOf('0'), version: 0 }, 'FORMAT_VERSION'],
    ['no last shard', { ...evmProofOf('0'), lastShard: undefined }, 'FORMAT_INVALID'],
    ['a field of its own', { ...evmProofOf('0'), trusted: true }, 'FORMAT_INVALID'],
    ['another kind', { format: 'proof-of-training/bundle' }, 'FORMAT_FOREIGN'],
    ['too large', `{"format":"${'x'.repeat(1 << 21)}"}`, 'FORMAT_TOO_LARGE'],
    ['cut off', JSON.stringify(evmProofOf('0')).slice(0, 900), 'FORMAT_TRUNCATED'],
  ])('%s', async (name, file, code) => {
    const path = written(`${name}.json`, file);
    for (const [program, ...args] of [
      ['main', 'check-chain', path, '--pin', fixturePin],
      ['verifyOnchain', path],
    ] as const) {
      const { code: exit, err } = await command(program, ...args);
      expect([exit, err]).toEqual([2, expect.stringContaining(`Code: ${code}`)]);
    }
  });
});
