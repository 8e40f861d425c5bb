import { type Halo2, isPotError, PotError } from '@proof-of-training/halo2-wasm';
import { type Planned, planSpec, type SgdSpec, type UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { tooManyConstraints } from '../config/apply.js';
import { checkSize } from '../verify/structure.js';

/** WebAssembly has 4 GiB; the rest is for the reference string, the witness and fragmentation. */
const MEMORY_LIMIT = 3.5 * 2 ** 30;

/** What a circuit may not exceed, besides WebAssembly's memory. */
export interface PlanLimits {
  /** log2 of the reference string's rows. */
  maxK?: number | undefined;
  /** The pool's budget. */
  memoryBytes?: number;
  /** Cells: rows times advice columns. */
  maxConstraints?: number | undefined;
  /** Columns of a checkpoint, where the planner may not choose them. */
  weightColumns?: number | undefined;
  /** The proofs will be aggregated. */
  aggregated?: boolean;
  /** Rows and columns of the frozen base, where an earlier run's digest is wanted. */
  baseShape?: { k: number; baseColumns: number } | undefined;
}

/**
 * Plans a window's circuit.
 *
 * Errors: `CIRCUIT_TOO_LARGE` where it does not fit WebAssembly's memory, the planner's largest number of rows, or
 * the limits; hint and details name the longest window that would fit.
 */
export function planWindow(halo2: Halo2, wanted: UnplannedSpec, limits: PlanLimits = {}): Planned {
  const fits = attempt(halo2, wanted, limits);
  if (!(fits instanceof PotError)) return fits;
  for (let steps = wanted.steps >> 1; steps >= 1; steps >>= 1) {
    if (attempt(halo2, { ...wanted, steps }, limits) instanceof PotError) continue;
    throw new PotError('CIRCUIT_TOO_LARGE', fits.shortMessage, {
      cause: fits,
      details: { ...fits.details, window: wanted.steps, fits: steps },
      hint: `A window of ${steps} steps would fit.`,
    });
  }
  throw new PotError('CIRCUIT_TOO_LARGE', fits.shortMessage, {
    cause: fits,
    details: fits.details,
    hint: 'Not even one step fits: use a smaller batch or model, or a larger reference string.',
  });
}

function attempt(halo2: Halo2, spec: UnplannedSpec, limits: PlanLimits): Planned | PotError {
  const { maxK = Number.POSITIVE_INFINITY, memoryBytes: budget = MEMORY_LIMIT } = limits;
  try {
    const { weightColumns, baseShape, aggregated } = limits;
    const planned = planSpec(halo2, spec, {
      maxK,
      ...(weightColumns !== undefined && { weightColumns }),
      ...(aggregated && { aggregated }),
      ...(baseShape && { k: baseShape.k, baseColumns: baseShape.baseColumns }),
    });
    const { memoryBytes } = planned.info;
    const { k } = planned.spec.shape;
    if (memoryBytes > MEMORY_LIMIT) {
      const gib = (memoryBytes / 2 ** 30).toFixed(1);
      return new PotError('CIRCUIT_TOO_LARGE', `the circuit needs about ${gib} GiB, WebAssembly has 4`, {
        details: { memoryBytes },
      });
    }
    if (memoryBytes > budget) {
      const [needs, has] = [memoryBytes, budget].map((bytes) => Math.ceil(bytes / 2 ** 20));
      return new PotError(
        'CIRCUIT_TOO_LARGE',
        `the circuit needs about ${needs} MB, the budget is ${has} MB`,
        {
          details: { memoryBytes, budgetBytes: budget },
        },
      );
    }
    const refusal = tooManyConstraints(planned.info, limits.maxConstraints);
    if (refusal) return refusal;
    const unverifiable = refusedByVerifiers(planned.spec);
    if (unverifiable) return unverifiable;
    if (k > maxK) {
      return new PotError(
        'CIRCUIT_TOO_LARGE',
        `the circuit has 2^${k} rows, the reference string 2^${maxK}`,
        {
          details: { k, maxK },
        },
      );
    }
    return planned;
  } catch (e) {
    if (isPotError(e, 'CIRCUIT_TOO_LARGE')) return e;
    throw e;
  }
}

/** A circuit that `verifyTrainingRun` would refuse for its size is not worth proving. */
function refusedByVerifiers(spec: SgdSpec): PotError | undefined {
  try {
    checkSize(spec);
  } catch (e) {
    if (!isPotError(e, 'SPEC_TOO_LARGE')) throw e;
    return new PotError('CIRCUIT_TOO_LARGE', `verifiers refuse it: ${e.shortMessage}`, {
      details: e.details,
    });
  }
  return undefined;
}
