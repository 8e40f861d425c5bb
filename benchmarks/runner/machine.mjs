import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { ENGINES, engineVersion } from '../engine.mjs';

/** The machine and what runs on it, at this moment. */
export function describeMachine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${platform()} ${release()}`,
    node: process.version,
    load: load(),
  };
}

/** Load average of the last minute, from before this program does anything if read first. */
export function load() {
  return loadavg()[0];
}

/** The commit and the engines' files: results of another version are not mixed with these. */
export function describeVersion() {
  return {
    commit: git('rev-parse', 'HEAD'),
    changed: shortHash(git('diff', 'HEAD', '--', ':/', ':!/docs', ...WRITTEN)),
    engines: Object.fromEntries(ENGINES.map((name) => [name, engineVersion(name)])),
  };
}

/** What a run writes itself. */
const WRITTEN = [':!/benchmarks/baseline.json', ':!/benchmarks/results'];

/** Null for a clean tree. */
function shortHash(diff) {
  return diff === '' ? null : createHash('sha256').update(diff).digest('hex').slice(0, 12);
}

function git(...args) {
  try {
    const cwd = fileURLToPath(new URL('../..', import.meta.url));
    return execFileSync('git', args, {
      cwd,
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
