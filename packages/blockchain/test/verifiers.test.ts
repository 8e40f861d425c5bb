import { readFileSync } from 'node:fs';
import { keccak256, ZeroHash } from 'ethers';
import { beforeAll, describe, expect, it } from 'vitest';
import { compile } from '../scripts/solc.mjs';
import { deployOnce } from '../src/contracts/deploy.js';
import { testChain } from './helpers/chain.js';
import { codeOf, refusal } from './helpers/errors.js';
import { calldataOf, fixtures, statementOf, termsOf, verifierCodeHash } from './helpers/fixtures.js';

const chain = testChain();
const { runId } = statementOf('main/0');
const NAMES = ['ReturnBomb', 'BurnsGas', 'Reverts', 'Writes', 'SaysFalse', 'Reenters'];
let contracts: Record<string, { bytecode: string; deployedBytecode: string }>;
let real: string;

beforeAll(async () => {
  const source = readFileSync(new URL('contracts/Verifiers.sol', import.meta.url), 'utf8');
  contracts = compile({ 'Verifiers.sol': source }, NAMES);
  real = (await deployOnce(chain.wallet(0), fixtures.verifier.bytecode)).address;
});

/** Registers a run with the misbehaving verifier `name`. */
async function runWith(name: string): Promise<string> {
  const { bytecode, deployedBytecode } = contracts[name]!;
  const { address } = await deployOnce(chain.wallet(0), bytecode);
  const id = await chain.client.addVerifier(address, keccak256(deployedBytecode), fixtures.proofBytes);
  await chain.client.storeCommitment(termsOf('main/0', id));
  return address;
}

describe('a verifier', () => {
  it('must have code', async () => {
    const nobody = `0x${'12'.repeat(20)}`;
    const error = await refusal(chain.client.addVerifier(nobody, verifierCodeHash, fixtures.proofBytes + 32));
    expect(error.code).toBe('REGISTRY_VERIFIER_WITHOUT_CODE');
    expect(error.details.target).toBe(nobody);
    // The hash of an account that exists without code, and of one that does not exist.
    for (const hash of [keccak256('0x'), ZeroHash]) {
      expect(await codeOf(chain.client.addVerifier(chain.wallet(5).address, hash, 480))).toBe(
        'REGISTRY_VERIFIER_WITHOUT_CODE',
      );
    }
  });

  it('must have the code that was named', async () => {
    await chain.isolated(async () => {
      const { address } = await deployOnce(chain.wallet(0), contracts.SaysFalse!.bytecode);
      const error = await refusal(
        chain.client.addVerifier(address, verifierCodeHash, fixtures.proofBytes + 32),
      );
      expect(error.code).toBe('REGISTRY_VERIFIER_CODE_HASH');
      expect(error.details.expected).toBe(verifierCodeHash);
    });
  });

  it('must have proofs of some length', async () => {
    for (const bytes of [0, (1 << 16) + 1]) {
      expect(await codeOf(chain.client.addVerifier(real, verifierCodeHash, bytes))).toBe(
        'REGISTRY_VERIFIER_PROOF_BYTES',
      );
    }
  });

  it('must be known before a run names it', async () => {
    const terms = termsOf('main/0', `0x${'ab'.repeat(32)}`);
    expect(await codeOf(chain.client.storeCommitment(terms))).toBe('REGISTRY_VERIFIER_UNKNOWN');
  });

  it('of another length of proof is another verifier, and refuses the statement', async () => {
    await chain.isolated(async () => {
      const id = await chain.client.addVerifier(real, verifierCodeHash, fixtures.proofBytes + 32);
      expect(id).not.toBe(chain.verifierId);
      await chain.client.storeCommitment(termsOf('main/0', id));
      const error = await refusal(chain.dryRun(calldataOf('main/0')));
      expect(error.code).toBe('REGISTRY_STATEMENT_LENGTH');
      expect(error.details).toEqual({
        expected: String(22 * 32 + fixtures.proofBytes + 32),
        found: String(22 * 32 + fixtures.proofBytes),
      });
    });
  });

  it('that is added again stays where it is', async () => {
    await chain.isolated(async () => {
      const { provider } = chain.connection;
      const twin = `0x${'77'.repeat(20)}`;
      await chain.send('anvil_setCode', twin, await provider.getCode(real));
      await chain.client.addVerifier(twin, verifierCodeHash, fixtures.proofBytes);
      expect((await chain.client.registry.verifier(chain.verifierId))!.address).toBe(real);
    });
  });
});

