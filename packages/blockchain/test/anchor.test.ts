import { concat, keccak256 } from 'ethers';
import { beforeAll, describe, expect, it } from 'vitest';
import { SCALAR_MODULUS, STATEMENT_INPUTS } from '../src/statement/statement.js';
import { testChain } from './helpers/chain.js';
import { codeOf, refusal } from './helpers/errors.js';
import { calldataOf, fixtures, statementOf, termsOf, withWord, wordOf } from './helpers/fixtures.js';

const chain = testChain();
const { runId } = statementOf('main/0');

beforeAll(async () => {
  await chain.register('main/0');
});

describe('a run of real proofs', () => {
  it('is anchored part by part, and can be read back', async () => {
    await chain.isolated(async () => {
      for (const i of [0, 1, 2]) {
        const { value, already, statement } = await chain.client.anchor(calldataOf(`main/${i}`));
        expect(value.index).toBe(i);
        expect(already).toBe(false);
        expect(statement.firstStep).toBe(32 * i);
      }
      const run = (await chain.client.getRun(runId))!;
      expect(run).toMatchObject({ anchors: 3, nextStep: 96, weights: statementOf('main/2').weightsOut });
      expect(run.owner).toBe(chain.wallet(0).address);
      const anchors = await chain.client.getAnchors(runId);
      expect(anchors.map((a) => a.firstStep)).toEqual([0, 32, 64]);
      const schedules = [0, 1, 2].map((i) => statementOf(`main/${i}`).schedule);
      expect(run.schedules).toBe(schedules.reduce((h, s) => keccak256(concat([h, s])), runId));
      expect(await codeOf(chain.client.registry.anchor(runId, 3))).toBe('REGISTRY_ANCHOR_UNKNOWN');

      const { registry } = chain.client;
      const { weightsOut } = statementOf('main/1');
      expect(await registry.reached(runId, weightsOut)).toMatchObject({ index: 1, endStep: 64 });
      expect(await registry.runsReaching(weightsOut)).toEqual([runId]);
      expect(await registry.reached(runId, statementOf('main/3').weightsOut)).toBeUndefined();
      expect(await registry.runsReaching(statementOf('main/3').weightsOut)).toEqual([]);
    });
  });

  it('keeps the place of every anchor, through a full group of four and into the next', async () => {
    await chain.isolated(async () => {
      const { registry } = chain.client;
      const blocks: number[] = [];
      for (let i = 0; i < 6; i++) {
        // So that anchors are no equal number of blocks apart.
        await chain.send('anvil_mine', `0x${(3 * i + 1).toString(16)}`);
        const { transactionHash } = await chain.client.anchor(calldataOf(`main/${i}`));
        blocks.push((await chain.connection.provider.getTransactionReceipt(transactionHash!))!.blockNumber);
        const anchors = await chain.client.getAnchors(runId);
        expect(anchors).toEqual(
          blocks.map((blockNumber, index) => {
            const { firstStep, endStep, weightsOut: weights } = statementOf(`main/${index}`);
            return { index, firstStep, endStep, weights, blockNumber };
          }),
        );
        expect(await chain.client.getRun(runId)).toMatchObject({ anchors: i + 1, nextStep: 32 * (i + 1) });
        for (const { weights, endStep, index } of anchors) {
          expect(await registry.reached(runId, weights)).toMatchObject({ index, endStep });
        }
        const block = (await chain.connection.provider.getBlock(blocks[i]!))!;
        expect(await registry.timeOf(anchors[i]!)).toBe(block.timestamp);
      }
      expect(await codeOf(registry.timeOf({ blockNumber: 1_000_000 }))).toBe('CHAIN_BLOCK_MISSING');
    });
  });

  it('takes the largest field element for a digest', async () => {
    await chain.isolated(async () => {
      await chain.client.anchor(calldataOf('main/0'));
      const { value } = await chain.client.anchor(calldataOf('main/largest'));
      expect(BigInt(value.weights)).toBe(SCALAR_MODULUS - 1n);
    });
  });

  it('is verified by the verifier alone, with nothing sent', async () => {
    const good = calldataOf('main/4');
    expect((await chain.client.verifyOnChain(good)).accepted).toBe(true);
    const forged = withWord(good, STATEMENT_INPUTS, wordOf(good, STATEMENT_INPUTS) ^ 1n);
    expect((await chain.client.verifyOnChain(forged)).accepted).toBe(false);
    expect((await chain.client.getRun(runId))!.anchors).toBe(0);
  });
});

