import { fileURLToPath } from 'node:url';
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
    // Reference strings are made once for all tests, and not in the user's own cache.
    env: { POT_CACHE_DIR: fileURLToPath(new URL('node_modules/.cache/pot', import.meta.url)) },
    pool: 'forks',
    maxWorkers: 2,
    minWorkers: 1,
  },
});
