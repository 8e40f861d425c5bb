import { z } from 'zod';
import { digestSchema, nameSchema, sha256Schema } from './digest.js';
import { defineKind } from './kind.js';

const names = z.array(nameSchema).min(1).max(1000);

/** What must hold of everything that an artefact was made from. That none of it is in quarantine is always asked. */
const ruleSchema = z.discriminatedUnion('rule', [
  /** Nothing comes from these. */
  z.strictObject({ rule: z.literal('no-source'), sources: names }),
  z.strictObject({ rule: z.literal('no-origin'), origins: names }),
  /** Every tag is of one of these. */
  z.strictObject({ rule: z.literal('only-sources'), sources: names }),
  /** All that nothing recorded has made has a tag. */
  z.strictObject({ rule: z.literal('tagged') }),
  /** Every package in it has verified attestations. */
  z.strictObject({ rule: z.literal('provenance') }),
]);

export const policySchema = z.strictObject({
  name: nameSchema,
  rules: z.array(ruleSchema).min(1).max(100),
});

/**
 * What artefacts may be used.
 *
 * @example
 * const policy: Policy = { name: 'known sources', rules: [{ rule: 'tagged' }, { rule: 'no-source', sources: ['S'] }] };
 */
export type Policy = z.infer<typeof policySchema>;

const violationSchema = z.strictObject({
  /** `quarantine`, or the rule's name. */
  rule: z.enum(['quarantine', 'no-source', 'no-origin', 'only-sources', 'tagged', 'provenance']),
  /** What was to be used. */
  artefact: digestSchema,
  /** What it was made from that breaks the rule. */
  because: digestSchema,
});

/** Why an artefact may not be used. */
export type Violation = z.infer<typeof violationSchema>;

/** That a policy was applied before something was used, and what it said. */
export const policyCheck = defineKind({
  type: 'policy.check',
  fields: z.strictObject({
    policy: policySchema,
    /** SHA-256 of the policy's canonical JSON. */
    policyDigest: sha256Schema,
    artefacts: z.array(digestSchema).min(1).max(1000),
    /** Events before this one that were looked at. */
    events: z.int().min(0),
    allowed: z.boolean(),
    violations: z.array(violationSchema).max(100),
  }),
  rule: ({ allowed, violations }) =>
    allowed === (violations.length === 0) ? undefined : 'is allowed with violations, or refused without',
  text({ policy, artefacts, allowed, violations }) {
    const verdict = allowed === undefined ? 'verdict undisclosed' : allowed ? 'allowed' : 'REFUSED';
    const why = violations?.[0] ? ` by ${violations[0].rule}` : '';
    return `policy ${policy?.name ?? '(undisclosed)'} for ${artefacts?.length ?? 'undisclosed'} artefacts: ${verdict}${why}`;
  },
});
