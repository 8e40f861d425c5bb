#!/usr/bin/env node
/**
 * The README's test command: the tier that needs only Node. Tiers that need more are listed as not run.
 * `--slow` runs the minutes-long proving tier instead.
 */
import { spawnSync } from 'node:child_process';

const slow = process.argv.includes('--slow');
const rest = process.argv.slice(2).filter((a) => a !== '--slow' && a !== '--');
const result = spawnSync('npx', ['vitest', 'run', ...rest], {
  stdio: 'inherit',
  env: { ...process.env, POT_TIER: slow ? 'slow' : '' },
});

if (!slow) {
  console.log('\nTiers not run by this command:');
  console.log('  slow      pnpm test:slow           minutes of proving in WebAssembly');
  console.log('  rust      cargo test --release     circuits with valid and invalid witnesses (needs Rust)');
  console.log(
    '  all       bash .ci/run             everything above, lint, and the rebuild of the WASM artifact',
  );
}
process.exit(result.status ?? 1);