describe('terms', () => {
  it('are refused where one is out of range: a rate that the circuit does not bound, a tree too deep, no field element', async () => {
    const { registry } = chain.client;
    const large = `0x${SCALAR_MODULUS.toString(16)}`;
    const good = termsOf('other/0', chain.verifierId);
    const cases = [
      { eta: 0n },
      { eta: 1n << 17n },
      { depth: 33 },
      { datasetRoot: large },
      { genesis: large },
    ];
    for (const change of [...cases, { base: large }, { runId: large }]) {
      expect(await codeOf(chain.client.storeCommitment({ ...good, ...change }))).toBe(
        'REGISTRY_TERMS_OUT_OF_RANGE',
      );
    }
    await chain.isolated(async () => {
      const run = await chain.client.storeCommitment({ ...good, eta: (1n << 17n) - 1n, depth: 32 });
      expect(run).toMatchObject({ eta: 131071n, depth: 32 });
      expect(await registry.run(good.runId)).toEqual(run);
    });
  });
});

describe('an altered proof', () => {
  const good = calldataOf('main/0');
  const words = STATEMENT_INPUTS + fixtures.proofBytes / 32;

  it('is refused with a bit changed in any word of the proof', async () => {
    await chain.dryRun(good);
    for (let i = STATEMENT_INPUTS; i < words; i++) {
      for (const bit of [1n, 1n << 128n]) {
        const error = await refusal(chain.dryRun(withWord(good, i, wordOf(good, i) ^ bit)));
        expect([i, error.code]).toEqual([i, 'REGISTRY_PROOF_REFUSED']);
        expect(error.details.runId).toBe(runId);
      }
    }
  });

  it('is refused with any public input raised by one', async () => {
    const codes = [];
    for (let i = 0; i < STATEMENT_INPUTS; i++) {
      codes.push(await codeOf(chain.dryRun(withWord(good, i, wordOf(good, i) + 1n))));
    }
    expect(codes).toEqual([
      ...Array(12).fill('REGISTRY_PROOF_REFUSED'),
      'REGISTRY_RUN_UNKNOWN',
      'REGISTRY_RATE_MISMATCH',
      'REGISTRY_STEP_MISMATCH',
      'REGISTRY_PROOF_REFUSED',
      'REGISTRY_WEIGHTS_MISMATCH',
      'REGISTRY_PROOF_REFUSED',
      'REGISTRY_DATASET_MISMATCH',
      'REGISTRY_PROOF_REFUSED',
      'REGISTRY_BASE_MISMATCH',
      'REGISTRY_DEPTH_MISMATCH',
    ]);
  });

  it('is refused in a second encoding of the same numbers', async () => {
    // The generated verifier takes inputs modulo the field's order: it accepts them, the registry must not.
    for (const i of [15, 17, 19]) {
      const twin = withWord(good, i, wordOf(good, i) + SCALAR_MODULUS);
      const { provider } = chain.connection;
      const { verifier } = await chain.client.verifyOnChain(good);
      expect(await provider.call({ to: verifier.address, data: twin })).toBe('0x');
      const error = await refusal(chain.dryRun(twin));
      expect([error.code, error.details.word]).toEqual(['REGISTRY_NOT_CANONICAL', String(i)]);
    }
  });

  it('is refused with a limb beyond its bound, also where the point is the same', async () => {
    for (let i = 0; i < 12; i++) {
      const limb = wordOf(good, i);
      expect(await codeOf(chain.dryRun(withWord(good, i, limb + (1n << 88n))))).toBe(
        'REGISTRY_LIMB_TOO_LARGE',
      );
      expect(await codeOf(chain.dryRun(withWord(good, i, SCALAR_MODULUS + limb)))).toBe(
        'REGISTRY_NOT_CANONICAL',
      );
    }
    // One unit of a higher limb moved to the lower one: the same coordinate.
    const moved = withWord(withWord(good, 0, wordOf(good, 0) + (1n << 88n)), 1, wordOf(good, 1) - 1n);
    expect(await codeOf(chain.dryRun(moved))).toBe('REGISTRY_LIMB_TOO_LARGE');
  });

  it('is refused with a coordinate beyond the modulus', async () => {
    const q = 0x30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd47n;
    const mask = (1n << 88n) - 1n;
    for (let c = 0; c < 4; c++) {
      const at = 3 * c;
      let value = wordOf(good, at) + (wordOf(good, at + 1) << 88n) + (wordOf(good, at + 2) << 176n);
      value += q;
      expect(value < 1n << 256n).toBe(true);
      const limbs = [value & mask, (value >> 88n) & mask, value >> 176n];
      const forged = limbs.reduce((data, limb, i) => withWord(data, at + i, limb), good);
      expect(await codeOf(chain.dryRun(forged))).toBe('REGISTRY_PROOF_REFUSED');
    }
  });

  it('is refused with another length', async () => {
    const lengths = [
      '0x',
      good.slice(0, 2 + 64 * 21),
      good.slice(0, 2 + 64 * 22),
      good.slice(0, -2),
      `${good}00`,
    ];
    for (const data of [...lengths, good + '0'.repeat(64)]) {
      expect(await codeOf(chain.dryRun(data))).toBe('REGISTRY_STATEMENT_LENGTH');
    }
  });

  it("is refused with another statement's proof", async () => {
    const other = calldataOf('main/1');
    const mixed = good.slice(0, 2 + 64 * STATEMENT_INPUTS) + other.slice(2 + 64 * STATEMENT_INPUTS);
    expect(await codeOf(chain.dryRun(mixed))).toBe('REGISTRY_PROOF_REFUSED');
  });
});

