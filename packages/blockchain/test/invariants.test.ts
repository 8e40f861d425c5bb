import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { readStatement } from '../src/statement/statement.js';
import { testChain } from './helpers/chain.js';
import { calldataOf, fixtures, statementOf, termsOf, withWord, wordOf } from './helpers/fixtures.js';

const chain = testChain();
const RUNS = ['main/0', 'other/0', 'many0/0'];
/** All statements of these runs, each with a real proof, whether the registry may take them or not. */
const STATEMENTS = fixtures.proofs.map((p) => p.name).filter((name) => /^(main|other|many0)\//.test(name));

let addresses: string[];
beforeAll(() => {
  addresses = [0, 1, 2].map((i) => chain.wallet(i).address);
});

/** What anybody may do, in any order. */
const action = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('register' as const),
      run: fc.constantFrom(...RUNS),
      by: fc.nat(1),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('anchor' as const),
      name: fc.constantFrom(...STATEMENTS),
      by: fc.nat(2),
    }),
  },
  // Mostly in order, so that chains grow.
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('next' as const),
      run: fc.constantFrom('main', 'other'),
      by: fc.nat(1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('forge' as const),
      name: fc.constantFrom(...STATEMENTS),
      word: fc.nat(21 + fixtures.proofBytes / 32),
      flip: fc.bigInt(1n, (1n << 256n) - 1n),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('batch' as const),
      names: fc.array(fc.constantFrom(...STATEMENTS), { minLength: 1, maxLength: 4 }),
    }),
  },
);

/** Two owners' runs. */
const START = [
  { do: 'register' as const, run: 'main/0', by: 0 },
  { do: 'register' as const, run: 'other/0', by: 1 },
];

/** The rules again, in a few lines. */
class Model {
  readonly runs = new Map<string, { owner: number; list: string[] }>();

  /** Whether account `by` may anchor this statement now, its proof being real. */
  takes(name: string, by: number): boolean {
    const s = statementOf(name);
    const run = this.runs.get(s.runId);
    if (!run || run.owner !== by) return false;
    const first = statementOf(RUNS.find((r) => statementOf(r).runId === s.runId)!);
    const last = run.list.length > 0 ? statementOf(run.list[run.list.length - 1]!) : undefined;
    return (
      s.firstStep === (last?.endStep ?? 0) &&
      s.weightsIn === (last?.weightsOut ?? first.weightsIn) &&
      s.endStep < 2 ** 32 &&
      s.eta === first.eta &&
      s.datasetRoot === first.datasetRoot &&
      s.depth === first.depth &&
      s.base === first.base
    );
  }

  anchor(name: string): void {
    this.runs.get(statementOf(name).runId)!.list.push(name);
  }
}

/** A statement that cannot even be read is one that the registry refuses. */
const readable = STATEMENTS.filter((name) => {
  try {
    readStatement(calldataOf(name));
    return true;
  } catch {
    return false;
  }
});

/** Sends a transaction as account `by`, with gas enough for anything, past the client; whether it succeeded. */
async function send(by: number, call: { to: string; data: string }): Promise<boolean> {
  const from = addresses[by];
  const hash = await chain.send('eth_sendTransaction', { ...call, from, gas: '0x2dc6c0' });
  for (let i = 0; i < 1000; i++) {
    const receipt = await chain.send('eth_getTransactionReceipt', hash);
    if (receipt) return receipt.status === '0x1';
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error('Anvil does not mine');
}

describe('in any order of anything that anyone does', () => {
  it('anchors are a chain that only grows, of statements with real proofs, by their owners', async () => {
    const { registry } = chain.client;
    let anchored = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 30 }), (actions) =>
        chain.isolated(async () => {
          const model = new Model();
          for (const a of [...START, ...actions]) {
            if (a.do === 'register') {
              const { runId } = statementOf(a.run);
              const terms = termsOf(a.run, chain.verifierId);
              const commitment = await registry.commitmentOf(addresses[a.by]!, terms);
              await send(a.by, registry.encode('commit', [commitment]));
              const ok = await send(a.by, registry.encode('register', [terms]));
              expect(ok).toBe(!model.runs.has(runId));
              if (ok) model.runs.set(runId, { owner: a.by, list: [] });
            } else if (a.do === 'forge') {
              const good = calldataOf(a.name);
              const forged = withWord(good, a.word, wordOf(good, a.word) ^ a.flip);
              expect(await send(0, registry.encode('anchor', [forged]))).toBe(false);
            } else if (a.do === 'batch') {
              const trial = new Model();
              for (const [id, { owner, list }] of model.runs) trial.runs.set(id, { owner, list: [...list] });
              let all = true;
              for (const name of a.names) {
                all = all && readable.includes(name) && trial.takes(name, 0);
                if (all) trial.anchor(name);
              }
              const call = registry.encode('anchorBatch', [a.names.map(calldataOf)]);
              expect([a.names, await send(0, call)]).toEqual([a.names, all]);
              if (all) for (const name of a.names) model.anchor(name);
            } else {
              const count =
                a.do === 'next' ? (model.runs.get(statementOf(`${a.run}/0`).runId)?.list.length ?? 0) : 0;
              const name =
                a.do === 'anchor' ? a.name : `${a.run}/${Math.min(count, a.run === 'main' ? 5 : 3)}`;
              const expected = readable.includes(name) && model.takes(name, a.by);
              const ok = await send(a.by, registry.encode('anchor', [calldataOf(name)]));
              expect([name, a.by, ok]).toEqual([name, a.by, expected]);
              if (ok) model.anchor(name);
            }
          }
          for (const [runId, { owner, list }] of model.runs) {
            const run = (await chain.client.getRun(runId))!;
            expect(run.owner).toBe(addresses[owner]);
            const found = await chain.client.getAnchors(runId);
            expect(found.map((f) => f.weights)).toEqual(list.map((name) => statementOf(name).weightsOut));
            // Without gap or overlap from step 0.
            expect(found.map((f) => f.firstStep)).toEqual(
              [0, ...found.map((f) => f.endStep)].slice(0, found.length),
            );
            anchored += list.length;
          }
        }),
      ),
      { numRuns: 25, seed: 20261121 },
    );
    // The property would hold of a registry that refuses everything.
    expect(anchored).toBeGreaterThan(50);
  });
});
