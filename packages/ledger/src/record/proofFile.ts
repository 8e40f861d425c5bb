import { readFile, stat } from 'node:fs/promises';
import { PotError } from '@proof-of-training/errors';
import { readStrictJson } from '@proof-of-training/sgd-circuit';
import {
  AGGREGATE_FORMAT,
  BUNDLE_FORMAT,
  INFERENCE_FORMAT,
  type InferenceProof,
  MAX_BUNDLE_BYTES,
  parseAggregate,
  parseBundle,
  parseInference,
  type Shown,
} from '@proof-of-training/verifier/files';
import type { VerificationReport } from '@proof-of-training/verifier/node';
import { checkOptions, type ShapeFor } from '@proof-of-training/verifier/options';
import { type Run, settingsDigest, settingsOf } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import { bad } from '../artefact.js';
import { digestOfBytes, poseidonDigest } from '../events/digest.js';
import type { Verification } from '../events/verification.js';
import type { Appended, EventLog } from '../log/eventLog.js';

/** What `recordProof` takes. */
export interface ProofOptions {
  /** Bundle, aggregate or proof of an inference. */
  path: string;
  /** Verifies it before it is recorded; an object has the options of `verifyTrainingRun`, `verifyAggregate` or `verifyInference`. */
  verify?: boolean | object;
}

const schema = z.object({
  path: z.string().min(1),
  verify: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional(),
} satisfies ShapeFor<ProofOptions>);

/** A file that was read once: what is recorded is of these bytes. */
interface Source {
  value: { format?: unknown };
  digest: string;
}

/**
 * Records a run (`training.run`) or an inference by its file: which data and weights it is about, and what verifying it gave. A file that
 * does not verify is recorded as refused; whoever is shown the event verifies the file, whose digest it has.
 *
 * Errors: `OPTION_*`, `LEDGER_ARTEFACT`, `FORMAT_*`, those of `EventLog.append`.
 *
 * @example
 * await recordProof(log, { path: 'run/bundle.json', verify: true });
 */
export async function recordProof(
  log: EventLog,
  options: ProofOptions,
): Promise<Appended & { verification: Verification }> {
  checkOptions(schema, options, 'recordProof');
  const source = await read(options.path);
  const { format } = source.value;
  const kind = KINDS[format as keyof typeof KINDS];
  if (!kind) {
    throw new PotError('FORMAT_FOREIGN', 'the file is no bundle, aggregate or proof of an inference', {
      hint: 'Record other files with recordFile.',
    });
  }
  const fields = kind.fields(source);
  const verification = await verificationOf(source, kind.verify, options.verify ?? false, fields.development);
  const { development, ...recorded } = fields;
  const event = { type: kind.type, fields: { ...recorded, verification } };
  return { ...(await log.append(event)), verification };
}

async function read(path: string): Promise<Source> {
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_BUNDLE_BYTES) throw bad(path, `has more than ${MAX_BUNDLE_BYTES} bytes`);
    bytes = new Uint8Array(await readFile(path));
  } catch (e) {
    throw e instanceof PotError ? e : bad(path, 'cannot be read', e);
  }
  const value = readStrictJson(bytes, { maxBytes: MAX_BUNDLE_BYTES }, path);
  return { value: typeof value === 'object' && value !== null ? value : {}, digest: digestOfBytes(bytes) };
}

type Verify = 'verifyTrainingRun' | 'verifyAggregate' | 'verifyInference';

/** What the event has besides `verification`, and whether the SRS is the insecure one. */
type Fields = Record<string, unknown> & { development: boolean };

const KINDS: Record<string, { type: string; verify: Verify; fields: (source: Source) => Fields }> = {
  [BUNDLE_FORMAT]: { type: 'training.run', verify: 'verifyTrainingRun', fields: bundleFields },
  [AGGREGATE_FORMAT]: { type: 'training.run', verify: 'verifyAggregate', fields: aggregateFields },
  [INFERENCE_FORMAT]: { type: 'inference', verify: 'verifyInference', fields: inferenceFields },
};

function bundleFields({ value, digest }: Source): Fields {
  const { run, windows } = parseBundle(value);
  return {
    ...runFields(run, run.shards.length),
    format: 'bundle',
    file: digest,
    weightsBefore: poseidonDigest(run.genesis),
    weightsAfter: poseidonDigest(windows.at(-1)!.public.weightsOut),
    steps: windows.length * run.spec.steps,
    windows: windows.length,
  };
}

function aggregateFields({ value, digest }: Source): Fields {
  const { run, aggregate } = parseAggregate(value);
  const { firstStep, endStep, weightsIn, weightsOut } = aggregate.public;
  return {
    ...runFields(run, run.shardCount),
    format: 'aggregate',
    file: digest,
    weightsBefore: poseidonDigest(weightsIn),
    weightsAfter: poseidonDigest(weightsOut),
    steps: endStep - firstStep,
    windows: Math.floor((endStep - firstStep) / run.spec.steps),
  };
}

function runFields(run: Omit<Run, 'shards'>, shards: number): Fields {
  return {
    runId: poseidonDigest(run.runId),
    dataset: poseidonDigest(run.datasetRoot),
    settings: poseidonDigest(settingsDigest(settingsOf(run, shards))),
    start: run.start.kind,
    ...(run.base !== undefined && { base: poseidonDigest(run.base) }),
    shards,
    srs: run.srs.hash,
    development: run.srs.development,
  };
}

function inferenceFields({ value, digest }: Source): Fields {
  const { graph, srs, public: statement } = parseInference(value) as InferenceProof;
  const { weights, frozen, context, inputs, outputs } = statement;
  return {
    file: digest,
    graph: digestOfBytes(graph),
    context: poseidonDigest(context),
    ...(weights !== '' && { weights: poseidonDigest(weights) }),
    ...(frozen !== '' && { frozen: poseidonDigest(frozen) }),
    ...shownDigest('input', inputs),
    ...shownDigest('output', outputs),
    srs: srs.hash,
    development: srs.development,
  };
}

function shownDigest(name: string, shown: Shown): Record<string, string> {
  if (shown === 'nothing') return {};
  if ('committed' in shown) return { [name]: poseidonDigest(shown.committed) };
  // Whole numbers in lists: their JSON has one form.
  return { [name]: digestOfBytes(JSON.stringify(shown.public)) };
}

async function verificationOf(
  { value }: Source,
  name: Verify,
  verify: boolean | object,
  developmentSrs: boolean,
): Promise<Verification> {
  if (verify === false) return { result: 'not looked at', pinned: [], developmentSrs };
  const verifier = await import('@proof-of-training/verifier/node');
  const options = verify === true ? {} : verify;
  const report: VerificationReport = await verifier[name](value, options);
  const { ok, conditional, failure, pinned } = report;
  if (ok) return { result: conditional ? 'conditional' : 'verified', pinned, developmentSrs };
  return { result: 'refused', ...(failure && { failure: failure.code }), pinned, developmentSrs };
}
