import { type GraphInfo, type Halo2, isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { readStrictJson, type SgdSpec } from '@proof-of-training/sgd-circuit';
import type { DeriveKey } from '../aggregate/derivedOnce.js';
import { AGGREGATE_FORMAT, parseAggregate } from '../aggregate/file.js';
import type { InferenceProof } from '../bundle/inference.js';
import { parseBundle, type Readable } from '../bundle/parse.js';
import { MAX_BUNDLE_BYTES } from '../bundle/schema.js';
import { contentOf, sourceOf } from '../bundle/source.js';
import { inferenceNetwork } from '../run/inferenceNetwork.js';
import { verifyAggregate } from './aggregate.js';
import type { InferenceSettings } from './inferenceSettings.js';
import type { LimitOptions } from './limits.js';
import { type ReferenceOptions, sameSrs } from './reference.js';
import { verifyTrainingRun } from './run.js';

/** What is wanted of the run; all but `run` are as for `verifyTrainingRun` and `verifyAggregate`, and need it. */
export interface OfRun extends ReferenceOptions, LimitOptions {
  run?: Readable;
  aggregationKey?: string;
  deriveKey?: DeriveKey;
  allowRepeatedShards?: boolean;
}

/** What a run says of itself, nothing of it verified yet. */
export interface ClaimedRun {
  value: object;
  aggregate: boolean;
  spec: SgdSpec;
}

/**
 * Reads the run, and compares what it says with the proof: one SRS, rows and columns, the digest of the last weights. A proof that cannot
 * be of this run is refused here, before any key is derived.
 *
 * Errors: `INFERENCE_RUN`, `INFERENCE_WEIGHTS`; `OPTION_INVALID` for an option that is about the other kind of run.
 */
export async function readRun(
  file: InferenceProof,
  settings: InferenceSettings,
  options: OfRun,
): Promise<ClaimedRun> {
  const value = await fileOf(options.run!);
  const aggregate = (value as { format?: unknown }).format === AGGREGATE_FORMAT;
  const other = aggregate ? options.allowRepeatedShards : options.aggregationKey;
  if (other !== undefined) {
    const name = aggregate ? 'allowRepeatedShards' : 'aggregationKey';
    throw new PotError('OPTION_INVALID', `${name} says nothing about this kind of run`, {
      details: { option: name },
    });
  }
  const { spec, srs, weightsAfter } = claimed(value, aggregate);
  if (!sameSrs(srs, file.srs)) {
    throw new PotError('INFERENCE_RUN', 'run and proof were made with different SRSs');
  }
  const { k, weightColumns } = settings.shape;
  if (spec.shape.k !== k || spec.shape.weightColumns !== weightColumns) {
    throw new PotError('INFERENCE_RUN', "the proof's rows and columns of weights are not the run's");
  }
  requireSame(weightsAfter, file);
  return { value, aggregate, spec };
}

/** Errors: `INFERENCE_RUN`. */
function claimed(value: object, aggregate: boolean) {
  try {
    if (aggregate) {
      const { run, aggregate: proven } = parseAggregate(value);
      return { spec: run.spec, srs: run.srs, weightsAfter: proven.public.weightsOut };
    }
    const { run, windows } = parseBundle(value);
    return { spec: run.spec, srs: run.srs, weightsAfter: windows[windows.length - 1]!.public.weightsOut };
  } catch (e) {
    throw isPotError(e) ? refused(e.shortMessage, e.code) : e;
  }
}

/**
 * That the proof's graph is the run's network and nothing else: made anew, for as many samples. So its outputs are those of the last
 * layer, or predicates of these, and its names the library's own. Errors: `INFERENCE_RUN`, `INFERENCE_MODEL`.
 */
export function checkRunGraph(halo2: Halo2, file: InferenceProof, info: GraphInfo, spec: SgdSpec): void {
  const samples = info.tensors.find(({ role }) => role === 'data')?.shape[0] ?? 0;
  const predicates = info.outputs.flatMap(({ says }) => (says ? [says.predicate] : []));
  const network = JSON.stringify(inferenceNetwork(spec, samples, predicates));
  if (samples >= 1 && halo2.denseInference(network) === file.graph) return;
  throw new PotError('INFERENCE_RUN', "the proof's graph is not the run's network");
}

/**
 * Verifies the run itself, with all its checks, and that it ended with the proof's weights. Gives its id. Errors: `INFERENCE_RUN`,
 * `INFERENCE_WEIGHTS`.
 */
export async function verifyRun(
  file: InferenceProof,
  { value, aggregate }: ClaimedRun,
  options: OfRun,
): Promise<string> {
  const { aggregationKey, deriveKey, allowRepeatedShards, minPrecision, maxTolerance } = options;
  const common = there({ ...referenceOf(options), minPrecision, maxTolerance });
  const { ok, failure, proven } = aggregate
    ? await verifyAggregate(value, { ...common, ...there({ aggregationKey, deriveKey }) })
    : await verifyTrainingRun(value, { ...common, ...there({ allowRepeatedShards }) });
  if (!ok || !proven) throw refused(failure?.message ?? 'it proves nothing', failure?.code);
  if (proven.part)
    throw new PotError('INFERENCE_RUN', 'a part of a run does not say where its weights come from');
  requireSame(proven.weightsAfter, file);
  return proven.runId;
}

function requireSame(weightsAfter: string, { public: { weights } }: InferenceProof): void {
  if (weightsAfter === weights) return;
  throw new PotError(
    'INFERENCE_WEIGHTS',
    'the proof is about other weights than those that the run ended with',
    {
      details: { run: weightsAfter, found: weights },
    },
  );
}

function refused(why: string, code: string | undefined): PotError {
  return new PotError('INFERENCE_RUN', `the run does not hold: ${why}`, {
    details: { ...(code && { code }) },
  });
}

/** The options that are about the SRS and the engine. */
export function referenceOf(options: ReferenceOptions): ReferenceOptions {
  const { allowDevelopmentSrs, srs, expectedSrsHash, engine, threads, cache } = options;
  return there({ allowDevelopmentSrs, srs, expectedSrsHash, engine, threads, cache }) as ReferenceOptions;
}

/** What is there of some options. */
function there<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as Partial<T>;
}

/** Errors: `INFERENCE_RUN`. */
async function fileOf(run: Readable): Promise<object> {
  const content = contentOf(await sourceOf(run));
  if ('value' in content) return content.value;
  try {
    const value = readStrictJson(content.raw, { maxBytes: MAX_BUNDLE_BYTES });
    if (typeof value === 'object' && value !== null) return value;
  } catch (e) {
    throw isPotError(e) ? refused(e.shortMessage, e.code) : e;
  }
  throw refused('it is no file of one', 'FORMAT_FOREIGN');
}
