import { describe, expect, it } from 'vitest';
import { testChain } from './helpers/chain.js';
import { calldataOf, statementOf } from './helpers/fixtures.js';

const chain = testChain();

describe('several aggregates in one transaction', () => {
  it('are anchored all or none, and those that are there already are left out', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `many${i}/0`);
    for (const name of names) await chain.register(name);
    const { registry } = chain.client;
    const bad = [...names.slice(1), 'many9/0'].map(calldataOf);
    const call = { ...registry.encode('anchorBatch', [bad]), from: chain.wallet(0).address };
    await expect(chain.connection.read(() => chain.connection.provider.call(call))).rejects.toMatchObject({
      code: 'REGISTRY_RUN_UNKNOWN',
    });
    // One is there already: it is left out.
    await chain.client.anchor(calldataOf(names[3]!));
    const result = await chain.client.anchorBatch(names.map(calldataOf));
    expect(result.sent).toBe(1);
    expect(result.value.map((a) => a.weights)).toEqual(names.map((n) => statementOf(n).weightsOut));
    expect((await chain.client.anchorBatch(names.map(calldataOf))).sent).toBe(0);
  });
});