describe('a valid proof in the wrong place', () => {
  it('is no first anchor', async () => {
    expect(await codeOf(chain.client.anchor(calldataOf('main/1')))).toBe('REGISTRY_STEP_MISMATCH');
  });

  it('cannot follow an anchor that it does not continue', async () => {
    await chain.isolated(async () => {
      await chain.client.anchor(calldataOf('main/0'));
      const cases = {
        'main/2': 'REGISTRY_STEP_MISMATCH',
        'main/overlap': 'REGISTRY_STEP_MISMATCH',
        'main/whole': 'REGISTRY_STEP_MISMATCH',
        'main/0': 'REGISTRY_STEP_MISMATCH',
        'main/other-weights': 'REGISTRY_WEIGHTS_MISMATCH',
        'main/other-rate': 'REGISTRY_RATE_MISMATCH',
        'main/other-data': 'REGISTRY_DATASET_MISMATCH',
        'main/other-depth': 'REGISTRY_DEPTH_MISMATCH',
        'main/other-base': 'REGISTRY_BASE_MISMATCH',
        'main/empty': 'REGISTRY_STEP_RANGE',
        'main/backwards': 'REGISTRY_STEP_RANGE',
        'main/endless': 'REGISTRY_STEP_RANGE',
      };
      for (const [name, code] of Object.entries(cases)) {
        expect([name, await codeOf(chain.dryRun(calldataOf(name)))]).toEqual([name, code]);
      }
      const error = await refusal(chain.dryRun(calldataOf('main/2')));
      expect(error.details).toEqual({ expected: '32', found: '64' });
      expect(error.hint).toContain('continues');
    });
  });

  it('cannot be anchored again', async () => {
    await chain.isolated(async () => {
      await chain.client.anchor(calldataOf('main/0'));
      await chain.client.anchor(calldataOf('main/1'));
      for (const name of ['main/0', 'main/1', 'main/1-fork']) {
        expect(await codeOf(chain.dryRun(calldataOf(name)))).toBe('REGISTRY_STEP_MISMATCH');
      }
    });
  });

  it('cannot be anchored for another run', async () => {
    await chain.isolated(async () => {
      await chain.register('other/0');
      const moved = withWord(calldataOf('main/0'), 12, BigInt(statementOf('other/0').runId));
      expect(await codeOf(chain.dryRun(moved))).toBe('REGISTRY_WEIGHTS_MISMATCH');
      // With everything that the registry compares taken from the other run, the proof is left to refuse it.
      let forged = calldataOf('main/0');
      for (const i of [12, 16, 18]) forged = withWord(forged, i, wordOf(calldataOf('other/0'), i));
      expect(await codeOf(chain.dryRun(forged))).toBe('REGISTRY_PROOF_REFUSED');
    });
  });

  it('is refused where no run is registered', async () => {
    expect(await codeOf(chain.client.anchor(calldataOf('other/0')))).toBe('REGISTRY_RUN_UNKNOWN');
  });
});

