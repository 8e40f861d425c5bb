import { type Halo2, isPotError, PotError } from '@proof-of-training/halo2-wasm';
import type { Planned, UnplannedSpec } from '@proof-of-training/sgd-circuit';
import { checkSize } from '@proof-of-training/verifier';
import { type CircuitLimit, cellsUpTo, memoryBudgetOf, rowsUpTo, wasmMemory } from '../plan/limits.js';
import { type CircuitWish, longestWindow, planCircuit } from '../plan/planCircuit.js';
import { largestK, type SrsChoice } from '../run/chooseSrs.js';

/** How a session's circuit is wanted, and what it may not exceed, besides WebAssembly's memory. */
export interface PlanLimits {
  /** The SRS, where one was given. */
  srs?: SrsChoice | undefined;
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
  const wish = wishOf(limits);
  try {
    return planCircuit(halo2, wanted, wish);
  } catch (e) {
    if (!isPotError(e, 'CIRCUIT_TOO_LARGE')) throw e;
    const fits = longestWindow(halo2, wanted, wish);
    throw new PotError('CIRCUIT_TOO_LARGE', e.shortMessage, {
      cause: e,
      details: { ...e.details, ...(fits !== undefined && { window: wanted.steps, fits }) },
      hint:
        fits !== undefined
          ? `A window of ${fits} steps would fit.`
          : 'Not even one step fits: use a smaller batch or model, or a larger SRS.',
    });
  }
}

function wishOf({
  srs,
  memoryBytes,
  maxConstraints,
  weightColumns,
  aggregated,
  baseShape,
}: PlanLimits): CircuitWish {
  return {
    srs,
    ...(weightColumns !== undefined && { weightColumns }),
    ...(aggregated && { aggregated }),
    ...(baseShape && { k: baseShape.k, baseColumns: baseShape.baseColumns }),
    limits: [
      wasmMemory,
      memoryBudgetOf(memoryBytes),
      cellsUpTo(maxConstraints),
      verifiable,
      rowsUpTo(largestK({ srs })),
    ],
  };
}

/** A circuit that `verifyTrainingRun` would refuse for its size is not worth proving. */
const verifiable: CircuitLimit = ({ spec }) => {
  try {
    checkSize(spec);
  } catch (e) {
    if (!isPotError(e, 'SPEC_TOO_LARGE')) throw e;
    return new PotError('CIRCUIT_TOO_LARGE', `verifiers refuse it: ${e.shortMessage}`, {
      details: e.details,
    });
  }
  return undefined;
};
