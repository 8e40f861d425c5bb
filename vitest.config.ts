import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

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

/** Files that take most of their tier's time, on one core. */
const LONG = ['accuracy.slow.test.ts'];

/** Long files first, so that the tier does not end with one core at work: where vitest knows no times yet, it begins with the largest files. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (file: TestSpecification) => LONG.some((name) => file.moduleId.endsWith(`/${name}`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: [`{packages/*,examples/*,benchmarks,scripts/*}/test/**/*.${tier ? `${tier}.` : ''}test.ts`],
    exclude: ['**/node_modules/**', ...tiers.filter((t) => t !== tier).map((t) => `**/*.${t}.test.ts`)],
    testTimeout: 240_000,
    hookTimeout: 240_000,
    // Reference strings are made once for all tests, and not in the user's own cache.
    env: {
      POT_CACHE_DIR: fileURLToPath(new URL('node_modules/.cache/pot', import.meta.url)),
      // The same engine whether the addon is there or not; ZK_ENGINE=native runs a tier with the other one.
      ZK_ENGINE: process.env.ZK_ENGINE ?? 'wasm',
    },
    // A run for one version of Node fails where a fork has another.
    setupFiles: process.env.POT_NODE_VERSION
      ? [fileURLToPath(new URL('scripts/require-node.mjs', import.meta.url))]
      : [],
    pool: 'forks',
    sequence: { sequencer: LongFirst },
    maxWorkers: 2,
    minWorkers: 1,
  },
});
