import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { testChain } from './helpers/chain.js';
import { measureGas } from './helpers/gas.js';

const chain = testChain();
const file = new URL('../../../benchmarks/gas.json', import.meta.url);

describe('gas', () => {
  it('is what the baseline says, within 2 percent (POT_GAS_BASELINE=write makes a new one)', async () => {
    const now = await measureGas(chain);
    if (process.env.POT_GAS_BASELINE === 'write') writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
    const baseline = JSON.parse(readFileSync(file, 'utf8'));
    expect(Object.keys(now)).toEqual(Object.keys(baseline));
    for (const [name, { gas }] of Object.entries(now)) {
      const ratio = gas / baseline[name].gas;
      expect(Math.abs(ratio - 1), `${name}: ${gas}, baseline ${baseline[name].gas}`).toBeLessThan(0.02);
    }
  });
});
