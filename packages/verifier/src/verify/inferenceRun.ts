import { PotError } from '@proof-of-training/halo2-wasm';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import type { DeriveKey } from '../aggregate/derivedOnce.js';
import { AGGREGATE_FORMAT } from '../aggregate/file.js';
import type { InferenceProof } from '../bundle/inference.js';
import type { Readable } from '../bundle/parse.js';
import { MAX_BUNDLE_BYTES } from '../bundle/schema.js';
import { contentOf, sourceOf } from '../bundle/source.js';
import { verifyAggregate } from './aggregate.js';
import type { ReferenceOptions } from './reference.js';
import type { Checklist } from './report.js';
import { verifyTrainingRun } from './run.js';

/** What is wanted of the run. */
export interface OfRun extends ReferenceOptions {
  run?: Readable;
  /** Of an aggregate: as for `verifyAggregate`. */
  aggregationKey?: string;
  deriveKey?: DeriveKey;
}

/**
 * Verifies the run that a model is said to come from, and that the proof is about the weights that it ended with: one digest, under one
 * SRS. Gives false where that does not hold.
 */
export async function checkInferenceRun(
  list: Checklist,
  file: InferenceProof,
  options: OfRun,
  keep: (runId: string) => void,
): Promise<boolean> {
  const { run } = options;
  if (run === undefined) return true;
  return list.run('run', async () => {
    const reference = referenceOf(options);
    const pinned = there({ aggregationKey: options.aggregationKey, deriveKey: options.deriveKey });
    const value = await fileOf(run);
    const verified =
      (value as { format?: unknown }).format === AGGREGATE_FORMAT
        ? await verifyAggregate(value, { ...reference, ...pinned })
        : await verifyTrainingRun(value, reference);
    const { ok, failure, proven, referenceString } = verified;
    if (!ok || !proven || !referenceString) {
      throw new PotError('INFERENCE_RUN', `the run does not hold: ${failure?.message}`, {
        details: { ...(failure && { code: failure.code }) },
      });
    }
    if (proven.part)
      throw new PotError('INFERENCE_RUN', 'a part of a run does not say where its weights come from');
    if (referenceString.hash.replace(/^0x/, '') !== file.srs.hash.replace(/^0x/, '')) {
      throw new PotError('INFERENCE_RUN', 'run and proof were made with different SRSs');
    }
    if (proven.weightsAfter !== file.public.weights) {
      throw new PotError(
        'INFERENCE_WEIGHTS',
        'the proof is about other weights than those that the run ended with',
        {
          details: { run: proven.weightsAfter, found: file.public.weights },
        },
      );
    }
    keep(proven.runId);
    return `the weights are those that the run ${proven.runId} ended with, after ${proven.steps} steps`;
  });
}

/** The options that are about the SRS and the engine. */
export function referenceOf({
  allowDevelopmentSrs,
  srs,
  expectedSrsHash,
  engine,
  threads,
  cache,
}: ReferenceOptions): ReferenceOptions {
  return there({ allowDevelopmentSrs, srs, expectedSrsHash, engine, threads, cache }) as ReferenceOptions;
}

/** What is there of some options. */
function there<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, v]) => v !== undefined)) as Partial<T>;
}

async function fileOf(run: Readable): Promise<object> {
  const content = contentOf(await sourceOf(run));
  const value =
    'value' in content ? content.value : readStrictJson(content.raw, { maxBytes: MAX_BUNDLE_BYTES });
  if (typeof value === 'object' && value !== null) return value;
  throw new PotError('FORMAT_FOREIGN', 'the run is no file of one');
}
