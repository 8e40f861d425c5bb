import { beforeAll, describe, expect, it } from 'vitest';
import { anchorFile } from '../src/anchoring/anchorFile.js';
import { verifyOnchain } from '../src/anchoring/verifyOnchain.js';
import { checkChain } from '../src/audit/checkChain.js';
import type { RunDescription } from '../src/audit/description.js';
import { verifierPin } from '../src/audit/pin.js';
import { auditLines } from '../src/cli/reportLines.js';
import type { BlockchainClient } from '../src/client/blockchainClient.js';
import { termsOfRun } from '../src/proofFile/terms.js';
import { testChain } from './helpers/chain.js';
import { codeOf } from './helpers/errors.js';
import { statementOf, verifierCodeHash } from './helpers/fixtures.js';
import { evmProofOf, fixturePin, fixtureRun } from './helpers/run.js';

const chain = testChain();
const allow = { allowDevelopmentSrs: true };
const { opening } = fixtureRun;
const described = evmProofOf('0');
const pins = [fixturePin];
let auditor: BlockchainClient;

beforeAll(async () => {
  auditor = await chain.clientOf(9);
});

function anchor(name: string) {
  const options = { connection: chain.connection, signer: chain.wallet(0) };
  return anchorFile(chain.client, evmProofOf(name), options);
}

/** What an auditor finds; the failure's code, or the names of the checks that held. */
async function audit(options: object = {}, description: RunDescription = described, client = auditor) {
  const { report } = await checkChain(client, description, { ...allow, pins, confirmations: 1, ...options });
  return report.failure?.code ?? report.checks.map((c) => c.name);
}

const ALL = [
  'identity',
  'architecture',
  'limits',
  'dataset',
  'keys',
  'first weights',
  'registry',
  'order',
  'registration',
  'verifier',
  'verifier answers',
  'anchors',
  'confirmations',
  'schedule',
  'genesis',
  'proof genesis',
];

