/**
 * Registries with the right code whose storage somebody wrote: a constructor may write anything and leave any code. Each is refused wherever an
 * address is named, unless the auditor says that he believes its creator, and then the report says so.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AbiCoder, keccak256, toBeHex, ZeroHash } from 'ethers';
import { beforeAll, describe, expect, it } from 'vitest';
import { checkChain } from '../src/audit/checkChain.js';
import { scheduleHashOf } from '../src/audit/schedule.js';
import { auditLines } from '../src/cli/reportLines.js';
import { BlockchainClient } from '../src/client/blockchainClient.js';
import type { RegistryTrust } from '../src/client/origin.js';
import { Registry } from '../src/client/registry.js';
import { registryArtifact } from '../src/contracts/artifact.js';
import { DEPLOYER } from '../src/contracts/deploy.js';
import { termsOfRun } from '../src/proofFile/terms.js';
import { testChain } from './helpers/chain.js';
import { codeOf } from './helpers/errors.js';
import { fixtures, verifierCodeHash } from './helpers/fixtures.js';
import { type Program, run } from './helpers/pot.js';
import { evmProofOf, fixturePin, fixtureRun } from './helpers/run.js';

const chain = testChain();
const coder = AbiCoder.defaultAbiCoder();
const STEPS = 800;
/** Anybody's address. */
const OWNER = '0x00000000219ab540356cBB839Cbe05303d7705Fa';

const word = (v: bigint | number | string) => toBeHex(BigInt(v), 32);
const slotOf = (key: string, slot: bigint | string) =>
  keccak256(coder.encode(['bytes32', 'bytes32'], [key, word(slot)]));
const plus = (slot: string, n: number) => word(BigInt(slot) + BigInt(n));

/** Storage of a registry in which the fixture's run has one anchor, of 800 steps that nobody took. */
async function storageOfLies(): Promise<[slot: string, value: string][]> {
  const { run } = fixtureRun;
  const t = await termsOfRun(run, chain.verifierId);
  const { address } = (await chain.client.registry.verifier(chain.verifierId))!;
  const now = Math.floor(Date.now() / 1000) - 400 * 86400;
  const [v, r, w] = [slotOf(chain.verifierId, 0n), slotOf(run.runId, 3n), slotOf(run.runId, 4n)];
  const place = (BigInt(STEPS) << 32n) | 1n;
  const target = (BigInt(fixtures.proofBytes) << 160n) | BigInt(address);
  const schedule = await scheduleHashOf(run, 0, STEPS);
  return [
    [v, word((1n << 192n) | target)],
    [plus(v, 1), verifierCodeHash],
    [r, word((2n << 224n) | (BigInt(STEPS) << 192n) | place)],
    [plus(r, 1), word(1n)],
    [plus(r, 2), word((BigInt(t.depth) << 248n) | (t.eta << 224n) | (1n << 184n) | target)],
    [plus(r, 3), keccak256(coder.encode(['bytes32', 'bytes32'], [run.runId, schedule]))],
    [plus(r, 4), word((BigInt(now) << 208n) | (BigInt(now) << 160n) | BigInt(OWNER))],
    ...[t.datasetRoot, t.genesis, t.base, t.hyperparameters, t.windowKey, t.verifierId].map(
      (value, i): [string, string] => [plus(r, 5 + i), value],
    ),
    [keccak256(coder.encode(['uint256', 'bytes32'], [0, w])), fixtureRun.opening.commitment],
  ];
}

/** Creation code that writes this storage and leaves the registry's own code. */
function creationOf(storage: [string, string][]): string {
  const writes = storage
    .map(([slot, value]) => `7f${word(value).slice(2)}7f${word(slot).slice(2)}55`)
    .join('');
  const runtime = registryArtifact.deployedBytecode.slice(2);
  const hex = (n: number) => n.toString(16).padStart(4, '0');
  const [size, start] = [hex(runtime.length / 2), hex(writes.length / 2 + 15)];
  return `0x${writes}61${size}61${start}60003961${size}6000f3${runtime}`;
}

