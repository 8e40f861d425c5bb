import { type Beginning, checkWindows } from '@proof-of-training/aggregator';
import { type LinkProver, ProofAggregator } from '@proof-of-training/aggregator/node';
import { isPotError, loadProver, PotError } from '@proof-of-training/halo2-wasm';
import { developmentSrs, type Srs } from '@proof-of-training/halo2-wasm/node';
import { type AggregateFile, bundleSchema, type RunBundle } from '@proof-of-training/verifier/files';
import { cacheFor } from '@proof-of-training/verifier/node';
import { checkArgument, checkOptions, whole } from '@proof-of-training/verifier/options';
import { neededOf, requireStringOf } from '@proof-of-training/verifier/run';
import { aggregateFileOf } from './assemble.js';
import type { AggregateOptions } from './checks.js';
import { aggregateOptions, sized } from './checks.js';
import { startLinks } from './links.js';
import { renewedOf } from './renewed.js';
import { openRun } from './run.js';

export type { AggregateOptions };

/** Rows (log2) that the aggregation circuit has at least and at most. */
const ROWS = { least: 17, most: 20 };

/**
 * The windows of a run in one proof, with the genesis proof beside it; or those from `fromWindow` on. By either engine, natively
 * several times faster.
 *
 * Errors: `AGGREGATE_FROM_WINDOW` where there is no such window; `AGGREGATE_TRANSCRIPT` and the other `AGGREGATE_*` of a broken rule,
 * before anything is proven; those of `checkChain` for a run whose commitments were renewed; `ENGINE_UNAVAILABLE`;
 * `SRS_NEEDED`, `SRS_MISMATCH`; `INTERMEDIATE_*`; `VERIFY_*` for a window proof that does not hold; `PROVER_ABORTED`.
 *
 * @example
 * const file = await aggregateRun(parseBundle(await readFile('bundle.json')), { dir: 'aggregates' });
 */
export async function aggregateRun(
  bundle: RunBundle,
  options: AggregateOptions = {},
): Promise<AggregateFile> {
  checkArgument(bundleSchema, bundle, 'aggregateRun', 'bundle');
  checkOptions(aggregateOptions, options, 'aggregateRun');
  const renewed = renewedOf(bundle);
  const run = await openRun(bundle.run, renewed);
  // The rules first: what breaks one is refused before any key is made.
  checkWindows(run, bundle.windows);
  const from = beginningAt(bundle, options.fromWindow ?? 0);
  const { dir, onProgress } = options;
  const engine = options.engine ?? options.config?.prover.engine;
  const own = { ...options, ...(engine && { engine }) };
  const prover = await withSrs(bundle.run.srs, own, (srs) => startLinks(run, srs.bytes, own));
  const aggregator = await begun(prover, () => {
    const where = { ...(dir !== undefined && { dir }), ...(onProgress && { onProgress }) };
    return new ProofAggregator(run, prover, { from, ...where });
  });
  try {
    const aggregate = await aggregator.aggregateProofs(bundle.windows.slice(from.window));
    return aggregateFileOf(bundle, run, aggregate, aggregator.prover, renewed);
  } finally {
    await aggregator.close();
  }
}

/** What makes one object of a prover, which is closed where that fails. */
async function begun<T>(prover: LinkProver, make: () => T): Promise<T> {
  try {
    return make();
  } catch (e) {
    await prover.close();
    throw e;
  }
}

/** Errors: `AGGREGATE_FROM_WINDOW`. */
function beginningAt({ run, windows }: RunBundle, window: number): Beginning {
  if (window === 0) return { window, weights: run.genesis };
  const before = windows[window - 1];
  if (!before || !windows[window]) {
    throw new PotError('AGGREGATE_FROM_WINDOW', `the run has no window ${window} to begin with`, {
      details: { window, windows: windows.length },
      hint: `It has the windows 0 to ${windows.length - 1}.`,
    });
  }
  return { window, weights: before.public.weightsOut };
}

/** Starts with the run's own SRS. The development one is made as large as is needed. */
async function withSrs<T>(
  named: RunBundle['run']['srs'],
  { srs, config, engine }: AggregateOptions,
  start: (srs: Srs) => Promise<T>,
): Promise<T> {
  const halo2 = await loadProver({ engine });
  if (srs) {
    requireStringOf(named, srs);
    return start(srs);
  }
  if (!named.development) {
    throw neededOf(named, ROWS.least);
  }
  for (let k = ROWS.least; ; k++) {
    try {
      return await start(await developmentSrs(halo2, k, cacheFor(config)));
    } catch (e) {
      if (!isPotError(e, 'SRS_TOO_SMALL') || k === ROWS.most) throw e;
    }
  }
}

/** What aggregating saved: the windows' proofs beside the aggregate's, and the files. */
export interface Compression {
  windows: number;
  /** Of all window proofs. */
  windowBytes: number;
  /** Of the aggregate's proof and accumulator. */
  aggregateBytes: number;
  /** The first by the second. */
  ratio: number;
}

/**
 * The sizes of proofs, in bytes. `windows`: of that many, if not of those that went in.
 *
 * @example
 * const { ratio } = compressionOf(bundle, await aggregateRun(bundle));
 */
export function compressionOf(bundle: RunBundle, file: AggregateFile, windows?: number): Compression {
  checkArgument(bundleSchema, bundle, 'compressionOf', 'bundle');
  checkArgument(sized, file, 'compressionOf', 'file');
  const { proof, accumulator, public: statement } = file.aggregate;
  const within = (statement.endStep - statement.firstStep) / bundle.run.spec.steps;
  const count = checkArgument(whole(1), windows ?? within, 'compressionOf', 'windows');
  const bytes = (proof: string) => Math.floor((proof.length * 3) / 4);
  const windowBytes = count * bytes(bundle.windows[0]!.proof);
  const aggregateBytes = bytes(proof) + 32 * accumulator.length;
  return { windows: count, windowBytes, aggregateBytes, ratio: windowBytes / aggregateBytes };
}
