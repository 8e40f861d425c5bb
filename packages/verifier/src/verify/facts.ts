import { effectiveHyperparameters, weightCount } from '@proof-of-training/sgd-circuit';
import type { Run } from '../run/schema.js';
import { settingsDigest, settingsOf } from '../run/seeds.js';
import { provenAdapters } from './adapters.js';
import type { DatasetUse } from './datasetUse.js';
import type { ProvenFacts } from './report.js';
import { orderText } from './start.js';

/** What a verified run of `windows` windows over `shards` listed shards, of which `use` were used, that ended with `weightsAfter` establishes. */
export function provenFacts(
  run: Omit<Run, 'shards'>,
  shards: number,
  windows: number,
  weightsAfter: string,
  use: DatasetUse,
): ProvenFacts {
  const { spec } = run;
  const lora = provenAdapters(run, windows * spec.steps);
  const optimizer = effectiveHyperparameters(spec, BigInt(run.eta));
  return {
    runId: run.runId,
    steps: windows * spec.steps,
    windows,
    epochs: windows / shards,
    samplesPerStep: spec.batch,
    samples: use.used * spec.steps * spec.batch,
    shards,
    unusedShards: use.unused,
    learningRate: optimizer.learningRate,
    optimizer,
    ...(run.schedule && { schedule: run.schedule }),
    parameters: weightCount(spec),
    datasetRoot: run.datasetRoot,
    start: run.start.kind,
    ...(run.beacon && { beacon: run.beacon }),
    settings: settingsDigest(settingsOf(run, shards)),
    order: orderText(run, shards),
    weightsBefore: run.genesis,
    weightsAfter,
    ...(lora && { lora }),
  };
}