describe('someone else', () => {
  it('cannot anchor a run of another account', async () => {
    const error = await refusal(chain.dryRun(calldataOf('main/0'), 1));
    expect(error.code).toBe('REGISTRY_NOT_ALLOWED');
    expect(error.details.caller).toBe(chain.wallet(1).address);
    const stranger = await chain.clientOf(1);
    expect(await codeOf(stranger.anchor(calldataOf('main/0')))).toBe('REGISTRY_NOT_ALLOWED');
  });

  it('can as an operator, until he is one no longer', async () => {
    await chain.isolated(async () => {
      await chain.client.setOperator(chain.wallet(1).address, true);
      const operator = await chain.clientOf(1);
      await operator.anchor(calldataOf('main/0'));
      expect((await chain.client.getRun(runId))!.owner).toBe(chain.wallet(0).address);
      await chain.client.setOperator(chain.wallet(1).address, false);
      expect(await codeOf(operator.anchor(calldataOf('main/1')))).toBe('REGISTRY_NOT_ALLOWED');
    });
  });

  it('cannot register a run id that is taken, nor one that he saw being registered', async () => {
    await chain.isolated(async () => {
      const thief = await chain.clientOf(1);
      const terms = termsOf('main/0', chain.verifierId);
      expect(await codeOf(thief.storeCommitment(terms))).toBe('REGISTRY_RUN_EXISTS');
      // The owner's commitment is there, `register` is open and seen: the thief has no commitment of an earlier block.
      const other = termsOf('other/0', chain.verifierId);
      const { registry } = chain.client;
      const owner = chain.wallet(0);
      const commitment = await registry.commitmentOf(owner.address, other);
      await (await owner.sendTransaction(registry.encode('commit', [commitment]))).wait();
      const call = { ...registry.encode('register', [other]), from: chain.wallet(1).address };
      const dry = () => chain.connection.read(() => chain.connection.provider.call(call));
      expect(await codeOf(dry())).toBe('REGISTRY_COMMITMENT_UNKNOWN');
      // Nor does repeating the owner's commitment help, or stop the owner.
      const again = chain.connection.read(() =>
        chain.connection.provider.call({ ...registry.encode('commit', [commitment]), from: call.from }),
      );
      expect(await codeOf(again)).toBe('REGISTRY_COMMITMENT_EXISTS');
      const run = await chain.client.storeCommitment(other);
      expect(run.owner).toBe(owner.address);
    });
  });
});
