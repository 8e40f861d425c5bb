/** One record on two chains, and what an owner may try: real chains, in Anvil. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodeOf } from '@proof-of-training/core/cli';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Anvil, anvilAccount, startAnvil } from '../../blockchain/src/anvil/index.js';
import { chainProgram } from '../../blockchain/src/cli/program.js';
import { type Connection, connect, LogAnchors } from '../../blockchain/src/index.js';
import { anchorLog, EventLog, keyRing, requireAnchored, verifyDisclosure } from '../src/node.js';
import { emptyFolder } from './helpers/folder.js';
import { newLog } from './helpers/newLog.js';

const code = (c: string) => expect.objectContaining({ code: c });
const ONE = { confirmations: 1 };
let anvils: Anvil[];
let connections: Connection[];
let chains: LogAnchors[];
beforeAll(async () => {
  anvils = await Promise.all([31337, 4242].map((chainId) => startAnvil({ chainId })));
  connections = await Promise.all(anvils.map(({ url, chainId }) => connect({ url, chainId })));
  for (const { provider } of connections) provider.pollingInterval = 20;
  chains = await Promise.all(
    connections.map((connection) =>
      LogAnchors.deploy({ connection, signer: anvilAccount(0, connection.provider) }),
    ),
  );
});
afterAll(async () => {
  for (const connection of connections ?? []) connection.close();
  await Promise.all((anvils ?? []).map((anvil) => anvil.stop()));
});

/** What an auditor has: the chains, and nothing to sign with. */
async function auditors(): Promise<LogAnchors[]> {
  const registry = (await chains[0]!.findCheckpoint(`x\n0\n${'A'.repeat(43)}=\n`))?.registry;
  expect(registry).toBeUndefined();
  const { deploymentAddress, registryArtifact } = await import('../../blockchain/src/index.js');
  const address = deploymentAddress(registryArtifact.bytecode);
  return Promise.all(connections.map((connection) => LogAnchors.open({ connection, registry: address })));
}

it('a record is verified on both chains, each of which dates it', async () => {
  const { log, vkeys } = await newLog();
  const { index } = await log.append({
    type: 'decision',
    fields: { output: 'granted', reason: 'kept back' },
  });
  const { at, anchors } = await anchorLog(log, chains);
  const proof = await log.disclose(index, ['output'], at);
  expect(anchors.map(({ chainId }) => chainId)).toEqual([31337, 4242]);

  const { checkpoint, fields } = verifyDisclosure(proof, keyRing({ vkeys }));
  expect(fields).toEqual({ output: 'granted' });
  const found = await requireAnchored(checkpoint, await auditors(), ONE);
  expect(found).toEqual(anchors);
  expect(Math.abs(Date.parse(found[1]!.time) - Date.now())).toBeLessThan(600_000);
  await expect(requireAnchored(checkpoint, await auditors())).rejects.toThrow(code('LEDGER_UNANCHORED'));
  await connections[1]!.provider.send('anvil_mine', ['0xb']);
  await requireAnchored(checkpoint, (await auditors()).slice(1));

  const recorded = await log.find({ type: 'log.anchor' });
  expect(recorded.map((event) => event.fields)).toMatchObject(
    anchors.map(({ block, chainId, time }) => ({ block, chainId, blockTime: time, size: 1 })),
  );
  // Again: what is there is found, and nothing is sent.
  const again = await chains[0]!.anchorCheckpoint(at.checkpoint.note);
  expect(again).toEqual({ ...anchors[0], confirmations: again.confirmations });
  await log.close();
});

it('a state that one of the chains does not have is refused, as is another history', async () => {
  const { log, dir, signers, vkeys } = await newLog();
  await log.append({ type: 'decision', fields: { output: 'refused' } });
  const { at } = await anchorLog(log, chains.slice(0, 1));
  const { checkpoint } = verifyDisclosure(await log.disclose(0, [], at), keyRing({ vkeys }));
  await requireAnchored(checkpoint, chains.slice(0, 1), ONE);
  await expect(requireAnchored(checkpoint, chains, ONE)).rejects.toThrow(code('LEDGER_UNANCHORED'));
  await expect(requireAnchored(checkpoint, [], ONE)).rejects.toThrow(code('OPTION_INVALID'));
  await log.close();
  // The owner writes it anew, with the time of the old one.
  const other = await EventLog.create({ dir: join(emptyFolder(), 'log'), signers });
  await other.append({ type: 'decision', fields: { output: 'granted' } });
  const forged = verifyDisclosure(await other.disclose(0, ['output']), keyRing({ vkeys }));
  await expect(requireAnchored(forged.checkpoint, chains.slice(0, 1), ONE)).rejects.toThrow(
    code('LEDGER_UNANCHORED'),
  );
  await other.close();
  expect(dir).not.toBe(other.dir);
});

it('what is no checkpoint is not anchored, and an auditor cannot anchor', async () => {
  const [reader] = await auditors();
  for (const text of ['', 'x\n1\n', `x\n01\n${'A'.repeat(43)}=\n`, `\n1\n${'A'.repeat(43)}=\n`])
    await expect(chains[0]!.anchorCheckpoint(text)).rejects.toThrow(code('CHECKPOINT_INVALID'));
  await expect(reader!.anchorCheckpoint(`x\n1\n${'A'.repeat(43)}=\n`)).rejects.toThrow(
    code('SIGNER_MISSING'),
  );
});

it('another chain that fails leaves what is recorded of the first', async () => {
  const { log } = await newLog();
  await log.append({ type: 'x', fields: {} });
  const broken = {
    chainId: 7,
    anchorCheckpoint: () => Promise.reject(new Error('gone')),
    findCheckpoint: async () => undefined,
  };
  await expect(anchorLog(log, [broken, chains[0]!])).rejects.toThrow('gone');
  expect((await log.find({ type: 'log.anchor' })).map(({ fields }) => fields.chainId)).toEqual([31337]);
  await log.close();
});

it('pot chain anchor-log and check-log do the same for a checkpoint', async () => {
  const { log } = await newLog();
  await log.append({ type: 'x', fields: {} });
  const file = join(emptyFolder(), 'checkpoint');
  writeFileSync(file, await log.checkpoint());
  await log.close();
  const [{ url, chainId }] = anvils as [Anvil];
  const flags = [file, '--rpc', url, '--chain-id', String(chainId), '--confirmations', '1', '--json'];
  const out: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => !!out.push(String(chunk)));
  const pot = async (name: string) => {
    const exit = await exitCodeOf(chainProgram(), ['chain', name, ...flags]);
    process.exitCode = undefined;
    return [exit, JSON.parse(out.splice(0).join(''))];
  };
  vi.stubEnv('POT_PRIVATE_KEY', anvilAccount(0, connections[0]!.provider).privateKey);
  try {
    expect(await pot('check-log')).toEqual([1, { ok: false }]);
    const [, anchor] = await pot('anchor-log');
    expect(await pot('check-log')).toEqual([0, { ok: true, ...anchor }]);
  } finally {
    vi.unstubAllEnvs();
    spy.mockRestore();
  }
});