describe('a verifier whose address changes', () => {
  it('accepts nothing without its code, which would accept everything', async () => {
    await chain.isolated(async () => {
      await chain.register('main/0');
      await chain.send('anvil_setCode', real, '0x');
      expect(await codeOf(chain.dryRun(calldataOf('main/0')))).toBe('REGISTRY_VERIFIER_WITHOUT_CODE');
      expect(await codeOf(chain.client.anchor(calldataOf('main/0')))).toBe('REGISTRY_VERIFIER_CODE_HASH');
    });
  });

  it('accepts nothing with other code', async () => {
    await chain.isolated(async () => {
      await chain.register('main/0');
      await chain.send('anvil_setCode', real, contracts.SaysFalse!.deployedBytecode);
      expect(await codeOf(chain.dryRun(calldataOf('main/0')))).toBe('REGISTRY_VERIFIER_CODE_HASH');
      const other = calldataOf('main/0').slice(0, -2);
      expect(await codeOf(chain.dryRun(`${other}00`))).toBe('REGISTRY_VERIFIER_CODE_HASH');
    });
  });

  it('can be put elsewhere by anyone, with the same code', async () => {
    await chain.isolated(async () => {
      await chain.register('main/0');
      const code = await chain.connection.provider.getCode(real);
      await chain.send('anvil_setCode', real, '0x');
      const elsewhere = `0x${'77'.repeat(20)}`;
      await chain.send('anvil_setCode', elsewhere, code);
      const anyone = await chain.clientOf(3);
      await anyone.addVerifier(elsewhere, verifierCodeHash, fixtures.proofBytes);
      expect((await chain.client.anchor(calldataOf('main/0'))).value.index).toBe(0);
    });
  });
});

describe('a verifier that misbehaves', () => {
  for (const name of ['ReturnBomb', 'Reverts', 'Writes', 'Reenters']) {
    it(`refuses, and harms nothing: ${name}`, async () => {
      await chain.isolated(async () => {
        await runWith(name);
        const error = await refusal(chain.client.anchor(calldataOf('main/0')));
        expect(error.code).toBe('REGISTRY_PROOF_REFUSED');
        expect(error.hint).toContain('gas');
      });
    });
  }

  it('takes the gas that it gets, and no more: BurnsGas', async () => {
    await chain.isolated(async () => {
      await runWith('BurnsGas');
      const call = { ...chain.client.registry.encode('anchor', [calldataOf('main/0')]), gasLimit: 1_000_000 };
      const from = chain.wallet(0).address;
      const dry = chain.connection.read(() => chain.connection.provider.call({ ...call, from }));
      expect(await codeOf(dry)).toBe('REGISTRY_PROOF_REFUSED');
      expect((await chain.client.getRun(runId))!.anchors).toBe(0);
    });
  });

  it('that accepts everything is its run owner’s own, and no auditor’s: SaysFalse', async () => {
    await chain.isolated(async () => {
      await runWith('SaysFalse');
      // Whoever registers a run names its verifier. The contract does not judge it; who reads must.
      await chain.client.anchor(calldataOf('main/0'));
      const auditor = await chain.clientOf(4, { trustedVerifiers: [verifierCodeHash] });
      expect(await codeOf(auditor.verifyOnChain(calldataOf('main/0')))).toBe('VERIFIER_UNTRUSTED');
      expect(await codeOf(auditor.anchor(calldataOf('main/1')))).toBe('VERIFIER_UNTRUSTED');
    });
  });
});

describe('too little gas', () => {
  it('reverts, and changes nothing', async () => {
    await chain.isolated(async () => {
      await chain.register('main/0');
      const call = chain.client.registry.encode('anchor', [calldataOf('main/0')]);
      const wallet = chain.wallet(0);
      const full = await chain.connection.provider.estimateGas({ ...call, from: wallet.address });
      for (const percent of [60n, 80n, 95n]) {
        const sent = await wallet.sendTransaction({ ...call, gasLimit: (full * percent) / 100n });
        await expect(sent.wait()).rejects.toThrow();
        expect((await chain.client.getRun(runId))!.anchors).toBe(0);
      }
      await chain.client.anchor(calldataOf('main/0'));
    });
  });
});

describe('a verifier of the development SRS', () => {
  it('is recognised by its code, and refused unless allowed', async () => {
    const strict = await chain.clientOf(0, { allowDevelopmentSrs: false });
    expect((await chain.client.registry.verifier(chain.verifierId))!.development).toBe(true);
    expect(await codeOf(strict.verifyOnChain(calldataOf('main/0'), chain.verifierId))).toBe(
      'SRS_DEVELOPMENT_REFUSED',
    );
    expect(await codeOf(strict.addVerifier(real, verifierCodeHash, fixtures.proofBytes))).toBe(
      'SRS_DEVELOPMENT_REFUSED',
    );
    expect(await codeOf(strict.storeCommitment(termsOf('main/0', chain.verifierId)))).toBe(
      'SRS_DEVELOPMENT_REFUSED',
    );
  });
});
