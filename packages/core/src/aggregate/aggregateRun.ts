import { type Aggregate, checkWindows } from '@proof-of-training/aggregator';
import {
  type AggregationProgress,
  type LinkProver,
  ProofAggregator,
} from '@proof-of-training/aggregator/node';
import { type Engine, isPotError, loadProver, PotError } from 'halo2-wasm';
import { developmentSrs, type Srs } from 'halo2-wasm/node';
import { FORMAT_VERSION, type RunBundle } from '../bundle/schema.js';
import { cacheFor } from '../config/apply.js';
import type { PotConfig } from '../config/schema.js';
import { AGGREGATE_FORMAT, type AggregateFile, summarise } from './file.js';
import { openRun } from './run.js';

/** Rows (log2) that the aggregation circuit has at least and at most. */
const ROWS = { least: 18, most: 20 };

export interface AggregateOptions {
  /** The run's own reference string, with as many points as the aggregation circuit has rows. Needed unless it is the development one. */
  srs?: Srs;
  /** Windows that one proof takes in, at most; default: as many as cost nothing more. It decides the aggregation key. */
  windowsPerProof?: number;
  /** What proves: `wasm`, `native` or `auto`; default: the configuration's, else `ZK_ENGINE`, else `auto`. */
  engine?: Engine;
  /** Threads of one proof; 0 (default): all cores. */
  threads?: number;
  /** Folder of intermediate aggregates: a later call continues from them. */
  dir?: string;
  /** Its cache is where the development string is looked for. */
  config?: PotConfig;
  onProgress?: (progress: AggregationProgress) => void;
  signal?: AbortSignal;
}

/**
 * The windows of a run in one proof, with the genesis proof beside it: by either engine, natively several times faster.
 *
 * Errors: `AGGREGATE_TRANSCRIPT` and the other `AGGREGATE_*` of a broken rule, before anything is proven; `ENGINE_UNAVAILABLE`;
 * `SRS_NEEDED`, `SRS_MISMATCH`; `INTERMEDIATE_*`; `VERIFY_*` for a window proof that does not hold; `PROVER_ABORTED`.
 *
 * @example
 * const file = await aggregateRun(parseBundle(await readFile('bundle.json')), { dir: 'aggregates' });
 */
export async function aggregateRun(
  bundle: RunBundle,
  options: AggregateOptions = {},
): Promise<AggregateFile> {
  const run = await openRun(bundle.run);
  // The rules first: what breaks one is refused before any key is made.
  checkWindows(run, bundle.windows);
  const { windowsPerProof, threads, dir, onProgress, signal } = options;
  const engine = options.engine ?? options.config?.prover.engine;
  const aggregator = await withString(bundle.run.srs, { ...options, ...(engine && { engine }) }, (srs) =>
    ProofAggregator.start({
      run,
      srs: srs.bytes,
      ...(windowsPerProof !== undefined && { windowsPerProof }),
      ...(engine && { engine }),
      ...(threads !== undefined && { threads }),
      ...(dir !== undefined && { dir }),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    }),
  );
  try {
    const aggregate = await aggregator.aggregateProofs(bundle.windows);
    const { digest, siblings } = run.shard(bundle.run.shards.length - 1);
    return fileOf(bundle, { digest, siblings: [...siblings] }, aggregate, aggregator.prover);
  } finally {
    await aggregator.close();
  }
}

/** Starts with the run's own string. The development one is made as large as is needed. */
async function withString<T>(
  named: RunBundle['run']['srs'],
  { srs, config, engine }: AggregateOptions,
  start: (srs: Srs) => Promise<T>,
): Promise<T> {
  const halo2 = await loadProver({ engine });
  if (srs) {
    if (srs.hash === named.hash) return start(srs);
    throw new PotError('SRS_MISMATCH', 'the run was made with another reference string', {
      details: { run: named.hash, given: srs.hash },
    });
  }
  if (!named.development) {
    throw new PotError('SRS_NEEDED', `the aggregation needs the run's reference string ${named.hash}`, {
      hint: `Import it from its powers-of-tau file for k = ${ROWS.least} or more (pot srs import), and give it (--srs FILE).`,
    });
  }
  for (let k = ROWS.least; ; k++) {
    try {
      return await start(await developmentSrs(halo2, k, cacheFor(config)));
    } catch (e) {
      if (!isPotError(e, 'SRS_TOO_SMALL') || k === ROWS.most) throw e;
    }
  }
}

function fileOf(
  bundle: RunBundle,
  lastShard: AggregateFile['lastShard'],
  aggregate: Aggregate,
  { info, key }: LinkProver,
): AggregateFile {
  const { metrics: _, ...declared } = bundle.declared ?? {};
  return {
    format: AGGREGATE_FORMAT,
    version: FORMAT_VERSION,
    run: summarise(bundle.run),
    lastShard,
    genesis: bundle.genesis,
    aggregate: {
      key: {
        digest: info.digest,
        windowsPerProof: info.places,
        k: info.k,
        bytes: Buffer.from(key).toString('base64url'),
      },
      ...aggregate,
    },
    ...(bundle.declared && { declared }),
  };
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

/** The sizes of proofs, in bytes. `windows`: of that many, if not of those that there are. */
export function compressionOf(
  bundle: RunBundle,
  { aggregate }: AggregateFile,
  windows = bundle.windows.length,
): Compression {
  const bytes = (proof: string) => Math.floor((proof.length * 3) / 4);
  const windowBytes = windows * bytes(bundle.windows[0]!.proof);
  const aggregateBytes = bytes(aggregate.proof) + 32 * aggregate.accumulator.length;
  return { windows, windowBytes, aggregateBytes, ratio: windowBytes / aggregateBytes };
}
