import { createHash } from 'node:crypto';
import { PotError } from '@proof-of-training/errors';
import { z } from 'zod';
import { MAX_ARTEFACT } from '../artefacts/store.js';

/** Of everything that trainer and workers say to each other; a queue has one. */
export const VERSION = 1;
/** What a job may take in the queue: it holds hashes, numbers and ids. */
const MAX_JOB = 2 ** 20;
/** A proof has kilobytes. */
const MAX_PROOF = 2 ** 22;

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const worker = z.string().regex(/^[0-9a-f]{16}$/);
const artefact = z.strictObject({ hash, bytes: z.int().min(1).max(MAX_ARTEFACT) });

const jobSchema = z.strictObject({
  version: z.literal(VERSION),
  kind: z.enum(['window', 'genesis', 'aggregation']),
  /** What is to be proven, in one hash. */
  statement: hash,
  /** Peak memory by the planner's estimate. */
  memoryBytes: z.number().min(0),
  srs: artefact,
  /** The task, encrypted to the workers that are named. */
  witness: artefact,
  /** Ids of the workers who can open it. */
  workers: z.array(worker).min(1).max(10_000),
});

/** What stands in the queue of a proof that is to be made: nothing secret. */
export type JobMessage = z.infer<typeof jobSchema>;

const resultSchema = z.strictObject({
  version: z.literal(VERSION),
  worker,
  proof: z.base64().max(Math.ceil(MAX_PROOF / 3) * 4),
  ms: z.number().min(0),
  keygenMs: z.number().min(0).optional(),
  key: z.enum(['memory', 'disk', 'made']).optional(),
  /** Ed25519 over {@link signedText}, base64url. */
  signature: z.string().max(100),
});

/** What a worker says of a finished job. */
export type ResultMessage = z.infer<typeof resultSchema>;

const failureSchema = z.strictObject({
  worker,
  code: z.string().regex(/^[A-Z][A-Z0-9_]{0,60}$/),
  message: z.string().max(2000),
});

/** What a worker says of a job that failed. */
export type FailureMessage = z.infer<typeof failureSchema>;

/** Errors: `CLUSTER_MESSAGE`. */
export function parseJob(data: unknown): JobMessage {
  return parsed(jobSchema, data, 'a job');
}

/** Errors: `CLUSTER_MESSAGE`. */
export function parseResult(data: unknown): ResultMessage {
  return parsed(resultSchema, data, 'a result');
}

/** Why a job failed; the queue itself says so in words of its own. */
export function parseFailure(reason: string): Partial<FailureMessage> & { message: string } {
  try {
    return failureSchema.parse(JSON.parse(reason));
  } catch {
    return { message: reason.slice(0, 200) };
  }
}

/** What a worker signs: that this proof is its answer to this statement. */
export function signedText(statement: string, proof: string): string {
  const digest = createHash('sha256').update(proof).digest('hex');
  return `proof-of-training/result/${VERSION}\n${statement}\n${digest}\n`;
}

export function messageError(what: string): PotError {
  return new PotError('CLUSTER_MESSAGE', what);
}

function parsed<T>(schema: z.ZodType<T>, data: unknown, what: string): T {
  const version = (data as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version !== VERSION)
    throw messageError(`${what} is of version ${version}, this is version ${VERSION}`);
  const result = schema.safeParse(data);
  if (result.success && (schema !== (jobSchema as unknown) || JSON.stringify(data).length <= MAX_JOB))
    return result.data;
  throw messageError(`${what} in the queue does not fit its format`);
}
