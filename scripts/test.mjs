#!/usr/bin/env node
/**
 * The README's test command: the tier that needs only Node. Tiers that need more are listed as not run.
 * `--slow` runs the minutes-long proving tier instead, `--browser` the one that needs Chromium, `--native` the one that
 * needs the Node addon, `--python` the one that needs Python packages, `--cluster` the one that needs redis-server.
 */
import { spawnSync } from 'node:child_process';

const tier =
  ['slow', 'browser', 'native', 'python', 'cluster'].find((t) => process.argv.includes(`--${t}`)) ?? '';
const rest = process.argv.slice(2).filter((a) => a !== `--${tier}` && a !== '--');
// CI keeps the times of the files: scripts/times.mjs.
const { POT_TIMES } = process.env;

/** One run of vitest; of the whole tier, or of a part of it (vitest.config.ts). Gives its exit code. */
function run(part = '') {
  const file = part === 'shared' ? POT_TIMES?.replace(/(?=\.times\.json$)/, '-shared') : POT_TIMES;
  const times = file ? ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`] : [];
  const { status } = spawnSync('npx', ['vitest', 'run', ...times, ...rest], {
    stdio: 'inherit',
    env: { ...process.env, POT_TIER: tier, POT_PART: part },
  });
  return status ?? 1;
}

// Files that are named are run as they are. Both parts run, whatever the first one said.
const whole = !tier && rest.length === 0;
const codes = whole ? [run('shared'), run('rest')] : [run()];

if (!tier) {
  console.log('\nTiers not run by this command:');
  console.log('  slow      pnpm test:slow           minutes of proving');
  console.log(
    '  browser   pnpm test:browser        a proof verified in headless Chromium (apt-get install chromium)',
  );
  console.log(
    '  native    pnpm test:native         the native engine against WebAssembly (prebuilt, or pnpm build:native)',
  );
  console.log(
    '  python    pnpm test:python         PEFT files against the real Python packages (CONTRIBUTING.md)',
  );
  console.log('  cluster   pnpm test:cluster        proofs over a real queue (apt-get install redis-server)');
  console.log(
    '  packed    pnpm test:environments   the packages as npm, pnpm, TypeScript, Vite and webpack have them',
  );
  console.log('  rust      cargo test --release     circuits with valid and invalid witnesses (needs Rust)');
  console.log(
    '  all       bash .ci/run             everything above, lint, and the rebuild of what is committed built',
  );
}
process.exit(codes.find((code) => code !== 0) ?? 0);