async function created(data: string, to?: string): Promise<{ address: string; hash: string }> {
  const receipt = (await (await chain.wallet(7).sendTransaction({ data, ...(to && { to }) })).wait())!;
  return { address: receipt.contractAddress!, hash: receipt.hash };
}

let forged: { address: string; hash: string };
beforeAll(async () => {
  forged = await created(creationOf(await storageOfLies()));
});

const openedAs = (registry: string, trust: RegistryTrust = {}) =>
  BlockchainClient.open({ connection: chain.connection, registry, allowDevelopmentSrs: true, ...trust });

describe('a registry whose constructor wrote a run that nobody trained', () => {
  it('has the right code, and is refused, also where its own creation is named', async () => {
    const { provider } = chain.connection;
    expect(keccak256(await provider.getCode(forged.address))).toBe(registryArtifact.codeHash);
    expect(await codeOf(openedAs(forged.address))).toBe('REGISTRY_ORIGIN');
    expect(await codeOf(Registry.at(chain.connection, forged.address))).toBe('REGISTRY_ORIGIN');
    expect(await codeOf(openedAs(forged.address, { registryCreation: forged.hash }))).toBe(
      'REGISTRY_CREATION',
    );
    expect(await codeOf(openedAs(forged.address, { registryCreation: ZeroHash }))).toBe('REGISTRY_CREATION');
  });

  it('is believed only where the auditor says so, and the report says it too', async () => {
    const auditor = await openedAs(forged.address, { trustRegistryStorage: true });
    const options = { allowDevelopmentSrs: true, pins: [fixturePin], confirmations: 1, owner: OWNER };
    const found = await checkChain(auditor, evmProofOf('0'), { ...options, opening: fixtureRun.opening });
    // The lie is whole: everything else fits.
    expect(found.report.failure).toBeUndefined();
    expect(found.run?.nextStep).toBe(STEPS);
    expect(found.registry.origin).toBe('believed');
    expect(auditLines(found).join('\n')).toMatch(/storage is BELIEVED/);
  });

  it('is refused by every command that takes an address', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'pot-forged-'));
    writeFileSync(join(dir, 'file.json'), JSON.stringify(evmProofOf('0')));
    const common = ['--registry', forged.address, '--rpc', chain.anvil.url, '--chain-id', '31337'];
    const env = { POT_PRIVATE_KEY: chain.wallet(6).privateKey };
    const commands: [Program, ...string[]][] = [
      ['main', 'check-chain', 'file.json', '--pin', fixturePin],
      ['main', 'anchor', 'file.json'],
      ['verifyOnchain', 'file.json', '--pin', fixturePin],
    ];
    for (const [program, ...args] of commands) {
      const all = [...args, ...common, '--allow-development-srs'];
      const { code, err } = await run(program, all, { cwd: dir, env });
      expect([code, err]).toEqual([2, expect.stringContaining('Code: REGISTRY_ORIGIN')]);
    }
  });
});

describe('another registry than the one that follows from the code', () => {
  it('is taken with the transaction that created it: its own code, or the deployer with another salt', async () => {
    const plain = await created(registryArtifact.bytecode);
    const byHand = await openedAs(plain.address, { registryCreation: plain.hash });
    expect(byHand.registry.origin).toBe('creation');
    const salt = word(5);
    const data = `${salt}${registryArtifact.bytecode.slice(2)}`;
    const address = `0x${(await chain.connection.provider.call({ to: DEPLOYER, data })).slice(2)}`;
    const { hash } = await created(data, DEPLOYER);
    expect(await codeOf(openedAs(address))).toBe('REGISTRY_ORIGIN');
    expect((await openedAs(address, { registryCreation: hash })).registry.origin).toBe('creation');
    // A true creation, of another registry.
    expect(await codeOf(openedAs(address, { registryCreation: plain.hash }))).toBe('REGISTRY_CREATION');
    expect(await codeOf(openedAs(forged.address, { registryCreation: plain.hash }))).toBe(
      'REGISTRY_CREATION',
    );
  });

  it('that follows from the code needs nothing', async () => {
    expect((await openedAs(chain.client.registry.address)).registry.origin).toBe('address');
    expect((await openedAs(chain.client.registry.address.toLowerCase())).registry.origin).toBe('address');
  });
});
