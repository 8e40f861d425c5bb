import type { Aggregate, OpenRun } from '@proof-of-training/aggregator';
import type { LinkProver } from '@proof-of-training/aggregator/node';
import {
  AGGREGATE_FORMAT,
  type AggregateFile,
  FORMAT_VERSION,
  type LastShard,
  type Renewed,
  type RunBundle,
  summarise,
  toBase64url,
} from '@proof-of-training/verifier/files';

function lastShardIn(run: OpenRun, count: number): LastShard {
  const { digest, siblings } = run.shard(count - 1);
  return { digest, siblings: [...siblings] };
}

/** The file of an aggregate of this bundle's windows, under the prover's key. */
export function aggregateFileOf(
  bundle: RunBundle,
  run: OpenRun,
  aggregate: Aggregate,
  { info, key }: Pick<LinkProver, 'info' | 'key'>,
  renewed?: Renewed,
): AggregateFile {
  const { metrics: _, ...declared } = bundle.declared ?? {};
  return {
    format: AGGREGATE_FORMAT,
    version: FORMAT_VERSION,
    run: summarise(bundle.run),
    lastShard: lastShardIn(run, bundle.run.shards.length),
    genesis: bundle.genesis,
    ...(renewed && { renewed }),
    aggregate: {
      key: {
        digest: info.digest,
        windowsPerProof: info.places,
        k: info.k,
        bytes: toBase64url(key),
      },
      ...aggregate,
    },
    ...(bundle.declared && { declared }),
  };
}
