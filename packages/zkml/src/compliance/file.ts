import { canonicalJson } from '@proof-of-training/sgd-circuit';
import {
  FORMAT_VERSION,
  type InferenceProof,
  inferenceSchema,
  parseAs,
  parseTrainingProof,
  type Readable,
  type TrainingProof,
} from '@proof-of-training/verifier/files';
import { sha256Field } from '@proof-of-training/verifier/run';
import { z } from 'zod';
import { type Field, fieldsSchema } from './metadata.js';
import { type Rule, rulesSchema } from './rule.js';

export const COMPLIANCE_FORMAT = 'proof-of-training/compliance';
/** Largest file that is read, in bytes. */
const MAX_BYTES = 4 << 20;

/** What a proof is bound to, besides model, input and predicates. */
export interface ComplianceStatement {
  /** A UUID, chosen when it was made. */
  proofId: string;
  /** Milliseconds since 1970, as whoever proved says. */
  time: number;
  rules: Rule[];
  metadata: Field[];
}

/** A decision, proven to comply with rules or not to: for an auditor. */
export interface ComplianceFile extends ComplianceStatement {
  format: typeof COMPLIANCE_FORMAT;
  version: typeof FORMAT_VERSION;
  proof: InferenceProof;
  /** That the model's weights are in range. */
  genesis: TrainingProof;
}

const fileSchema = z.strictObject({
  format: z.literal(COMPLIANCE_FORMAT),
  version: z.literal(FORMAT_VERSION),
  proofId: z.uuid(),
  time: z.int().min(0),
  rules: rulesSchema,
  metadata: fieldsSchema,
  proof: inferenceSchema,
  genesis: z.unknown(),
});

/**
 * Reads a file of unknown origin. Errors: those of `parseBundle`.
 *
 * @example
 * const { rules, metadata } = parseCompliance(await readFile('decision.json'));
 */
export function parseCompliance(source: Readable): ComplianceFile {
  const file = parseAs(source, COMPLIANCE_FORMAT, fileSchema, MAX_BYTES);
  return { ...file, genesis: parseTrainingProof(file.genesis as TrainingProof) } as ComplianceFile;
}

/**
 * What the proof's context must be: a digest of all that the file says besides. The context is a public input of the proof, and is in its
 * transcript from the beginning, so a proof holds with no other.
 */
export function contextOf({ proofId, time, rules, metadata }: ComplianceStatement): string {
  return sha256Field(`${COMPLIANCE_FORMAT}@v1\n${canonicalJson({ proofId, time, rules, metadata })}`);
}
