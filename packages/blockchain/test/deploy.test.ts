/** Why a contract could not be deployed, by chains that really refuse it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { keccak256, parseUnits, VoidSigner, Wallet } from 'ethers';
import { describe, expect, it } from 'vitest';
import { type AnvilOptions, anvilAccount, startAnvil } from '../src/anvil/index.js';
import { type Connection, connect } from '../src/client/connect.js';
import { registryArtifact } from '../src/contracts/artifact.js';
import { deploymentAddress, deployOnce } from '../src/contracts/deploy.js';
import { testChain } from './helpers/chain.js';
import { refusal } from './helpers/errors.js';
import { evmProofOf } from './helpers/run.js';

const chain = testChain();
const hex = (n: number, bytes: number) => n.toString(16).padStart(2 * bytes, '0');
/** Creation code that leaves `size` bytes of zeros: PUSH3 size, DUP1, PUSH1 13, PUSH1 0, CODECOPY, PUSH1 0, RETURN. */
const leaving = (size: number) => `0x62${hex(size, 3)}80600d6000396000f3${'00'.repeat(size)}`;

async function on<T>(options: AnvilOptions, work: (connection: Connection) => Promise<T>): Promise<T> {
  const anvil = await startAnvil(options);
  const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
  try {
    return await work(connection);
  } finally {
    connection.close();
    await anvil.stop();
  }
}

describe('a deployment that fails says why', () => {
  it('the account has nothing, or too little', async () => {
    const poor = Wallet.createRandom().connect(chain.connection.provider);
    const nothing = await refusal(deployOnce(poor, leaving(900)));
    expect([nothing.code, nothing.details]).toMatchObject([
      'CHAIN_FUNDS',
      { account: poor.address, balanceWei: '0', neededWei: expect.stringMatching(/^[1-9]\d{10,}$/) },
    ]);
    expect(nothing.hint).toContain('It has 0 wei');
    await chain.send('anvil_setBalance', poor.address, `0x${parseUnits('1', 'gwei').toString(16)}`);
    const little = await refusal(deployOnce(poor, leaving(900)));
    expect([little.code, little.details.balanceWei]).toEqual(['CHAIN_FUNDS', '1000000000']);
    await chain.send('anvil_setBalance', poor.address, `0x${parseUnits('1', 'ether').toString(16)}`);
    expect((await deployOnce(poor, leaving(900))).gasUsed).toBeGreaterThan(200_000n);
  });

  it('the code is one byte larger than chains take', async () => {
    const error = await refusal(deployOnce(chain.wallet(0), leaving(24_577)));
    expect([error.code, error.details]).toEqual([
      'CHAIN_CODE_SIZE',
      { what: "contract's code", size: 24_577, limit: 24_576 },
    ]);
    const largest = await deployOnce(chain.wallet(0), leaving(24_576));
    expect(largest.codeHash).toBe(keccak256(`0x${'00'.repeat(24_576)}`));
  });

  it('the creation code is larger than chains take', async () => {
    const error = await refusal(deployOnce(chain.wallet(0), leaving(49_152)));
    expect([error.code, error.details]).toEqual([
      'CHAIN_CODE_SIZE',
      { what: 'creation code', size: 49_165, limit: 49_152 },
    ]);
  });

  it('no block has so much gas', async () => {
    await on({ args: ['--gas-limit', '1000000'] }, async ({ provider }) => {
      const error = await refusal(deployOnce(anvilAccount(0, provider), registryArtifact.bytecode));
      expect([error.code, error.details.blockGasLimit]).toEqual(['CHAIN_GAS_LIMIT', '1000000']);
      expect(Number(error.details.neededGas)).toBeGreaterThan(1_000_000);
    });
  });

  it('but not where a chain allows larger code', async () => {
    await on({ args: ['--code-size-limit', '40000'] }, async ({ provider }) => {
      const { codeHash } = await deployOnce(anvilAccount(0, provider), leaving(30_000));
      expect(codeHash).toBe(keccak256(`0x${'00'.repeat(30_000)}`));
      const poor = Wallet.createRandom().connect(provider);
      expect((await refusal(deployOnce(poor, leaving(30_001)))).code).toBe('CHAIN_FUNDS');
    });
  });

  it('its constructor reverts, or leaves nothing', async () => {
    const reverts = await refusal(deployOnce(chain.wallet(0), '0x60006000fd'));
    expect([reverts.code, reverts.message]).toEqual([
      'CHAIN_DEPLOY_FAILED',
      expect.stringContaining('its constructor reverts'),
    ]);
    const nothing = await refusal(deployOnce(chain.wallet(0), '0x00'));
    expect([nothing.code, nothing.message]).toEqual([
      'CHAIN_DEPLOY_FAILED',
      expect.stringContaining('its constructor leaves no code'),
    ]);
  });

  it('the chain has no deterministic deployer', async () => {
    await on({ args: ['--disable-default-create2-deployer'] }, async ({ provider }) => {
      const error = await refusal(deployOnce(anvilAccount(0, provider), leaving(10)));
      expect(error.code).toBe('CHAIN_NO_DEPLOYER');
    });
  });

  it('the server is gone', async () => {
    const anvil = await startAnvil();
    const connection = await connect({ url: anvil.url, chainId: anvil.chainId });
    await anvil.stop();
    const error = await refusal(deployOnce(anvilAccount(0, connection.provider), leaving(10)));
    connection.close();
    expect(error.code).toBe('CHAIN_UNREACHABLE');
  });

  it('the signer is connected to no chain; the code is none', async () => {
    const alone = new VoidSigner(chain.wallet(0).address);
    expect((await refusal(deployOnce(alone, leaving(10)))).code).toBe('SIGNER_MISSING');
    for (const none of ['', '0x', '0x123', 'zz', undefined]) {
      expect((await refusal(deployOnce(chain.wallet(0), none as string))).code).toBe('OPTION_INVALID');
      expect(() => deploymentAddress(none as string)).toThrow('creation code');
    }
  });
});

describe('pot anchor', () => {
  it('says it in words, with what to do', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pot-deploy-'));
    writeFileSync(join(dir, 'file.json'), JSON.stringify(evmProofOf('0')));
    const cli = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
    const poor = Wallet.createRandom();
    // Without a registry, so that the first thing that it must pay for is a deployment.
    const { code, err } = await on({}, (connection) => {
      const env = {
        ...process.env,
        POT_RPC_URL: connection.provider._getConnection().url,
        POT_CHAIN_ID: String(connection.chainId),
        POT_PRIVATE_KEY: poor.privateKey,
      };
      const args = [cli, 'anchor', 'file.json', '--allow-development-srs'];
      return new Promise<{ code: unknown; err: string }>((resolve) =>
        execFile('node', args, { cwd: dir, env }, (e, _, err) => resolve({ code: e?.code ?? 0, err })),
      );
    });
    expect([code, err]).toEqual([2, expect.stringContaining('Code: CHAIN_FUNDS')]);
    expect(err).toContain('It has 0 wei');
    expect(err).not.toContain(poor.privateKey.slice(2));
  });
});
