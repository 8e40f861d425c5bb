import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Test tiers, chosen with POT_TIER by scripts/test.mjs:
 *   (none)  *.test.ts       needs Node only; a few minutes
 *   slow    *.slow.test.ts     minutes of proving
 *   browser *.browser.test.ts  needs Chromium
 *   native  *.native.test.ts   needs the Node addon (build:native)
 *   python  *.python.test.ts   needs Python's peft and safetensors (POT_PYTHON)
 */
const tier = process.env.POT_TIER;
const tiers = ['slow', 'browser', 'native', 'python'];

export default defineConfig({
  test: {
    include: [`{packages/*,examples/*,benchmarks}/test/**/*.${tier ? `${tier}.` : ''}test.ts`],
    exclude: ['**/node_modules/**', ...tiers.filter((t) => t !== tier).map((t) => `**/*.${t}.test.ts`)],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Reference strings are made once for all tests, and not in the user's own cache.
    env: {
      POT_CACHE_DIR: fileURLToPath(new URL('node_modules/.cache/pot', import.meta.url)),
      // The same engine whether the addon is there or not; ZK_ENGINE=native runs a tier with the other one.
      ZK_ENGINE: process.env.ZK_ENGINE ?? 'wasm',
    },
    pool: 'forks',
    maxWorkers: 2,
    minWorkers: 1,
  },
});
