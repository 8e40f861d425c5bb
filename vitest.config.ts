import { defineConfig } from 'vitest/config';

/**
 * Test tiers, chosen with POT_TIER by scripts/test.mjs:
 *   (none)  *.test.ts       needs Node only; a few minutes
 *   slow    *.slow.test.ts  minutes of proving
 */
const slow = process.env.POT_TIER === 'slow';

export default defineConfig({
  test: {
    include: [slow ? 'packages/*/test/**/*.slow.test.ts' : 'packages/*/test/**/*.test.ts'],
    exclude: slow ? ['**/node_modules/**'] : ['**/node_modules/**', '**/*.slow.test.ts'],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    pool: 'forks',
    maxWorkers: 2,
    minWorkers: 1,
  },
});
