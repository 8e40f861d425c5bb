import { parseArgs } from 'node:util';
import { PotError } from '@proof-of-training/halo2-wasm';
import { SUITES } from './suites.mjs';

export const USAGE = `pnpm bench [--quick | --full] [--suite ${SUITES.join(',')}] [--resume] [--check | --dump] [--verbose] [--list]

  --quick    one case of each kind, under ten minutes on two idle cores (default)
  --full     all sizes; hours
  --suite    only these suites, separated by commas
  --resume   skip what a run of the same commit and engines has finished
  --check    compare with benchmarks/baseline.json    --dump  write it anew
  --verbose  show what the measured processes write
  --list     name the cases, and measure none`;

/**
 * The command line. Errors: `OPTION_INVALID`.
 */
export function parseOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({
      args: args.filter((a) => a !== '--'),
      options: {
        quick: { type: 'boolean' },
        full: { type: 'boolean' },
        suite: { type: 'string' },
        resume: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        dump: { type: 'boolean', default: false },
        verbose: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }));
  } catch (e) {
    throw invalid(e.message);
  }
  const { quick, full, suite, ...rest } = values;
  if (quick && full) throw invalid('--quick and --full exclude each other');
  if (rest.check && rest.dump) throw invalid('--check and --dump exclude each other');
  if (rest.list && (rest.resume || rest.check || rest.dump)) {
    throw invalid('--list measures nothing: it goes with --quick, --full and --suite');
  }
  const suites = suite === undefined ? SUITES : suite.split(',').map((s) => s.trim());
  const unknown = suites.find((s) => !SUITES.includes(s));
  if (unknown !== undefined) throw invalid(`${JSON.stringify(unknown)} is no suite`);
  return { tier: full ? 'full' : 'quick', suites, ...rest };
}

function invalid(message) {
  return new PotError('OPTION_INVALID', message, { hint: `Usage: ${USAGE}` });
}
