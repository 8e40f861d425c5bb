import { asPotError, PotError, type PotErrorJson } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import type { ReferenceOptions, VerificationReport } from '@proof-of-training/verifier';
import type { Readable } from '@proof-of-training/verifier/files';
import { type OnDisk, referenceShape, verifyInference } from '@proof-of-training/verifier/node';
import { checkOptions, kinds, type ShapeFor } from '@proof-of-training/verifier/options';
import { z } from 'zod';
import { type ComplianceFile, contextOf, parseCompliance } from './file.js';
import {
  disclosedSchema,
  knownFields,
  type Metadata,
  metadataSchema,
  mismatch,
  type OpenedField,
} from './metadata.js';
import { type Rule, type RuleResult, resultsOf, revealsOf, rulesSchema } from './rule.js';

/** What an auditor knows from elsewhere: all of it must be so. */
export interface ComplianceExpectations {
  /** The commitments of the model that decided, as its owner published them. Without it the proof is of some model. */
  commitments?: string[];
  /** The rules, exactly these. Without it they are what the file says. */
  rules?: Rule[];
  /** Fields that must be known to be so, in the clear or disclosed. */
  metadata?: Metadata;
  proofId?: string;
}

export interface VerifyComplianceOptions extends ReferenceOptions, OnDisk {
  expected?: ComplianceExpectations;
  /** What opens salted fields of the metadata. */
  disclosed?: Record<string, OpenedField>;
}

/** What a verified file establishes. */
export interface ProvenCompliance {
  proofId: string;
  /** As whoever proved says. */
  time: Date;
  /** Whether all rules hold. */
  isCompliant: boolean;
  status: 'compliant' | 'nonCompliant';
  results: RuleResult[];
  /** The commitment of the model's weights. */
  modelHash: string;
  /** The digest of the input. */
  dataHash: string;
  /** What is known of the metadata. */
  metadata: Metadata;
}

/** Only `ok` means anything. */
export interface ComplianceReport {
  ok: boolean;
  /** The first thing that is wrong. */
  failure?: PotErrorJson;
  compliance?: ProvenCompliance;
  /** What the verification of the proof itself found. */
  inference?: VerificationReport;
}

const shape = {
  ...referenceShape,
  expected: z
    .strictObject({
      commitments: z.array(kinds.hex32).min(1).optional(),
      rules: rulesSchema.optional(),
      metadata: metadataSchema.optional(),
      proofId: z.uuid().optional(),
    } satisfies ShapeFor<ComplianceExpectations>)
    .optional(),
  disclosed: disclosedSchema.optional(),
} satisfies ShapeFor<VerifyComplianceOptions>;

/**
 * Verifies that a decision complies with rules, or that it does not, from the file alone: what the proof shows, not what the file says of
 * it, decides. Which model, rules and metadata the verifier means is for him to say (`expected`).
 *
 * Never throws for a bad file: `ok` is false and `failure` says why. Errors: `OPTION_*`.
 *
 * @example
 * const { ok, compliance } = await verifyComplianceProof(await readFile('decision.json'), { expected: { commitments } });
 * console.log(ok && compliance?.isCompliant);
 */
export async function verifyComplianceProof(
  source: Readable,
  options: VerifyComplianceOptions = {},
): Promise<ComplianceReport> {
  checkOptions(z.object(shape), options, 'verifyComplianceProof');
  const { expected = {}, disclosed = {}, ...reference } = options;
  try {
    const file = parseCompliance(source);
    requireExpected(file, expected);
    const metadata = knownFields(file.metadata, disclosed);
    requireMetadata(metadata, expected.metadata ?? {});
    const inference = await verifyInference(file.proof, {
      ...reference,
      genesis: file.genesis,
      expected: { context: contextOf(file) },
      reveal: revealsOf(file.rules),
    });
    const { ok, failure } = inference;
    if (!ok || !inference.inference) return { ok: false, ...(failure && { failure }), inference };
    const { predicates = [], weights = '', inputs } = inference.inference;
    const results = resultsOf(file.rules, predicates);
    const isCompliant = results.every((rule) => rule.isCompliant);
    return {
      ok: true,
      inference,
      compliance: {
        proofId: file.proofId,
        time: new Date(file.time),
        isCompliant,
        status: isCompliant ? 'compliant' : 'nonCompliant',
        results,
        modelHash: weights,
        dataHash: dataHashOf(inputs),
        metadata,
      },
    };
  } catch (e) {
    return { ok: false, failure: asPotError(e).toJSON() };
  }
}

/** Errors: `EXPECTED_MISMATCH`. */
function requireExpected(
  file: ComplianceFile,
  { commitments, rules, proofId }: ComplianceExpectations,
): void {
  const { weights } = file.proof.public;
  const wrong =
    (commitments && !commitments.some((one) => one.toLowerCase() === weights) && 'commitments') ||
    (rules && canonicalJson(rules) !== canonicalJson(file.rules) && 'rules') ||
    (proofId !== undefined && proofId !== file.proofId && 'proofId');
  if (!wrong) return;
  throw new PotError('EXPECTED_MISMATCH', `${wrong} of the file are not what the verifier expects`, {
    details: { name: wrong },
  });
}

/** Errors: `EXPECTED_MISMATCH`. */
function requireMetadata(known: Metadata, wanted: Metadata): void {
  const wrong = Object.entries(wanted).find(([name, v]) => !Object.hasOwn(known, name) || known[name] !== v);
  if (wrong) throw mismatch(wrong[0]);
}

/** One decision, whose input nobody sees. Errors: `FORMAT_INVALID`. */
function dataHashOf(inputs: { committed: string } | { values: unknown }): string {
  if ('committed' in inputs) return inputs.committed;
  throw new PotError('FORMAT_INVALID', 'the proof shows its input: proofs of compliance show a digest');
}
