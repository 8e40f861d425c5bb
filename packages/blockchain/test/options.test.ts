/** What a public function of this package does not know, or cannot use, it refuses before it does anything. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { anchorFile } from '../src/anchoring/anchorFile.js';
import { keptOnchainFile, onchainFile } from '../src/anchoring/onchainFile.js';
import { verifyOnLocalChain } from '../src/anchoring/onLocalChain.js';
import { verifyOnchain } from '../src/anchoring/verifyOnchain.js';
import { wrapAggregate } from '../src/anchoring/wrap/wrapAggregate.js';
import { startAnvil } from '../src/anvil/index.js';
import { checkChain } from '../src/audit/checkChain.js';
import { BlockchainClient } from '../src/client/blockchainClient.js';
import { connect } from '../src/client/connect.js';
import { testChain } from './helpers/chain.js';
import { refusal } from './helpers/errors.js';
import { calldataOf } from './helpers/fixtures.js';
import { evmProofOf } from './helpers/run.js';

const chain = testChain();
const file = evmProofOf('0');
const dir = join(tmpdir(), `pot-options-${process.pid}`);

/** Each function, with options that are right but for what `changed` changes. */
const CALLS: Record<string, (changed: object) => Promise<unknown>> = {
  startAnvil: (o) => startAnvil(o),
  connect: (o) => connect({ url: chain.anvil.url, chainId: 31337, ...o }),
  'BlockchainClient.open': (o) =>
    BlockchainClient.open({ connection: chain.connection, registry: chain.client.registry.address, ...o }),
  'BlockchainClient.deploy': (o) =>
    BlockchainClient.deploy({ connection: chain.connection, signer: chain.wallet(0), ...o }),
  'client.anchor': (o) => chain.client.anchor(calldataOf('run/0'), o),
  'client.anchorBatch': (o) => chain.client.anchorBatch([calldataOf('run/0')], o),
  'client.beacon': (o) =>
    chain.client.beacon({ datasetRoot: `0x${'1'.repeat(64)}`, settings: `0x${'2'.repeat(64)}` }, o),
  'client.checkBeacon': (o) => chain.client.checkBeacon({} as never, {} as never, o),
  'client.watch': (o) => chain.client.watch(file.run.runId, () => {}, { signal: AbortSignal.abort(), ...o }),
  checkChain: (o) => checkChain(chain.client, file, o),
  verifyOnchain: (o) => verifyOnchain(file, { connection: chain.connection, signer: chain.wallet(0), ...o }),
  verifyOnLocalChain: (o) => verifyOnLocalChain(file, o),
  anchorFile: (o) =>
    anchorFile(chain.client, file, { connection: chain.connection, signer: chain.wallet(0), ...o }),
  onchainFile: (o) => onchainFile({} as never, { dir, ...o }),
  'onchainFile ': (o) => keptOnchainFile({ dir, ...o }),
  wrapAggregate: (o) => wrapAggregate({} as never, { srs: { bytes: new Uint8Array() }, ...o } as never),
};

describe.each(Object.entries(CALLS))('%s', (name, call) => {
  it('refuses an option that it does not know', async () => {
    const error = await refusal(call({ noSuchOption: true }));
    expect([error.code, error.message]).toEqual(['OPTION_UNKNOWN', expect.stringContaining('noSuchOption')]);
    expect(error.details.where).toBe(name.trim());
  });
});

describe('an option that no function can use', () => {
  const wrong: [function_: string, option: string, values: unknown[]][] = [
    ['startAnvil', 'port', [0, 65_536, '8545', Number.NaN]],
    ['startAnvil', 'chainId', ['31337', 0, 1.5]],
    ['connect', 'url', ['', 7]],
    ['connect', 'chainId', ['1', 0, Number.NaN, undefined]],
    ['BlockchainClient.open', 'registry', ['', 'here', undefined]],
    ['BlockchainClient.open', 'connection', [undefined, 'http://127.0.0.1:8545', {}]],
    ['BlockchainClient.deploy', 'signer', [undefined, '0x12']],
    ['client.anchor', 'confirmations', [0, -1, 1.5, '3', Number.NaN]],
    ['client.anchor', 'pollMs', ['fast', -1, Number.POSITIVE_INFINITY]],
    ['client.beacon', 'deadlineMs', ['soon']],
    ['client.checkBeacon', 'confirmations', [0, '12']],
    ['client.watch', 'signal', [undefined, true]],
    ['checkChain', 'pins', ['0x12', {}]],
    ['checkChain', 'confirmations', [0, '12', Number.NaN]],
    ['checkChain', 'owner', ['', '0x12', 7]],
    ['checkChain', 'maxTolerance', ['1', 0, Number.NaN]],
    ['checkChain', 'allowDevelopmentSrs', ['yes', 1]],
    ['checkChain', 'start', ['', 'Seed', true]],
    ['checkChain', 'requireBeacon', ['yes', 1]],
    ['verifyOnchain', 'trustRegistryStorage', ['no']],
    ['onchainFile', 'dir', ['', undefined]],
    ['onchainFile', 'threads', [-2, '4', 0.5]],
  ];

  it.each(wrong)('%s: %s', async (name, option, values) => {
    for (const value of values) {
      const error = await refusal(CALLS[name]!({ [option]: value }));
      expect([value, error.code, error.details.option]).toEqual([value, 'OPTION_INVALID', option]);
    }
    expect(existsSync(dir)).toBe(false);
  });

  it('is told with the name that was meant', async () => {
    const error = await refusal(checkChain(chain.client, file, { confirmation: 12 } as object));
    expect(error.hint).toContain('Did you mean confirmations?');
  });
});