describe('an auditor of a real run', () => {
  it('finds nothing before it is registered, and nothing before it is anchored', async () => {
    await chain.isolated(async () => {
      expect(await audit()).toBe('CHAIN_RUN_MISSING');
      await chain.client.storeCommitment(await termsOfRun(fixtureRun.run, chain.verifierId));
      expect(await audit()).toBe('CHAIN_NO_ANCHOR');
    });
  });

  it('finds that everything fits, anchored in parts, and that the model is the one that was reached', async () => {
    await chain.isolated(async () => {
      const first = await anchor('0');
      expect(first).toMatchObject({ anchor: 0, firstStep: 0, endStep: 4, already: false });
      expect(first.gas).toBeGreaterThan(200_000);
      expect(await audit()).toEqual(ALL);
      // The model is the second anchor's.
      expect(await audit({ opening })).toBe('OPENING_COMMITMENT');
      await anchor('1');
      expect(await audit({ opening, owner: chain.wallet(0).address })).toEqual([...ALL, 'model']);
      expect(await anchor('0')).toMatchObject({ anchor: 0, already: true });
    });
  });

  it('refuses a model with one weight changed', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      await anchor('1');
      const bytes = Buffer.from(opening.weights, 'base64url');
      bytes[0]! ^= 1;
      const forged = { ...opening, weights: bytes.toString('base64url') };
      expect(await audit({ opening: forged })).toBe('OPENING_COMMITMENT');
    });
  });

  it('refuses an anchor that used other shards than the schedule names, which the contract cannot see', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      await anchor('other-order');
      expect(await audit()).toBe('RUN_SCHEDULE');
    });
  });

  it('refuses another owner, an untrusted verifier, the development SRS', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      expect(await audit({ owner: chain.wallet(1).address })).toBe('CHAIN_OWNER');
      const careful = await chain.clientOf(9, { trustedVerifiers: [`0x${'11'.repeat(32)}`] });
      expect(await audit({}, described, careful)).toBe('VERIFIER_UNTRUSTED');
      const strict = await chain.clientOf(9, { allowDevelopmentSrs: false });
      expect(await audit({}, described, strict)).toBe('SRS_DEVELOPMENT_REFUSED');
      expect(await audit({ allowDevelopmentSrs: false })).toBe('SRS_DEVELOPMENT_REFUSED');
    });
  });

  it('believes nothing of the description', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      const { run, genesis } = described;
      const last = genesis.proof.at(-1) === 'A' ? 'B' : 'A';
      const bad = { ...genesis, proof: genesis.proof.slice(0, 100) + last + genesis.proof.slice(101) };
      expect(await audit({}, { ...described, genesis: bad })).toMatch(/^(VERIFY_|POINT_|GENESIS_|FORMAT_)/);
      expect(await audit({}, { ...described, run: { ...run, eta: '1' } })).toBe('RUN_ID');
      expect(await audit({}, { ...described, run: { ...run, shardCount: 4 } })).toBe('RUN_ID');
      expect(await audit({}, { ...described, run: { ...run, nonce: run.genesis } })).toBe('RUN_ID');
    });
  });

  it('refuses a run that was registered with other terms than its own', async () => {
    for (const field of ['hyperparameters', 'windowKey', 'genesis'] as const) {
      await chain.isolated(async () => {
        const terms = await termsOfRun(fixtureRun.run, chain.verifierId);
        await chain.client.storeCommitment({ ...terms, [field]: `0x${'01'.repeat(32)}` });
        expect(await audit()).toBe('CHAIN_RUN_OTHER');
      });
    }
  });

  it('wants the verifier and the key of its windows pinned, as a pair', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      const { window } = fixtureRun.run.keys;
      const other = `0x${'11'.repeat(32)}`;
      expect(await audit({ pins: undefined })).toBe('VERIFIER_UNPINNED');
      expect(await audit({ pins: [] })).toBe('VERIFIER_UNPINNED');
      for (const pair of [
        { codeHash: verifierCodeHash, windowKey: other },
        { codeHash: other, windowKey: window },
      ]) {
        expect(await audit({ pins: [verifierPin(pair)] })).toBe('VERIFIER_UNTRUSTED');
      }
      // Other than the one above, a pin may be written as people copy it.
      const copied = fixturePin.slice(2).toUpperCase();
      expect(await audit({ pins: [other, copied] })).toEqual(ALL);
      for (const bad of ['', '0x', other.slice(0, -1), undefined as unknown as string]) {
        expect(await codeOf(checkChain(auditor, described, { ...allow, pins: [bad] }))).toBe('PIN_INVALID');
      }
    });
  });

  it('waits for confirmations: twelve, unless told otherwise', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      expect(await audit({ confirmations: undefined })).toBe('CHAIN_UNCONFIRMED');
      await chain.send('anvil_mine', '0xa');
      expect(await audit({ confirmations: undefined })).toBe('CHAIN_UNCONFIRMED');
      await chain.send('anvil_mine', '0x1');
      expect(await audit({ confirmations: undefined })).toEqual(ALL);
    });
  });

  it('says what it found: which run, on which data, through which network, where and whose', async () => {
    await chain.isolated(async () => {
      await anchor('0');
      const found = await checkChain(auditor, described, { ...allow, pins, confirmations: 1 });
      const { run } = fixtureRun;
      expect(found.facts).toMatchObject({
        runId: run.runId,
        datasetRoot: run.datasetRoot,
        shards: 3,
        layers: '4 -> 3 softmax',
        loss: 'softmaxCrossEntropy',
        batch: 2,
        rule: 'sgd',
        learningRate: 0.125,
        steps: 4,
        start: 'given',
      });
      expect(found.facts?.settings).toMatch(/^0x[0-9a-f]{64}$/);
      const text = auditLines(found).join('\n');
      const { address } = chain.client.registry;
      const owner = chain.wallet(0).address;
      for (const part of [
        run.runId,
        run.datasetRoot,
        '0.125',
        '4 -> 3 softmax',
        'chain 31337',
        address,
        owner,
      ]) {
        expect(text).toContain(part);
      }
    });
  });

  it('throws where the chain gives no answer', async () => {
    const connection = await chain.connect();
    const client = await chain.clientOf(9, { connection });
    connection.close();
    expect(await codeOf(checkChain(client, described, { ...allow, pins }))).toBe('CHAIN_FAILED');
  });
});

describe('the whole way', () => {
  it('anchors, audits, and shows what the contract refuses', async () => {
    await chain.isolated(async () => {
      const signer = chain.wallet(2);
      const found = await verifyOnchain(evmProofOf('0'), {
        connection: chain.connection,
        signer,
        pins,
        ...allow,
      });
      expect(found.refused.map((r) => r.code)).toEqual([
        'REGISTRY_PROOF_REFUSED',
        'REGISTRY_PROOF_REFUSED',
        'REGISTRY_STEP_MISMATCH',
      ]);
      expect(found.audit.report.ok).toBe(true);
      expect(found.anchored.weights).toBe(statementOf('run/0').weightsOut);
    });
  });

  it('refuses a file whose verifier is not the one that it says', async () => {
    await chain.isolated(async () => {
      const file = evmProofOf('0');
      const other = { ...file, verifier: { ...file.verifier, codeHash: `0x${'22'.repeat(32)}` } };
      const options = { connection: chain.connection, signer: chain.wallet(0) };
      expect(await codeOf(anchorFile(chain.client, other, options))).toBe('VERIFIER_CODE');
    });
  });
});
