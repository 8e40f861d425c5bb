import { PotError } from '@proof-of-training/halo2-wasm';
import { canonicalJson } from '@proof-of-training/sgd-circuit';
import { type ProvenPredicate, predicatesOf, type Reveal } from '@proof-of-training/verifier';
import { z } from 'zod';

/**
 * What must hold of an output, counted from 0: it is at least, at most or between limits; the largest one is (or is not) that of a class.
 * Outputs are the last layer's values, before softmax or sigmoid.
 */
export type Requirement =
  | { output: number; atLeast: number; atMost?: number }
  | { output: number; atMost: number; atLeast?: number }
  | { class: number }
  | { notClass: number };

/** A rule of a jurisdiction: a decision complies where all of it holds. */
export interface Rule {
  /** 1 to 64 letters, digits, `.`, `_`, `-`. */
  id: string;
  jurisdiction?: string;
  requires: Requirement[];
}

/** What was proven of a rule, whether it holds or not. */
export interface RuleResult {
  id: string;
  jurisdiction?: string;
  isCompliant: boolean;
}

const index = z.int().min(0).max(4095);
const limit = z.number();
const requirementSchema = z.union([
  z.strictObject({ output: index, atLeast: limit, atMost: limit.optional() }),
  z.strictObject({ output: index, atMost: limit, atLeast: limit.optional() }),
  z.strictObject({ class: index }),
  z.strictObject({ notClass: index }),
]);

/** A name in files: no control characters, no tricks of direction. */
export const nameSchema = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

export const rulesSchema = z
  .array(
    z.strictObject({
      id: nameSchema,
      jurisdiction: nameSchema.optional(),
      requires: z.array(requirementSchema).min(1).max(16),
    }),
  )
  .min(1)
  .max(32)
  .refine((rules) => new Set(rules.map(({ id }) => id)).size === rules.length, 'must have each id once');

/** The predicates that say whether rules hold, each once: two rules may ask for one. */
export function revealsOf(rules: readonly Rule[]): Reveal[] {
  const all = rules.flatMap(({ requires }) => requires.map(revealOf));
  return [...new Map(all.map((reveal) => [canonicalJson(reveal), reveal])).values()];
}

/** What the proven predicates say of each rule. Errors: `EXPECTED_MISMATCH` for a requirement that no predicate is about. */
export function resultsOf(rules: readonly Rule[], predicates: readonly ProvenPredicate[]): RuleResult[] {
  const bits = predicates.find(({ integers }) => integers)?.integers?.bits ?? 0;
  const keyOf = (reveal: Reveal) => canonicalJson(predicatesOf('rule', reveal, { bits }));
  const proven = new Map(predicates.map(({ reveal, holds }) => [keyOf(reveal), holds]));
  const met = (requirement: Requirement) => {
    const holds = proven.get(keyOf(revealOf(requirement)));
    if (!holds || holds.length === 0)
      throw new PotError('EXPECTED_MISMATCH', 'a rule asks for what the proof does not show', {
        details: { name: 'rules' },
      });
    return holds.every((one) => one !== 'notClass' in requirement);
  };
  return rules.map(({ id, jurisdiction, requires }) => {
    const isCompliant = requires.map(met).every(Boolean);
    return { id, ...(jurisdiction !== undefined && { jurisdiction }), isCompliant };
  });
}

function revealOf(requirement: Requirement): Reveal {
  return 'notClass' in requirement ? { class: requirement.notClass } : requirement;
}
