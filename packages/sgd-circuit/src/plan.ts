import { type Halo2, isPotError, PotError, requireHalo2 } from '@proof-of-training/halo2-wasm';
import { z } from 'zod';
import { checkArgument } from './check.js';
import {
  checkedSpec,
  parseSpec,
  parseUnplannedSpec,
  type SgdSpec,
  specSchema,
  type UnplannedSpec,
} from './spec.js';

/** What the planner may not choose by itself. */
export interface PlanConstraints {
  /** log2 of the number of rows. */
  k?: number;
  weightColumns?: number;
  /** Of the frozen base, where there is one. */
  baseColumns?: number;
  /** The proofs will be aggregated: fewer columns, each a point for the aggregation circuit, if need be in more rows. */
  aggregated?: boolean;
  /**
   * log2 of the rows that the SRS has. The planner takes more rows where that keeps a proof within 8448 bytes; up to
   * here if the circuit fits at all.
   */
  maxK?: number;
}

const count = z.int().min(1);
const constraintsSchema = z.strictObject({
  k: count.optional(),
  weightColumns: count.optional(),
  baseColumns: count.optional(),
  aggregated: z.boolean().optional(),
  maxK: z.union([count, z.literal(Number.POSITIVE_INFINITY)]).optional(),
} satisfies { [K in keyof Required<PlanConstraints>]: z.ZodType });

const infoSchema = z.looseObject({
  rows: z.number(),
  proofBytes: z.number(),
  memoryBytes: z.number(),
});

/** Estimates of the planner, and how many proofs may share a column group's salt. */
export type PlanInfo = z.infer<typeof infoSchema>;

/** A specification with its shape. */
export interface Planned {
  spec: SgdSpec;
  info: PlanInfo;
}

/**
 * Chooses rows and columns.
 *
 * Errors: `SPEC_INVALID`, `OPTION_INVALID` (a constraint), and those of the Rust planner, e.g. a circuit that is too large.
 *
 * @example
 * const { spec, info } = planSpec(halo2, unplanned);
 * console.log(spec.shape.k, info.proofBytes);
 */
export function planSpec(halo2: Halo2, spec: UnplannedSpec, given: PlanConstraints = {}): Planned {
  requireHalo2(halo2, 'planSpec');
  parseUnplannedSpec(spec);
  checkArgument(constraintsSchema, given, 'planSpec', 'constraints');
  const { maxK = Number.POSITIVE_INFINITY, ...constraints } = given;
  const planned = planOnce(halo2, spec, constraints);
  if (planned.spec.shape.k <= maxK || constraints.k !== undefined) return planned;
  try {
    return planOnce(halo2, spec, { ...constraints, k: maxK });
  } catch (e) {
    if (isPotError(e, 'CIRCUIT_TOO_LARGE')) return planned;
    throw e;
  }
}

function planOnce(halo2: Halo2, spec: UnplannedSpec, constraints: Omit<PlanConstraints, 'maxK'>): Planned {
  const { info, ...planned } = JSON.parse(
    halo2.plan(JSON.stringify(spec), JSON.stringify(constraints)),
  ) as Record<string, unknown>;
  const parsed = infoSchema.safeParse(info);
  if (!parsed.success) {
    throw new PotError('PLAN_INFO', 'the planner of this WebAssembly module does not fit this package');
  }
  return { spec: parseSpec(planned), info: parsed.data };
}

/**
 * The genesis circuit that belongs to a window's: the same weights, and the same base, in the same columns, at the
 * same number of rows, so that its commitments to W_0 and to the base are the window's.
 *
 * Errors: those of {@link planSpec}.
 *
 * @example
 * const { spec } = planSpec(halo2, unplanned);
 * const genesis = planGenesis(halo2, spec);
 */
export function planGenesis(halo2: Halo2, window: SgdSpec): Planned {
  requireHalo2(halo2, 'planGenesis');
  checkedSpec(specSchema, window);
  const { shape, ...rest } = window;
  return planSpec(
    halo2,
    { ...rest, kind: 'genesis', mode: 'exact', toleranceLimbs: 0 },
    {
      k: shape.k,
      weightColumns: shape.weightColumns,
      ...(shape.baseColumns !== undefined && { baseColumns: shape.baseColumns }),
    },
  );
}
